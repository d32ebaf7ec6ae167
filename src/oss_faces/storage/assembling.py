"""What becomes of the pieces of an object when they are put together, whatever store they lie in.

Source: OSS "CompleteMultipartUpload" for the rules. The ETag is made as other object stores make it: the MD5 of the
MD5s of the parts, a hyphen, and their number.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Final

from oss_faces.errors import (
    EntityTooLarge,
    EntityTooSmall,
    InvalidPart,
    InvalidPartOrder,
    ObjectNotAppendable,
    PositionNotEqualToLength,
)
from oss_faces.storage.receiving import Fingerprint
from oss_faces.storage.uploads import ChosenPart
from oss_faces.values import ObjectMeta, ObjectType, Part

# CRC-64/XZ, bits in the order in which the checksum has them: the highest bit is the coefficient of x^0.
_POLYNOMIAL: Final = 0xC96C5795D7870F42
_ONE: Final = 1 << 63
_X: Final = 1 << 62


def choose_parts(
    uploaded: Mapping[int, Part], chosen: Sequence[ChosenPart] | None, part_bytes_min: int, object_bytes_max: int
) -> tuple[Part, ...]:
    """Give the parts of which the object is to be made, in their order.

    Args:
        chosen: None takes all that were uploaded.

    Raises:
        InvalidPartOrder, InvalidPart, EntityTooSmall, EntityTooLarge: see `MultipartUploads`.
    """
    parts = tuple(uploaded[number] for number in sorted(uploaded)) if chosen is None else _named(uploaded, chosen)
    if not parts:
        raise InvalidPart
    for part in parts[:-1]:
        if part.size_bytes < part_bytes_min:
            raise EntityTooSmall(
                details={
                    "ProposedSize": str(part.size_bytes),
                    "MinSizeAllowed": str(part_bytes_min),
                    "PartNumber": str(part.number),
                    "ETag": f'"{part.etag}"',
                }
            )
    if sum(part.size_bytes for part in parts) > object_bytes_max:
        raise EntityTooLarge(context={"limit_bytes": object_bytes_max})
    return parts


def fingerprint_of_parts(parts: Iterable[Part]) -> Fingerprint:
    """Tell length and digests of the object that these parts make. Its bytes are not needed."""
    md5 = hashlib.md5(usedforsecurity=False)
    size_bytes = checksum = count = 0
    for part in parts:
        md5.update(bytes.fromhex(part.etag))
        checksum = joined_crc64(checksum, part.crc64, part.size_bytes)
        size_bytes += part.size_bytes
        count += 1
    return Fingerprint(size_bytes, f"{md5.hexdigest().upper()}-{count}", checksum)


def fingerprint_after_append(before: Fingerprint, piece: Fingerprint) -> Fingerprint:
    """Tell length and digests of an object to which a piece was added.

    The ETag names this content and its history; the MD5 of all bytes would need all bytes.
    """
    md5 = hashlib.md5(bytes.fromhex(before.etag) + bytes.fromhex(piece.etag), usedforsecurity=False)
    return Fingerprint(
        before.size_bytes + piece.size_bytes,
        md5.hexdigest().upper(),
        joined_crc64(before.crc64, piece.crc64, piece.size_bytes),
    )


def check_appendable(meta: ObjectMeta | None, position: int) -> None:
    """Refuse a piece that does not belong at the end of this object, or of none.

    Raises:
        ObjectNotAppendable: the object was not made by appending.
        PositionNotEqualToLength: the object does not end there.
    """
    if meta is not None and meta.object_type is not ObjectType.APPENDABLE:
        raise ObjectNotAppendable
    length = 0 if meta is None else meta.size_bytes
    if position != length:
        raise PositionNotEqualToLength(context={"length": length})


def appended(meta: ObjectMeta, piece: Fingerprint, now: datetime) -> ObjectMeta:
    """Describe an object to which a piece was added. `now` is aware UTC."""
    assert meta.crc64 is not None, "what was appended to so far has gone through a Fingerprinter"
    whole = fingerprint_after_append(Fingerprint(meta.size_bytes, meta.etag, meta.crc64), piece)
    return replace(
        meta,
        size_bytes=whole.size_bytes,
        etag=whole.etag,
        crc64=whole.crc64,
        last_modified=now.replace(microsecond=0),
    )


def joined_crc64(first: int, second: int, second_bytes: int) -> int:
    """Give the CRC-64/XZ of two contents in a row from the checksums of both and the length of the second.

    Appending n bytes multiplies what was there by x^(8n), modulo the polynomial of the checksum.
    """
    return _product(_shift(second_bytes), first) ^ second


def _named(uploaded: Mapping[int, Part], chosen: Sequence[ChosenPart]) -> tuple[Part, ...]:
    numbers = [part.number for part in chosen]
    if any(number >= following for number, following in pairwise(numbers)):
        raise InvalidPartOrder
    found: list[Part] = []
    for wanted in chosen:
        part = uploaded.get(wanted.number)
        if part is None or part.etag != wanted.etag:
            raise InvalidPart(details={"PartNumber": str(wanted.number), "ETag": wanted.etag})
        found.append(part)
    return tuple(found)


@lru_cache(maxsize=64)
def _shift(size_bytes: int) -> int:
    """Give x^(8 * size_bytes) modulo the polynomial. Most parts of an object have the same length."""
    power, factor, exponent = _ONE, _X, 8 * size_bytes
    while exponent:
        if exponent & 1:
            power = _product(power, factor)
        factor = _product(factor, factor)
        exponent >>= 1
    return power


def _product(left: int, right: int) -> int:
    """Multiply two polynomials over GF(2), modulo that of the checksum."""
    product = 0
    for place in range(63, -1, -1):
        if left >> place & 1:
            product ^= right
        right = right >> 1 ^ _POLYNOMIAL if right & 1 else right >> 1
    return product
