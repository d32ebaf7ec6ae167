"""What is read, which part of it, and under which conditions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces import request as requests
from oss_faces.errors import (
    InvalidObjectName,
)
from oss_faces.protocol import Query, parse_query
from oss_faces.request import Conditions, WantedRange
from oss_faces.values import Address
from tests.unit.request.wires import ADDRESS, wire

FACES = Query((("x-oss-process", "image/faces"),))

NOON = datetime(2015, 12, 5, 11, 10, 29, tzinfo=UTC)
NOON_TEXT = "Sat, 05 Dec 2015 11:10:29 GMT"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (None, None),
        ("", None),
        ("bytes=0-0", WantedRange(0, 0)),
        ("bytes=0-", WantedRange(0, None)),
        ("bytes=2-5", WantedRange(2, 5)),
        (" bytes=2-5 ", WantedRange(2, 5)),
        ("bytes=-3", WantedRange(None, 3)),
        ("bytes=-0", WantedRange(None, 0)),
        ("bytes=999999999999999999-", WantedRange(999_999_999_999_999_999, None)),
        ("bytes=9999999999999999999-", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,3-4", None),
        ("bytes=0-1-2", None),
        ("bytes=a-b", None),
        ("bytes=+1-2", None),
        ("bytes=\u00b2-", None),
        ("0-1", None),
        ("items=0-1", None),
    ],
)
def test_range_is_read_or_means_the_whole_object(text: str | None, wanted: WantedRange | None) -> None:
    """One range of bytes is understood; several, reversed, endless or malformed ones ask for everything."""
    assert requests.parse_range(text) == wanted


@pytest.mark.parametrize(
    ("wanted", "size_bytes", "edges"),
    [
        (WantedRange(0, 0), 0, None),
        (WantedRange(None, 5), 0, None),
        (WantedRange(0, None), 0, None),
        (WantedRange(0, 0), 10, (0, 1)),
        (WantedRange(2, 5), 10, (2, 6)),
        (WantedRange(2, 99), 10, (2, 10)),
        (WantedRange(9, None), 10, (9, 10)),
        (WantedRange(10, None), 10, None),
        (WantedRange(10, 20), 10, None),
        (WantedRange(None, 3), 10, (7, 10)),
        (WantedRange(None, 99), 10, (0, 10)),
        (WantedRange(None, 0), 10, None),
    ],
)
def test_range_is_resolved_within_the_object(
    wanted: WantedRange, size_bytes: int, edges: tuple[int, int] | None
) -> None:
    """A range is cut to the object; one that covers nothing is none."""
    assert wanted.resolve(size_bytes) == edges


@given(st.integers(0, 50) | st.none(), st.integers(0, 50) | st.none(), st.integers(0, 40))
def test_resolved_range_is_the_slice_of_the_same_edges(first: int | None, last: int | None, size: int) -> None:
    """Whatever is asked for, the answer is what Python cuts out of the bytes."""
    if (first is None and last is None) or (first is not None and last is not None and last < first):
        return
    content = bytes(range(size))
    wanted = content[-last:] if first is None and last else content[first : None if last is None else last + 1]
    if first is None and last == 0:
        wanted = b""
    edges = WantedRange(first, last).resolve(size)
    assert (content[slice(*edges)] if edges else b"") == wanted


@pytest.mark.parametrize(("text", "strict"), [(None, False), ("standard", True), ("Standard", True), ("other", False)])
def test_only_the_documented_word_makes_ranges_strict(text: str | None, strict: bool) -> None:
    """`x-oss-range-behavior: standard` asks for 416 in place of the whole object."""
    headers = {} if text is None else {"x_oss_range_behavior": text}
    assert requests.parse_read(wire(**headers), Query(), ADDRESS).strict_range is strict


@pytest.mark.parametrize(
    ("text", "etags"),
    [
        ("", ()),
        (",", ()),
        ('"abc"', ("ABC",)),
        ("abc", ("ABC",)),
        ('W/"abc"', ("ABC",)),
        ('"a", "b" ,c', ("A", "B", "C")),
        ("*", ("*",)),
        ('""', ("",)),
    ],
)
def test_etags_lose_their_quotes_and_case(text: str, etags: tuple[str, ...]) -> None:
    """SDKs send ETags with and without quotes, in either case, alone or as a list."""
    assert requests.parse_conditions(wire(if_match=text)).if_match == etags
    assert requests.parse_conditions(wire(if_none_match=text)).if_none_match == etags


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("", None),
        (NOON_TEXT, NOON),
        ("Sat, 05 Dec 2015 11:10:29", NOON),
        ("Sat, 05 Dec 2015 13:10:29 +0200", NOON),
        ("yesterday", None),
        ("Sat, 99 Dec 2015 11:10:29 GMT", None),
        ("Sat, 05 Dec 99999999999999999999 11:10:29 GMT", None),
        ("Sat, 05 Dec 2015 11:10:29 +9999999", None),
        ("\xff" * 20, None),
    ],
)
def test_date_condition_is_a_moment_or_no_condition(text: str, moment: datetime | None) -> None:
    """A date that cannot be read is no condition, as HTTP has it; one without a zone is UTC."""
    conditions = requests.parse_conditions(wire(if_modified_since=text, if_unmodified_since=text))
    assert conditions.if_modified_since == moment
    assert conditions.if_unmodified_since == moment


def test_moment_has_a_zone_so_that_it_can_be_compared() -> None:
    """Every moment is aware, whatever its text left out."""
    for text in (NOON_TEXT, "Sat, 05 Dec 2015 11:10:29", "Sat, 05 Dec 2015 11:10:29 -0000"):
        moment = requests.parse_conditions(wire(if_modified_since=text)).if_modified_since
        assert moment is not None
        assert moment.utcoffset() == timedelta(0)


def test_conditions_of_a_copy_have_names_of_their_own() -> None:
    """`if-match` concerns the target's answer, `x-oss-copy-source-if-match` the source."""
    request = wire(if_match="a", x_oss_copy_source_if_match="b", x_oss_copy_source="/bucket/k")
    assert requests.parse_copy(request, ADDRESS).conditions == Conditions(if_match=("B",))


def test_read_without_options_asks_for_everything() -> None:
    """The plainest GetObject has no condition, no range and no override."""
    want = requests.parse_read(wire(), Query(), ADDRESS)
    assert (want.address, want.conditions, want.range, want.overrides) == (ADDRESS, Conditions(), None, {})


def test_every_documented_override_is_read() -> None:
    """The six `response-` parameters replace the stored headers; an empty one replaces nothing."""
    names = ("type", "language", "encoding", "disposition")
    query = "&".join([*(f"response-content-{name}=x-{name}" for name in names), "response-expires=e"])
    query += "&response-cache-control=no-cache"
    overrides = requests.parse_read(wire(), parse_query(query), ADDRESS).overrides
    assert overrides == {
        **{f"content-{name}": f"x-{name}" for name in names},
        "expires": "e",
        "cache-control": "no-cache",
    }
    assert not requests.parse_read(wire(), parse_query("response-expires=&response-cache-control"), ADDRESS).overrides


def test_override_goes_out_with_the_bytes_that_came_in() -> None:
    """A file name in Chinese is sent as the UTF-8 that the URL spelled, not as question marks."""
    query = parse_query("response-content-disposition=filename%3D%E4%BA%BA%FF")
    value = requests.parse_read(wire(), query, ADDRESS).overrides["content-disposition"]
    assert value.encode("latin-1") == b"filename=\xe4\xba\xba\xff"


def test_faces_ignore_a_range() -> None:
    """A computed answer has no parts: only address and conditions are read."""
    want = requests.parse_process_request(wire(range="bytes=0-1", if_none_match="*"), FACES, ADDRESS)
    assert want == requests.DetectFaces(ADDRESS, Conditions(if_none_match=("*",)))


@pytest.mark.parametrize("key", ["k", "k" * 1023, "\u4eba" * 341, "/", "..", "a//b", " ", "\n", "a\\b"])
def test_key_that_oss_allows_is_taken(key: str) -> None:
    """A key is any UTF-8 text of 1 to 1,023 bytes."""
    assert requests.parse_process_request(wire(), FACES, Address("bucket", key)).address.key == key


@pytest.mark.parametrize("key", ["", "k" * 1024, "\u4eba" * 342, "\\k", "\udcff"])
def test_key_that_oss_refuses_is_refused(key: str) -> None:
    """Empty, 1,024 bytes, a backslash first, or bytes that are no UTF-8: not a key, in any operation."""
    address = Address("bucket", key)
    calls: list[Callable[[], Any]] = [
        lambda: requests.parse_read(wire(), Query(), address),
        lambda: requests.parse_process_request(wire(), FACES, address),
        lambda: requests.parse_write(wire(), address),
        lambda: requests.parse_copy(wire(x_oss_copy_source="/bucket/k"), address),
    ]
    for call in calls:
        with pytest.raises(InvalidObjectName):
            call()
