"""WebP: the size is read here, because the decoder allocates its canvas as soon as it is made."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL.WebPImagePlugin import WebPImageFile

from oss_faces.decoding.orientation import read_orientation
from oss_faces.decoding.profile import rgb_profile
from oss_faces.decoding.rendition import render_pixels
from oss_faces.decoding.source import Header
from oss_faces.decoding.translation import translated
from oss_faces.errors import CorruptImage
from oss_faces.values import ImageSize

RIFF: Final = b"RIFF"
WEBP: Final = b"WEBP"
EXIF: Final = b"EXIF"
PROFILE: Final = b"ICCP"
EXIF_PREFIX: Final = b"Exif\0\0"
# Two RGBA canvases of the animation decoder, the copy it hands out, Pillow's picture: 16.4 measured.
PIXEL_BYTES: Final = 17
CHUNKS_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class WebpSource:
    """A WebP file of which only the header was read."""

    data: bytes
    header: Header

    def render(self, factor: int, *, keep_alpha: bool = False) -> NDArray[np.uint8]:
        """Decode the first frame in full, then convert and reduce band by band."""
        with translated("webp"):
            return render_pixels(WebPImageFile(io.BytesIO(self.data)), factor, keep_alpha=keep_alpha)


def is_webp(data: bytes) -> bool:
    """Tell WebP from the other RIFF files."""
    return data.startswith(RIFF) and data[8:12] == WEBP


def open_webp(data: bytes) -> WebpSource:
    """Read the size of the canvas and the EXIF chunk.

    Raises:
        CorruptImage: the first chunk is none of the three that a WebP file may begin with.
    """
    size = _read_size(data[12:30])
    if size is None:
        raise CorruptImage(context={"format": "webp", "reason": "no size in the first chunk"})
    chunks = {kind: (start, end) for kind, start, end in _chunks(data) if kind in (EXIF, PROFILE)}
    exif = _chunk(data, chunks.get(EXIF)).removeprefix(EXIF_PREFIX)
    header = Header(
        format="webp",
        stored_size=size,
        orientation=read_orientation(exif),
        working_bytes=size.pixels * PIXEL_BYTES,
        exif=exif,
        profile=rgb_profile(_chunk(data, chunks.get(PROFILE))),
    )
    return WebpSource(data, header)


def _read_size(chunk: bytes) -> ImageSize | None:
    """Read width and height out of the first chunk. Source: RFC 9649, sections 2.5 to 2.7; RFC 6386, 9.1."""
    kind, body = chunk[:4], chunk[8:]
    if len(body) < 10:
        return None
    if kind == b"VP8X":
        return ImageSize(int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1)
    if kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return ImageSize((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(body[place : place + 2], "little") & 0x3FFF for place in (6, 8))
        return ImageSize(width, height) if width and height else None
    return None


def _chunk(data: bytes, place: tuple[int, int] | None) -> bytes:
    return data[place[0] : place[1]] if place else b""


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Walk over the chunks: type, start and end of the payload."""
    place = 12
    for _ in range(CHUNKS_MAX):
        if place + 8 > len(data):
            return
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        yield data[place : place + 4], place + 8, min(place + 8 + length, len(data))
        place += 8 + length + length % 2
