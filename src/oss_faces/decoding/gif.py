"""GIF: the first frame; the number of frames counts towards the pixel limit, as at OSS."""

import io
from typing import Final

from PIL.GifImagePlugin import GifImageFile

from oss_faces.decoding.pillow_source import PillowSource, mode_bytes
from oss_faces.decoding.source import UPRIGHT, Header
from oss_faces.decoding.translation import translated
from oss_faces.values import ImageSize

MAGICS: Final = (b"GIF87a", b"GIF89a")


def is_gif(data: bytes) -> bool:
    """Whether the content begins like a file of this format."""
    return data.startswith(MAGICS)


def open_gif(data: bytes) -> PillowSource:
    """Read the header.

    Raises:
        CorruptImage: Pillow does not take the header.
    """
    with translated("gif"):
        image = GifImageFile(io.BytesIO(data))
        return PillowSource(image, Header("gif", ImageSize(*image.size), UPRIGHT, mode_bytes(image)))
