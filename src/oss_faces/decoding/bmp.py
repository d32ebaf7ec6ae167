"""BMP: Pillow reads the header without touching a pixel."""

import io
from typing import Final

from PIL.BmpImagePlugin import BmpImageFile

from oss_faces.decoding.pillow_source import PillowSource, mode_bytes
from oss_faces.decoding.source import UPRIGHT, Header
from oss_faces.decoding.translation import translated
from oss_faces.errors import ImageTooLarge
from oss_faces.values import ImageSize

MAGIC: Final = b"BM"
RUN_LENGTH_CODEC: Final = "bmp_rle"
# Pillow decodes run lengths in Python, at worst one pixel or one code at a time: about a second for each of these.
RLE_PIXELS_MAX: Final = 8_000_000
RLE_BYTES_MAX: Final = 4_000_000


def is_bmp(data: bytes) -> bool:
    """Whether the content begins like a file of this format."""
    return data.startswith(MAGIC)


def open_bmp(data: bytes) -> PillowSource:
    """Read the header.

    Raises:
        CorruptImage: Pillow does not take the header.
        ImageTooLarge: it is run-length coded and larger than such pictures are.
    """
    with translated("bmp"):
        image = BmpImageFile(io.BytesIO(data))
        is_run_length = image.tile[0].codec_name == RUN_LENGTH_CODEC
        if is_run_length and max(image.width * image.height / RLE_PIXELS_MAX, len(data) / RLE_BYTES_MAX) > 1:
            raise ImageTooLarge(context={"limit": "bmp_rle", "width": image.width, "height": image.height})
        return PillowSource(image, Header("bmp", ImageSize(*image.size), UPRIGHT, mode_bytes(image)))
