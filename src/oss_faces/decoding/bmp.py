"""BMP: Pillow reads the header without touching a pixel."""

import io
from typing import Final

from PIL.BmpImagePlugin import BmpImageFile

from oss_faces.decoding.pillow_source import PillowSource, mode_bytes
from oss_faces.decoding.source import UPRIGHT, Header
from oss_faces.decoding.translation import translated
from oss_faces.values import ImageSize

MAGIC: Final = b"BM"


def is_bmp(data: bytes) -> bool:
    """Whether the content begins like a file of this format."""
    return data.startswith(MAGIC)


def open_bmp(data: bytes) -> PillowSource:
    """Read the header.

    Raises:
        CorruptImage: Pillow does not take the header.
    """
    with translated("bmp"):
        image = BmpImageFile(io.BytesIO(data))
        return PillowSource(image, Header("bmp", ImageSize(*image.size), UPRIGHT, mode_bytes(image)))
