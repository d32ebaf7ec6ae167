from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.protocol.dates import (
    format_http_date,
    format_nano_date,
    format_xml_date,
    parse_basic_date,
    parse_http_date,
    parse_iso_date,
    parse_nano_date,
)

MOMENT = datetime(2026, 11, 22, 18, 54, 3, tzinfo=UTC)


def test_the_two_spellings():
    """Both spellings of one moment give that moment."""
    assert parse_basic_date("20261122T185403Z") == MOMENT
    assert parse_http_date("Sun, 22 Nov 2026 18:54:03 GMT") == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20261122T185403",
        "20261122T185403z",
        "2026112T1185403Z",
        "20261322T185403Z",
        "20261131T185403Z",
        "20261122T245403Z",
        "00001122T185403Z",
        "99991231T235959Z",
        "19691231T235959Z",
        " 20261122T185403Z",
        "\u0662\u0660\u0662\u0666\u0661\u0661\u0662\u0662T185403Z",
    ],
)
def test_bad_basic_dates(text):
    """Anything but the form YYYYMMDDThhmmssZ of a date that exists is None."""
    assert parse_basic_date(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "22 Nov 2026 18:54:03 GMT",
        "Sun, 22 Nov 2026 18:54:03 +0000",
        "Sun, 22 nov 2026 18:54:03 GMT",
        "Sun, 2 Nov 2026 18:54:03 GMT",
        "Sun, 31 Nov 2026 18:54:03 GMT",
        "Sunday, 22-Nov-26 18:54:03 GMT",
    ],
)
def test_bad_http_dates(text):
    """Anything but the preferred form of RFC 9110 is None."""
    assert parse_http_date(text) is None


@given(st.integers(0, int(datetime(9998, 12, 31, tzinfo=UTC).timestamp())), st.floats(0, 0.999))
def test_http_dates_round_trip(seconds, fraction):
    """What is written is read again, to the second."""
    moment = datetime.fromtimestamp(seconds + fraction, UTC)
    assert parse_http_date(format_http_date(moment)) == moment.replace(microsecond=0)


def test_dates_are_written_in_utc():
    """A moment of another zone is written as that of Greenwich."""
    beijing = MOMENT.astimezone(timezone(timedelta(hours=8)))
    assert format_http_date(beijing) == "Sun, 22 Nov 2026 18:54:03 GMT"
    assert format_xml_date(beijing) == "2026-11-22T18:54:03.000Z"


def test_iso_date() -> None:
    """The extended form is read, and nothing that is like it."""
    assert parse_iso_date("2026-11-22T18:54:03Z") == datetime(2026, 11, 22, 18, 54, 3, tzinfo=UTC)
    for text in ("", "2026-11-22 18:54:03Z", "2026-11-22T18:54:03+00:00", "2026-13-22T18:54:03Z", "20261122T185403Z"):
        assert parse_iso_date(text) is None


def test_nano_date() -> None:
    """IMM's times carry fractions, in UTC."""
    moment = datetime(2026, 11, 22, 19, 54, 3, 1200, tzinfo=timezone(timedelta(hours=1)))
    assert format_nano_date(moment) == "2026-11-22T18:54:03.001200Z"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-06-29T14:50:13.011643661+08:00", datetime(2021, 6, 29, 6, 50, 13, 11643, UTC)),
        ("2021-06-29T14:50:13-05:30", datetime(2021, 6, 29, 20, 20, 13, tzinfo=UTC)),
        ("2021-06-29t14:50:13.5z", datetime(2021, 6, 29, 14, 50, 13, 500_000, UTC)),
    ],
)
def test_times_with_fractions_and_offsets(text: str, expected: datetime) -> None:
    """Whatever offset a time is written with, it is read as UTC."""
    assert parse_nano_date(text) == expected
    assert parse_nano_date(format_nano_date(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2021-06-29",
        "2021-06-29T14:50:13",
        "2021-06-31T14:50:13Z",
        "2021-06-29T24:50:13Z",
        "2021-06-29T14:50:13.Z",
        "2021-06-29T14:50:13.0116436612Z",
        "2021-06-29T14:50:13+24:00",
        "2021-06-29T14:50:13+08:60",
        "1969-06-29T14:50:13Z",
        "9999-06-29T14:50:13Z",
    ],
)
def test_no_time_with_an_offset(text: str) -> None:
    """What is no such time is none, and nothing overflows."""
    assert parse_nano_date(text) is None
