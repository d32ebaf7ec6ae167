"""Which names and how much metadata a store takes.

Source: OSS "Bucket naming conventions", "Object naming conventions" (1 to 1,023 bytes of UTF-8) and "Manage object
metadata" (8 KiB of user metadata). OSS also refuses keys that begin with `/` or a backslash; the
store takes both, and the wire refuses the backslash (`request`).
"""

from collections.abc import Mapping, Sequence

from oss_faces.errors import InvalidArgument, InvalidBucketName, InvalidObjectName
from oss_faces.protocol import is_bucket_name
from oss_faces.values import DELETE_KEYS_MAX, KEY_BYTES_MAX, ObjectHeaders


def check_bucket_name(name: str) -> None:
    """Refuse a name that no bucket can have.

    Raises:
        InvalidBucketName: not 3 to 63 of a-z, 0-9 and hyphen, or a hyphen first or last.
    """
    if not is_bucket_name(name):
        raise InvalidBucketName(details={"BucketName": name})


def key_bytes(key: str) -> bytes:
    """Encode a key, which is also its place in every listing.

    Raises:
        InvalidObjectName: empty, longer than KEY_BYTES_MAX bytes, or with lone surrogates.
    """
    try:
        encoded = key.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise InvalidObjectName(context={"reason": "not UTF-8"}) from exc
    if not 1 <= len(encoded) <= KEY_BYTES_MAX:
        raise InvalidObjectName(context={"key_bytes": len(encoded)})
    return encoded


def check_delete(keys: Sequence[str]) -> list[bytes]:
    """Encode keys that are to be deleted together.

    Raises:
        InvalidObjectName: one of them is no key.
    """
    assert len(keys) <= DELETE_KEYS_MAX, "the caller has counted the keys"
    return [key_bytes(key) for key in keys]


def check_headers(headers: ObjectHeaders, bytes_max: int) -> None:
    """Refuse more metadata than the store keeps.

    Raises:
        InvalidArgument: the user metadata, or the standard headers with the content type, exceed `bytes_max` or are not
            UTF-8.
    """
    standard = {**headers.standard, "content-type": headers.content_type}
    for what, fields in (("user metadata", headers.user), ("standard headers", standard)):
        size_bytes = _size_bytes(fields, what)
        if size_bytes > bytes_max:
            raise InvalidArgument(f"The {what} of an object can have at most {bytes_max} bytes.")


def utf8(text: str, what: str) -> bytes:
    """Encode text from outside.

    Raises:
        InvalidArgument: it has lone surrogates, as text has that was no UTF-8 on the wire.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise InvalidArgument(f"The {what} must be UTF-8.") from exc


def _size_bytes(fields: Mapping[str, str], what: str) -> int:
    return sum(len(utf8(text, what)) for pair in fields.items() for text in pair)
