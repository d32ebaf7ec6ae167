"""Questions about the server itself."""

from datetime import date, timedelta

import pytest

from oss_faces.errors import InvalidArgument
from oss_faces.metering import GroupBy
from oss_faces.protocol import parse_query
from oss_faces.request.server import USAGE_PARTS, ReadUsage, parse_read_usage

TODAY = date(2026, 11, 29)


def read(query: str, today: date = TODAY) -> ReadUsage:
    return parse_read_usage(parse_query(query), today)


def test_usage_of_the_last_days_is_what_is_asked_for_by_itself() -> None:
    """Thirty days to today, by day, of everybody, as JSON."""
    assert read("x-oss-faces=usage") == ReadUsage(date(2026, 10, 31), TODAY, ("day",), "", "", "json")


def test_usage_is_asked_for_in_full() -> None:
    """Every parameter is read; days are included."""
    want = read("from=2026-11-01&to=2026-11-02&by=bucket,key&key=OSSFid&bucket=photos&format=csv")
    assert want == ReadUsage(date(2026, 11, 1), date(2026, 11, 2), ("bucket", "key"), "OSSFid", "photos", "csv")


def test_parts_are_those_of_the_report() -> None:
    """What may be asked by is what sums can be taken by."""
    assert set(USAGE_PARTS) == {part.value for part in GroupBy}


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("from=2026-11-30", "behind"),
        ("from=2026-11-01&to=2026-10-31", "behind"),
        ("from=2025-10-01&to=2026-11-29", "400"),
        ("from=2026-11-31", "from"),
        ("from=20261101", "from"),
        ("to=yesterday", "to"),
        ("to=2026-11-29T00:00:00Z", "to"),
        ("to=0000-01-01", "to"),
        ("by=hour", "by"),
        ("by=day,day", "by"),
        ("by=day,", "by"),
        ("format=xml", "format"),
        ("key=" + "a" * 1024, "key"),
    ],
)
def test_wrong_question_is_refused(query: str, word: str) -> None:
    """The message names what is wrong."""
    with pytest.raises(InvalidArgument, match=word):
        read(query)


def test_longest_question_is_answered() -> None:
    """400 days, and not one more; the calendar's first day does no harm."""
    first = TODAY - timedelta(days=399)
    assert read(f"from={first}").first == first
    assert read("to=0001-01-05").first == date(1, 1, 1)
