"""JPEG: libjpeg-turbo, scaled while decoding; what it does not turn into RGB itself (CMYK) goes through Pillow."""

import io
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL.Image import fromarray
from PIL.JpegImagePlugin import JpegImageFile
from simplejpeg._jpeg import decode_jpeg  # the package's own name hides its types from mypy

from oss_faces.decoding.orientation import read_orientation
from oss_faces.decoding.profile import JPEG_PREFIX, joined_profile
from oss_faces.decoding.quantization import estimate_quality
from oss_faces.decoding.rendition import render_pixels
from oss_faces.decoding.source import Header
from oss_faces.decoding.translation import translated
from oss_faces.errors import CorruptImage
from oss_faces.values import ImageSize

MAGIC: Final = b"\xff\xd8\xff"
SEGMENTS_MAX: Final = 5_000  # a 20 MiB file of full segments has 320
EXIF_PREFIX: Final = b"Exif\0\0"
START_OF_SCAN: Final = 0xDA
END_OF_IMAGE: Final = 0xD9
APP1: Final = 0xE1
APP2: Final = 0xE2
QUANTIZATION: Final = 0xDB
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
ROW_BY_ROW: Final = frozenset({0xC0, 0xC1, 0xC9})  # sequential, Huffman or arithmetic
STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
COEFFICIENT_BYTES: Final = 2
CMYK_COMPONENTS: Final = 4
SCALE_MAX: Final = 8
DETAIL_MIN: Final = 0.01  # part of the pixels of a damaged file that has to be there


@dataclass(frozen=True, slots=True)
class Frame:
    """The start-of-frame segment: size, and samples per pixel summed over the components."""

    marker: int
    width: int
    height: int
    components: int
    samples_per_pixel: float


@dataclass(frozen=True, slots=True)
class JpegSource:
    """A JPEG file of which the segments before the first scan were read."""

    data: bytes
    frame: Frame
    header: Header

    def render(self, factor: int, *, keep_alpha: bool = False) -> NDArray[np.uint8]:  # noqa: ARG002  JPEG has none
        """Decode, scaled in the frequency domain by up to 8 and by averaging beyond."""
        scale = min(factor, SCALE_MAX)
        with translated("jpeg"):
            pixels = self._decode(scale)
            return pixels if factor == scale else render_pixels(fromarray(pixels), factor // scale)

    def _decode(self, scale: int) -> NDArray[np.uint8]:
        """Try the fast decoder, then the same with what is left of a damaged file, then the patient one."""
        if self.frame.components == CMYK_COMPONENTS:
            is_whole = self.data.rfind(bytes((0xFF, END_OF_IMAGE))) > 0
            return self._decode_patiently(scale, is_whole=is_whole)
        with suppress(ValueError):
            return self._decode_fast(scale, strict=True)
        with suppress(ValueError):
            return _with_detail(self._decode_fast(scale, strict=False))
        return self._decode_patiently(scale, is_whole=False)

    def _decode_fast(self, scale: int, *, strict: bool) -> NDArray[np.uint8]:
        height, width = -(-self.frame.height // scale), -(-self.frame.width // scale)
        return decode_jpeg(self.data, min_height=height, min_width=width, strict=strict)

    def _decode_patiently(self, scale: int, *, is_whole: bool) -> NDArray[np.uint8]:
        """Decode with Pillow, which knows CMYK and overlooks more; `draft` is its scaling while decoding."""
        image = JpegImageFile(io.BytesIO(self.data))
        image.draft(None, (max(1, self.frame.width // scale), max(1, self.frame.height // scale)))
        try:
            image.load()
        except OSError:
            # Cut off. Pillow would go on only by a switch of the whole process; without tiles left to read it
            # takes the rows that it has for the picture.
            image.tile = []
            is_whole = False
        pixels = render_pixels(image, 1)
        return pixels if is_whole else _with_detail(pixels)


def _with_detail(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return pixels of a damaged file if there is anything to see on them.

    Raises:
        ValueError: (nearly) all are as the last one, which is what decoders fill up with.
    """
    if np.count_nonzero(np.any(pixels != pixels[-1, -1], axis=2)) < DETAIL_MIN * pixels.shape[0] * pixels.shape[1]:
        raise ValueError("no pixel was decoded")
    return pixels


def is_jpeg(data: bytes) -> bool:
    """Whether the content begins like a file of this format."""
    return data.startswith(MAGIC)


def open_jpeg(data: bytes) -> JpegSource:
    """Read the segments up to the first scan: size, kind of coding, EXIF orientation.

    Raises:
        CorruptImage: there is no frame before the first scan.
    """
    frame: Frame | None = None
    exif, profile_parts, quality, scan_components = b"", [], None, 0
    for marker, start, end in _segments(data):
        if marker in FRAMES and frame is None:
            frame = _read_frame(marker, data[start:end])
        elif marker == APP1 and not exif and data.startswith(EXIF_PREFIX, start):
            exif = data[start + len(EXIF_PREFIX) : end]
        elif marker == APP2 and data.startswith(JPEG_PREFIX, start):
            profile_parts.append(data[start + len(JPEG_PREFIX) : end])
        elif marker == QUANTIZATION and quality is None:
            quality = estimate_quality(data[start:end])
        elif marker == START_OF_SCAN and start < end:
            scan_components = data[start]
    if frame is None:
        raise CorruptImage(context={"format": "jpeg", "reason": "no frame before the first scan"})
    # Only a picture that comes in one scan can be decoded row by row.
    in_one_scan = frame.marker in ROW_BY_ROW and scan_components >= frame.components
    size = ImageSize(frame.width, frame.height)
    header = Header(
        format="jpeg",
        stored_size=size,
        orientation=read_orientation(exif),
        working_bytes=0 if in_one_scan else int(size.pixels * frame.samples_per_pixel) * COEFFICIENT_BYTES,
        scans=1 if in_one_scan else data.count(bytes((0xFF, START_OF_SCAN))),
        exif=exif,
        profile=joined_profile(profile_parts) if frame.components < CMYK_COMPONENTS else b"",
        quality=quality,
    )
    return JpegSource(data, frame, header)


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Walk over the segments up to the first scan: marker, start and end of the payload."""
    place = 2
    for _ in range(SEGMENTS_MAX):
        place = data.find(b"\xff", place)
        if place < 0 or place + 4 > len(data):
            return
        marker = data[place + 1]
        if marker == END_OF_IMAGE:
            return
        if marker in (0x00, 0xFF) or marker in STANDALONE:
            place += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        yield marker, place + 4, min(place + 2 + length, len(data))
        if marker == START_OF_SCAN:
            return
        place += 2 + length


def _read_frame(marker: int, payload: bytes) -> Frame:
    if len(payload) < 6:
        raise CorruptImage(context={"format": "jpeg", "reason": "short frame segment"})
    _, height, width, components = struct.unpack_from(">BHHB", payload)
    if not (height and width and 1 <= components <= 4 and len(payload) >= 6 + 3 * components):
        raise CorruptImage(context={"format": "jpeg", "reason": "impossible frame segment"})
    across = [payload[7 + 3 * index] >> 4 for index in range(components)]
    down = [payload[7 + 3 * index] & 15 for index in range(components)]
    if not (min(across) and min(down)):
        raise CorruptImage(context={"format": "jpeg", "reason": "impossible sampling factors"})
    samples = sum(h * v for h, v in zip(across, down, strict=True)) / (max(across) * max(down))
    return Frame(marker, width, height, components, samples)
