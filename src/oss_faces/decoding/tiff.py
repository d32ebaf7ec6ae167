"""TIFF: the first page."""

import io
from typing import Final

from PIL.TiffImagePlugin import TiffImageFile

from oss_faces.decoding.pillow_source import PillowSource, mode_bytes
from oss_faces.decoding.source import UPRIGHT, Header
from oss_faces.decoding.translation import translated
from oss_faces.values import ImageSize

MAGICS: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def is_tiff(data: bytes) -> bool:
    """Whether the content begins like a file of this format."""
    return data.startswith(MAGICS)


def open_tiff(data: bytes) -> PillowSource:
    """Read the header.

    Raises:
        CorruptImage: Pillow does not take the header.
    """
    with translated("tiff"):
        image = TiffImageFile(io.BytesIO(data))
        return PillowSource(image, Header("tiff", ImageSize(*image.size), UPRIGHT, mode_bytes(image)))
