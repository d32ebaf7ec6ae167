import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.errors import InvalidArgument, RequestError
from oss_faces.protocol.encoding import (
    PARAMETERS_MAX,
    QUERY_LENGTH_MAX,
    Query,
    decode,
    encode,
    parse_query,
    to_bytes,
)

WIRE_TEXT = st.text(st.characters(max_codepoint=255), max_size=200)


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("", ""),
        ("AZaz09-_.~", "AZaz09-_.~"),
        (" ", "%20"),
        ("+", "%2B"),
        ("a/b", "a%2Fb"),
        ("'()*!", "%27%28%29%2A%21"),
        ("照", "%E7%85%A7"),
        ("\x00", "%00"),
    ],
)
def test_encode(text, encoded):
    """All but the unreserved characters of RFC 3986 are encoded, with upper-case digits, and decode undoes it."""
    assert encode(text) == encoded
    assert decode(encoded) == text


def test_encode_keeps_safe_characters():
    """Characters named safe stay as they are."""
    assert encode("a/b c", safe="/") == "a/b%20c"


@given(st.binary(max_size=200))
def test_any_bytes_survive(raw):
    """Every byte sequence comes back from its percent-encoded form, also one that is no UTF-8."""
    text = decode("".join(f"%{byte:02x}" for byte in raw))
    assert to_bytes(text) == raw
    assert to_bytes(decode(encode(text))) == raw


@pytest.mark.parametrize("text", ["%", "a%", "%2", "%zz", "%2g", "%%20"])
def test_a_broken_escape_is_refused(text):
    """A percent sign must be followed by two hexadecimal digits."""
    with pytest.raises(InvalidArgument):
        decode(text)


@pytest.mark.parametrize(
    ("raw", "pairs"),
    [
        ("", ()),
        ("&&", ()),
        ("acl", (("acl", ""),)),
        ("acl=", (("acl", ""),)),
        ("a=1&b=2&a=3", (("a", "1"), ("b", "2"), ("a", "3"))),
        ("a=b=c", (("a", "b=c"),)),
        ("=x", (("", "x"),)),
        ("prefix=a+b%2Bc", (("prefix", "a b+c"),)),
        ("%61%26=%3D", (("a&", "="),)),
        ("x-oss-process=image/faces", (("x-oss-process", "image/faces"),)),
    ],
)
def test_parse_query(raw, pairs):
    """A query gives its decoded pairs in order; `+` is a blank, and `k` equals `k=`."""
    assert parse_query(raw).pairs == pairs


def test_limits_of_a_query():
    """A query at the limits is read, one beyond them is refused."""
    assert len(parse_query("a&" * PARAMETERS_MAX).pairs) == PARAMETERS_MAX
    assert parse_query("a" * QUERY_LENGTH_MAX).names == {"a" * QUERY_LENGTH_MAX}
    for raw in ("a&" * (PARAMETERS_MAX + 1), "a" * (QUERY_LENGTH_MAX + 1)):
        with pytest.raises(InvalidArgument):
            parse_query(raw)


def test_get_and_names():
    """A single parameter is found by name, an absent one is None, a repeated one is refused."""
    query = Query((("a", "1"), ("b", ""), ("c", "1"), ("c", "1")))
    assert query.names == {"a", "b", "c"}
    assert query.get("a") == "1"
    assert query.get("b") == ""
    assert query.get("d") is None
    with pytest.raises(InvalidArgument) as caught:
        query.get("c")
    assert caught.value.details == {"ArgumentName": "c"}


@given(WIRE_TEXT)
def test_garbage_raises_request_errors_only(raw):
    """Whatever comes as a query is read or refused."""
    try:
        parse_query(raw)
    except RequestError:
        return
