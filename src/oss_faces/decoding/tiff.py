"""TIFF: the first page.

Pillow and libtiff read every tag there is, each with as many bytes as it claims, and follow the chain of pages. So
the directory is read here first, and a new one is made of the few tags that describe the pixels: what is dropped
(profiles, EXIF, thumbnails, private tags, further pages) can neither cost time and memory nor cause a warning.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffTags
from PIL.TiffImagePlugin import TiffImageFile

from oss_faces.decoding.orientation import ORIENTATION_TAG
from oss_faces.decoding.pillow_source import PillowSource, mode_bytes
from oss_faces.decoding.rendition import render_pixels
from oss_faces.decoding.source import UPRIGHT, Header
from oss_faces.decoding.tiff_directory import (
    BIG_MAGICS,
    CLASSIC_MAGICS,
    Entry,
    Layout,
    first_directory,
    read_entries,
    with_directory,
)
from oss_faces.decoding.translation import translated
from oss_faces.errors import CorruptImage
from oss_faces.values import ImageSize

WIDTH: Final = 256
BITS: Final = 258
HEIGHT: Final = 257
COMPRESSION: Final = 259
SAMPLES: Final = 277
ROWS_PER_STRIP: Final = 278
STRIP_BYTES: Final = 279
TILE_WIDTH: Final = 322
TILE_HEIGHT: Final = 323
TILE_BYTES: Final = 325
JPEG_TABLES: Final = 347
# Every tag that says how the pixels are stored; the ones without a name here are only handed on: photometric
# interpretation, fill order, strip offsets, planar configuration, fax options, predictor, colour map, tile offsets,
# ink set, extra samples, sample format, JPEG tables, the JPEG of TIFF 6.0 and YCbCr.
PIXEL_TAGS: Final = frozenset(
    {
        *(WIDTH, HEIGHT, BITS, COMPRESSION, SAMPLES, ROWS_PER_STRIP, STRIP_BYTES),
        *(TILE_WIDTH, TILE_HEIGHT, TILE_BYTES),
        *(262, 266, 273, 284, 292, 293, 317, 320, 324, 332, 338, 339, JPEG_TABLES),
        *range(512, 522),
        *range(529, 533),
    }
)
# Pillow warns when one of these comes with several values; the first is the one that it takes.
SINGLE_VALUED: Final = frozenset(tag for tag in PIXEL_TAGS if TiffTags.lookup(tag).length == 1) - {JPEG_TABLES}
# None, fax (2 to 4), LZW, both kinds of JPEG, deflate, PackBits, old deflate, LZMA, ZSTD: what libtiff was built with
# may be less, but not more. Others would only make libtiff write to the error stream.
COMPRESSIONS: Final = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 32771, 32773, 32946, 34925, 50000})
REREAD_MAX: Final = 16  # strips of odd files overlap; all together are at most so many times the file
CONVERTED_BYTES: Final = 4  # bytes per pixel of a strip that libtiff turns into RGBA


def is_tiff(data: bytes) -> bool:
    """Whether the content begins like a file of this format."""
    return data.startswith(CLASSIC_MAGICS + BIG_MAGICS)


@dataclass(frozen=True, slots=True)
class TiffSource(PillowSource):
    """A TIFF file of which the first directory was read."""

    def render(self, factor: int, *, keep_alpha: bool = False) -> NDArray[np.uint8]:
        """Decode in full, then convert and reduce band by band."""
        with translated("tiff"):
            # Given a canvas, the plugin does not check the size by itself, which it does with a warning.
            self.image.im = Image.new(self.image.mode, self.image.size, None).im
            return render_pixels(self.image, factor, keep_alpha=keep_alpha)


def open_tiff(data: bytes) -> TiffSource:
    """Read the first directory.

    Raises:
        CorruptImage: the directory is damaged, or describes no picture that Pillow takes.
    """
    with translated("tiff"):
        layout = Layout.of(data)
        entries = read_entries(data, layout, PIXEL_TAGS | {ORIENTATION_TAG}, first_directory(data, layout))
        for tag in SINGLE_VALUED & entries.keys():
            if entries[tag].count > 1:
                entries[tag] = entries[tag].with_first_value(layout)
        orientation = _first(entries.pop(ORIENTATION_TAG, None), layout, UPRIGHT)
        _check(entries, layout, len(data))
        image = TiffImageFile(io.BytesIO(with_directory(data, entries, layout)))
        size = ImageSize(*image.size)
        header = Header(
            format="tiff",
            stored_size=size,
            orientation=orientation if 1 <= orientation <= 8 else UPRIGHT,
            working_bytes=mode_bytes(image) + _strip_bytes(entries, layout, size) + len(data),
            exif=data,
        )
    return TiffSource(image, header)


def _first(entry: Entry | None, layout: Layout, default: int) -> int:
    values = entry.integers(layout) if entry else ()
    return values[0] if values else default


def _check(entries: Mapping[int, Entry], layout: Layout, size_bytes: int) -> None:
    """Refuse what would cost libtiff time or words: unknown compressions, strips that overlap without end."""
    compression = _first(entries.get(COMPRESSION), layout, 1)
    if compression not in COMPRESSIONS:
        raise CorruptImage(context={"format": "tiff", "reason": "compression", "compression": compression})
    for tag in (STRIP_BYTES, TILE_BYTES):
        counts = entries[tag].integers(layout) if tag in entries else ()
        if sum(min(count, size_bytes) for count in counts) > REREAD_MAX * size_bytes:
            raise CorruptImage(context={"format": "tiff", "reason": "overlapping strips"})


def _strip_bytes(entries: Mapping[int, Entry], layout: Layout, size: ImageSize) -> int:
    """Memory of the largest strip or tile, which libtiff holds in full."""
    rows = min(_first(entries.get(ROWS_PER_STRIP), layout, size.height), size.height)
    pixels = size.width * rows
    if TILE_WIDTH in entries:
        pixels = _first(entries[TILE_WIDTH], layout, 1) * _first(entries.get(TILE_HEIGHT), layout, 1)
    samples = _first(entries.get(SAMPLES), layout, 1)
    bits = _first(entries.get(BITS), layout, 1)
    return pixels * max(CONVERTED_BYTES, samples * bits // 8)
