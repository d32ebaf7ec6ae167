"""PNG: only the chunks that make the picture are handed on, so text, profiles and animation cost nothing."""

import io
from collections.abc import Iterator
from typing import Final

from PIL.PngImagePlugin import PngImageFile

from oss_faces.decoding.orientation import read_orientation
from oss_faces.decoding.pillow_source import PillowSource, mode_bytes
from oss_faces.decoding.profile import unpacked_profile
from oss_faces.decoding.source import Header
from oss_faces.decoding.translation import translated
from oss_faces.values import ImageSize

MAGIC: Final = b"\x89PNG\r\n\x1a\n"
PICTURE_CHUNKS: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
CHUNK_OVERHEAD: Final = 12  # length, type and checksum


def is_png(data: bytes) -> bool:
    """Whether the content begins like a file of this format."""
    return data.startswith(MAGIC)


def open_png(data: bytes) -> PillowSource:
    """Read the header and the EXIF chunk.

    Raises:
        CorruptImage: Pillow does not take the header.
    """
    exif = packed_profile = b""
    kept = io.BytesIO()
    kept.write(MAGIC)
    view = memoryview(data)
    for kind, start, end in _chunks(data):
        if kind in PICTURE_CHUNKS:
            kept.write(view[start:end])
        elif kind == b"eXIf":
            exif = data[start + 8 : end - 4]
        elif kind == b"iCCP" and not packed_profile:
            packed_profile = data[start + 8 : end - 4]
    kept.seek(0)
    with translated("png"):
        image = PngImageFile(kept)
        header = Header(
            format="png",
            stored_size=ImageSize(*image.size),
            orientation=read_orientation(exif),
            working_bytes=mode_bytes(image),
            exif=exif,
            profile=unpacked_profile(packed_profile),
        )
    return PillowSource(image, header)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Walk over the chunks: type, start and end of the whole chunk; the last one may be cut off."""
    place = len(MAGIC)
    while place + CHUNK_OVERHEAD <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        kind = data[place + 4 : place + 8]
        end = min(place + CHUNK_OVERHEAD + length, len(data))
        yield kind, place, end
        if kind == b"IEND":
            return
        place = end
