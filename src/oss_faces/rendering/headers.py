"""The response headers of OSS. Names and forms follow the product page's sample answer."""

from collections.abc import Mapping
from typing import Final

from fastcrc import crc64

from oss_faces.protocol.dates import format_http_date
from oss_faces.values import ObjectMeta, ObjectType, Part

XML_TYPE: Final = "application/xml"
FACES_TYPE: Final = "application/json;charset=utf-8"
JSON_TYPE: Final = "application/json"

Headers = tuple[tuple[str, str], ...]


def object_headers(meta: ObjectMeta, overrides: Mapping[str, str]) -> Headers:
    """Headers of GetObject and HeadObject, without Content-Length."""
    shown = {"content-type": meta.content_type, **meta.headers, **overrides}
    stored = tuple((name.title(), value) for name, value in shown.items())
    user = tuple((f"x-oss-meta-{name}", value) for name, value in meta.user.items())
    more = (next_append_position(meta.size_bytes),) if meta.object_type is ObjectType.APPENDABLE else ()
    return (*stored, *_identity(meta), ("Accept-Ranges", "bytes"), *more, *checksum_headers(meta.crc64), *user)


def meta_headers(meta: ObjectMeta) -> Headers:
    """Headers of GetObjectMeta: the few facts without the metadata."""
    return (
        ("ETag", f'"{meta.etag}"'),
        ("Last-Modified", format_http_date(meta.last_modified)),
        *checksum_headers(meta.crc64),
    )


def written_headers(meta: ObjectMeta | Part) -> Headers:
    """Headers of PutObject and its like."""
    return (("ETag", f'"{meta.etag}"'), *checksum_headers(meta.crc64))


def faces_headers(meta: ObjectMeta, body: bytes, data_location: str) -> Headers:
    """Headers of `image/faces`: the source object's identity, but the checksum of the bytes that are sent.

    With the object's own checksum here every SDK's download to a file fails its check.
    """
    return (
        ("Content-Type", FACES_TYPE),
        *_identity(meta),
        ("x-oss-transfer-acc-type", "acc-none"),
        ("x-oss-data-location", data_location),
        *checksum_headers(crc64.xz(body)),
    )


def processed_headers(meta: ObjectMeta, body: bytes, content_type: str) -> Headers:
    """Headers of what was made of a stored picture: again the checksum is that of the bytes that are sent."""
    return (("Content-Type", content_type), *_identity(meta), *checksum_headers(crc64.xz(body)))


def checksum_headers(checksum: int | None) -> Headers:
    """CRC-64/XZ as an unsigned decimal; nothing when it is not known, which every SDK takes."""
    return () if checksum is None else (("x-oss-hash-crc64ecma", str(checksum)),)


def next_append_position(length: int) -> tuple[str, str]:
    """Where the next piece of an appendable object of that length begins."""
    return "x-oss-next-append-position", str(length)


def _identity(meta: ObjectMeta) -> Headers:
    return (
        ("ETag", f'"{meta.etag}"'),
        ("Last-Modified", format_http_date(meta.last_modified)),
        ("x-oss-object-type", meta.object_type.value),
        ("x-oss-storage-class", "Standard"),
    )
