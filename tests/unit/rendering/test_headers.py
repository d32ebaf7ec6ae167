"""The response headers of OSS."""

from dataclasses import replace
from datetime import UTC, datetime

from oss_faces.rendering import headers
from oss_faces.values import ObjectMeta

META = ObjectMeta(
    key="k",
    size_bytes=7,
    etag="D0F162350DA037F4DC2A142B2E116BD0",
    crc64=2**64 - 1,
    content_type="image/jpeg",
    last_modified=datetime(2015, 12, 5, 11, 10, 29, tzinfo=UTC),
    user={"owner": "me"},
    headers={"cache-control": "no-store", "content-language": "de"},
)
IDENTITY = {
    "ETag": '"D0F162350DA037F4DC2A142B2E116BD0"',
    "Last-Modified": "Sat, 05 Dec 2015 11:10:29 GMT",
    "x-oss-object-type": "Normal",
    "x-oss-storage-class": "Standard",
}


def test_object_headers_say_everything_that_is_stored() -> None:
    """Content type, standard headers, identity, checksum and user metadata."""
    assert dict(headers.object_headers(META, {})) == {
        "Content-Type": "image/jpeg",
        "Cache-Control": "no-store",
        "Content-Language": "de",
        **IDENTITY,
        "Accept-Ranges": "bytes",
        "x-oss-hash-crc64ecma": "18446744073709551615",
        "x-oss-meta-owner": "me",
    }


def test_checksum_that_is_not_known_is_left_out() -> None:
    """A store that does not tell the checksum makes an answer without one, and never a wrong one."""
    unknown = replace(META, crc64=None)
    for shown in (headers.object_headers(unknown, {}), headers.meta_headers(unknown), headers.written_headers(unknown)):
        assert "x-oss-hash-crc64ecma" not in dict(shown)


def test_override_replaces_a_stored_header_and_no_other() -> None:
    """What the query asks for comes in place of what is stored, once."""
    shown = headers.object_headers(META, {"content-type": "text/plain", "expires": "0"})
    names = [name for name, _ in shown]
    assert len(names) == len(set(names))
    assert dict(shown)["Content-Type"] == "text/plain"
    assert dict(shown)["Expires"] == "0"
    assert dict(shown)["Cache-Control"] == "no-store"


def test_meta_headers_are_the_few_facts() -> None:
    """GetObjectMeta tells nothing of the metadata."""
    assert set(dict(headers.meta_headers(META))) == {"ETag", "Last-Modified", "x-oss-hash-crc64ecma"}


def test_written_headers_let_the_sdk_check_what_arrived() -> None:
    """PutObject answers ETag and checksum of what was stored."""
    assert dict(headers.written_headers(META)) == {
        "ETag": IDENTITY["ETag"],
        "x-oss-hash-crc64ecma": "18446744073709551615",
    }


def test_faces_headers_carry_the_checksum_of_the_json() -> None:
    """The picture's ETag and time, but the checksum of the bytes sent: with the picture's every download fails."""
    shown = dict(headers.faces_headers(META, b"123456789", "oss-cn-hangzhou-a"))
    assert shown == {
        "Content-Type": "application/json;charset=utf-8",
        **IDENTITY,
        "x-oss-transfer-acc-type": "acc-none",
        "x-oss-data-location": "oss-cn-hangzhou-a",
        "x-oss-hash-crc64ecma": "11051210869376104954",
    }
