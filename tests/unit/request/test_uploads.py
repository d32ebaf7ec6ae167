"""Multipart uploads and AppendObject: what is read, and what is refused with which EC."""

import pytest

from oss_faces import request as requests
from oss_faces.errors import (
    InvalidArgument,
    InvalidObjectName,
    MalformedXML,
    MissingArgument,
    MissingContentLength,
    NotImplementedOnServer,
)
from oss_faces.protocol import parse_query
from oss_faces.values import PART_NUMBER_MAX, Acl, Address
from tests.unit.request.wires import ADDRESS, wire

UPLOAD = parse_query("uploadId=1F&partNumber=7")


def parts_document(*parts: tuple[object, object]) -> bytes:
    shown = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>" for number, etag in parts)
    return f"<CompleteMultipartUpload>{shown}</CompleteMultipartUpload>".encode()


def test_append_is_read() -> None:
    """Position, length, digest, headers and ACL of an append."""
    request = wire(
        "POST",
        content_length="3",
        content_md5="AAAAAAAAAAAAAAAAAAAAAA==",
        content_type="text/plain",
        x_oss_meta_a="b",
        x_oss_object_acl="private",
    )
    want = requests.parse_append(request, parse_query("append&position=12"), ADDRESS)
    assert (want.address, want.position, want.size_bytes, want.content_md5) == (ADDRESS, 12, 3, bytes(16))
    assert (want.headers.content_type, want.headers.user, want.acl) == ("text/plain", {"a": "b"}, Acl.PRIVATE)


@pytest.mark.parametrize("query", ["append", "append&position", "append&position="])
def test_a_position_is_needed(query: str) -> None:
    """An append without a position is MissingArgument with the documented EC."""
    with pytest.raises(MissingArgument) as caught:
        requests.parse_append(wire("POST", content_length="0"), parse_query(query), ADDRESS)
    assert caught.value.ec_value == "0016-00000501"


@pytest.mark.parametrize("text", ["-1", "+1", "1.0", "x", "1" * 19, "\u0663"])
def test_a_position_is_a_number(text: str) -> None:
    """Only digits are a position."""
    with pytest.raises(InvalidArgument) as caught:
        requests.parse_append(
            wire("POST", content_length="0"), parse_query(f"append&position={text}".encode().decode("latin-1")), ADDRESS
        )
    assert caught.value.details["ArgumentName"] == "position"


def test_an_append_has_a_length() -> None:
    """A body whose end nobody tells is refused, as for PutObject."""
    with pytest.raises(MissingContentLength):
        requests.parse_append(wire("POST"), parse_query("append&position=0"), ADDRESS)


def test_the_beginning_is_read() -> None:
    """Headers, ACL and the two switches of a beginning."""
    request = wire("POST", x_oss_forbid_overwrite="true", x_oss_object_acl="public-read", cache_control="no-cache")
    want = requests.parse_begin_upload(request, parse_query("uploads&encoding-type=url"), ADDRESS)
    assert (want.forbid_overwrite, want.encode_url, want.acl) == (True, True, Acl.PUBLIC_READ)
    assert want.headers.standard == {"cache-control": "no-cache"}
    plain = requests.parse_begin_upload(wire("POST"), parse_query("uploads"), ADDRESS)
    assert (plain.forbid_overwrite, plain.encode_url, plain.acl) == (False, False, Acl.DEFAULT)


def test_a_part_is_read() -> None:
    """Upload, number, length and digest of a part."""
    want = requests.parse_part(wire("PUT", content_length="5"), UPLOAD, ADDRESS)
    assert (want.upload.object, want.upload.upload_id, want.number) == (ADDRESS, "1F", 7)
    assert (want.size_bytes, want.content_md5) == (5, None)


@pytest.mark.parametrize("number", ["0", "10001", "-1", "x", "", "1e3", "9999999999"])
def test_part_numbers_have_bounds(number: str) -> None:
    """A part number is 1 to 10,000; the refusal has the documented EC and shows what was sent."""
    query = parse_query(f"uploadId=1F&partNumber={number}")
    for parse in (requests.parse_part, requests.parse_part_copy):
        request = wire("PUT", content_length="5", x_oss_copy_source="/bucket/key")
        with pytest.raises(InvalidArgument) as caught:
            parse(request, query, ADDRESS)
        assert caught.value.ec_value == "0017-00000220"
        assert caught.value.details == {"ArgumentName": "PartNumber", "ArgumentValue": number}


@pytest.mark.parametrize("number", [1, PART_NUMBER_MAX])
def test_the_bounds_are_part_numbers(number: int) -> None:
    """The first and the last number are allowed."""
    query = parse_query(f"uploadId=1F&partNumber={number}")
    assert requests.parse_part(wire("PUT", content_length="5"), query, ADDRESS).number == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [(None, None), ("", None), ("bytes=0-0", (0, 0)), ("bytes=5-9", (5, 9)), (" bytes=5-9 ", (5, 9))],
)
def test_copy_ranges(text: str | None, expected: tuple[int, int] | None) -> None:
    """A range has both edges; without one the whole source is copied."""
    headers = {"x_oss_copy_source": "/other/a%2Bb"} | ({} if text is None else {"x_oss_copy_source_range": text})
    want = requests.parse_part_copy(wire("PUT", **headers), UPLOAD, ADDRESS)
    assert (want.source, want.byte_range) == (Address("other", "a+b"), expected)


@pytest.mark.parametrize("text", ["bytes=9-5", "bytes=5-", "bytes=-5", "5-9", "bytes=a-b", "bytes=1-2,3-4"])
def test_other_copy_ranges_are_refused(text: str) -> None:
    """A range that is none must not copy the whole source."""
    request = wire("PUT", x_oss_copy_source="/bucket/key", x_oss_copy_source_range=text)
    with pytest.raises(InvalidArgument):
        requests.parse_part_copy(request, UPLOAD, ADDRESS)


def test_a_list_of_parts_is_read() -> None:
    """Numbers and ETags in their order, with and without quotes, in upper case; a name space does not matter."""
    body = parts_document((1, '"ab"'), (" 5 ", "CD"), (3, "&quot;ef&quot;"))
    body = body.replace(b"<CompleteMultipartUpload>", b'<CompleteMultipartUpload xmlns="http://x">')
    want = requests.parse_complete(wire("POST"), UPLOAD, ADDRESS, body)
    assert want.parts == ((1, "AB"), (5, "CD"), (3, "EF"))
    assert (want.acl, want.forbid_overwrite, want.encode_url) == (None, False, False)


def test_the_longest_list_of_parts_is_read() -> None:
    """10,000 parts are read, one more is refused."""
    body = parts_document(*((number, "0" * 32) for number in range(1, PART_NUMBER_MAX + 1)))
    assert len(body) < requests.COMPLETE_BODY_BYTES_MAX
    want = requests.parse_complete(wire("POST"), UPLOAD, ADDRESS, body)
    assert want.parts is not None
    assert len(want.parts) == PART_NUMBER_MAX
    body = parts_document(*((number, "0") for number in range(PART_NUMBER_MAX + 1)))
    with pytest.raises(MalformedXML):
        requests.parse_complete(wire("POST"), UPLOAD, ADDRESS, body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Other/>",
        parts_document(),
        parts_document(("x", "0")),
        parts_document((1, "")),
        parts_document(("", "0")),
    ],
)
def test_other_documents_are_malformed(body: bytes) -> None:
    """What is no list of parts is MalformedXML."""
    with pytest.raises(MalformedXML):
        requests.parse_complete(wire("POST"), UPLOAD, ADDRESS, body)


@pytest.mark.parametrize("text", ["yes", "YES", " yes "])
def test_all_parts(text: str) -> None:
    """`x-oss-complete-all: yes` takes all parts, with switches of its own."""
    request = wire("POST", x_oss_complete_all=text, x_oss_object_acl="private", x_oss_forbid_overwrite="true")
    want = requests.parse_complete(request, UPLOAD, ADDRESS, b" \n")
    assert (want.parts, want.acl, want.forbid_overwrite) == (None, Acl.PRIVATE, True)


def test_all_parts_and_a_list_exclude_each_other() -> None:
    """With `x-oss-complete-all` a body is refused with the documented EC, and so is another value than yes."""
    with pytest.raises(InvalidArgument) as caught:
        requests.parse_complete(wire("POST", x_oss_complete_all="yes"), UPLOAD, ADDRESS, parts_document((1, "0")))
    assert caught.value.ec_value == "0042-00000216"
    with pytest.raises(InvalidArgument):
        requests.parse_complete(wire("POST", x_oss_complete_all="no"), UPLOAD, ADDRESS, b"")


def test_what_is_not_fulfilled_is_refused() -> None:
    """Tags and encryption at the beginning, at the end or with an append are NotImplemented."""
    request = wire("POST", content_length="0", x_oss_tagging="a=b")
    for call in (
        lambda: requests.parse_append(request, parse_query("position=0"), ADDRESS),
        lambda: requests.parse_begin_upload(request, parse_query(""), ADDRESS),
        lambda: requests.parse_complete(request, UPLOAD, ADDRESS, parts_document((1, "0"))),
    ):
        with pytest.raises(NotImplementedOnServer):
            call()


def test_names_are_checked() -> None:
    """A key that OSS refuses is refused in every form."""
    wrong = Address("bucket", "\\key")
    request = wire("POST", content_length="0", x_oss_copy_source="/bucket/key")
    for call in (
        lambda: requests.parse_append(request, parse_query("position=0"), wrong),
        lambda: requests.parse_begin_upload(request, parse_query(""), wrong),
        lambda: requests.parse_part(request, UPLOAD, wrong),
        lambda: requests.parse_part_copy(request, UPLOAD, wrong),
        lambda: requests.parse_upload(UPLOAD, wrong),
        lambda: requests.parse_list_parts(UPLOAD, wrong),
    ):
        with pytest.raises(InvalidObjectName):
            call()


def test_a_list_of_parts_is_asked_for() -> None:
    """Marker, size of the page and encoding, with their defaults."""
    want = requests.parse_list_parts(parse_query("uploadId=1F&part-number-marker=&max-parts="), ADDRESS)
    assert (want.marker, want.max_parts, want.encode_url) == (0, 1000, False)
    query = parse_query("uploadId=1F&part-number-marker=5&max-parts=2&encoding-type=url")
    want = requests.parse_list_parts(query, ADDRESS)
    assert (want.marker, want.max_parts, want.encode_url) == (5, 2, True)


@pytest.mark.parametrize("query", ["part-number-marker=x", "part-number-marker=-1", "max-parts=0", "max-parts=1001"])
def test_pages_of_parts_have_bounds(query: str) -> None:
    """A marker that is no number and a page out of bounds are refused."""
    with pytest.raises(InvalidArgument):
        requests.parse_list_parts(parse_query(f"uploadId=1F&{query}"), ADDRESS)


def test_a_list_of_uploads_is_asked_for() -> None:
    """Markers, prefix, delimiter and size of the page; an id without a key is no marker."""
    query = parse_query(
        "uploads&prefix=a&delimiter=%2F&key-marker=b&upload-id-marker=1F&max-uploads=5&encoding-type=url"
    )
    want = requests.parse_list_uploads(query, "bucket")
    assert (want.bucket, want.prefix, want.delimiter, want.max_uploads) == ("bucket", "a", "/", 5)
    assert (want.key_marker, want.upload_id_marker, want.encode_url) == ("b", "1F", True)
    want = requests.parse_list_uploads(parse_query("uploads&upload-id-marker=1F"), "bucket")
    assert (want.key_marker, want.upload_id_marker, want.max_uploads) == ("", "", 1000)
    with pytest.raises(InvalidArgument):
        requests.parse_list_uploads(parse_query("uploads&max-uploads=1001"), "bucket")
