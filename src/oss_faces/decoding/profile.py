"""ICC profiles that a picture file carries. They are handed on with the pixels, never applied here."""

import zlib
from collections.abc import Sequence
from typing import Final

PROFILE_BYTES_MAX: Final = 1024 * 1024  # display profiles have a few hundred bytes to a few KiB
HEADER_BYTES: Final = 128
COLOR_SPACE: Final = slice(16, 20)
SIGNATURE: Final = slice(36, 40)
JPEG_PREFIX: Final = b"ICC_PROFILE\0"


def rgb_profile(profile: bytes) -> bytes:
    """Return a profile that describes RGB pixels; nothing for any other content, or for one of unusual length.

    Source: ICC.1:2022, section 7.2.
    """
    is_profile = HEADER_BYTES < len(profile) <= PROFILE_BYTES_MAX and profile[SIGNATURE] == b"acsp"
    return profile if is_profile and profile[COLOR_SPACE] == b"RGB " else b""


def joined_profile(parts: Sequence[bytes]) -> bytes:
    """Join the pieces of a JPEG, each of which begins with its number and their count; nothing when one is missing.

    Source: ICC.1:2022, annex B.4.
    """
    numbered = {part[0]: part[2:] for part in parts if len(part) > 2}
    is_complete = bool(numbered) and set(numbered) == set(range(1, parts[0][1] + 1))
    return rgb_profile(b"".join(numbered[number] for number in sorted(numbered))) if is_complete else b""


def unpacked_profile(chunk: bytes) -> bytes:
    """Unpack the `iCCP` chunk of a PNG: name, zero, method, zlib data. What does not unpack is no profile."""
    _, separator, packed = chunk[:PROFILE_BYTES_MAX].partition(b"\0")
    if not separator or packed[:1] != b"\0":
        return b""
    try:
        return rgb_profile(zlib.decompressobj().decompress(packed[1:], PROFILE_BYTES_MAX + 1))
    except zlib.error:
        return b""
