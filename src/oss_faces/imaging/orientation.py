"""The EXIF orientation as a move. Source: EXIF 2.32, tag 0x0112."""

from dataclasses import dataclass
from typing import Final

from PIL import Image

from oss_faces.imaging.move import Move
from oss_faces.values import ImageSize

UPRIGHT: Final = 1
ACROSS: Final = frozenset({5, 6, 7, 8})
"""Orientations that exchange width and height."""

_TRANSPOSES: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Upright:
    """Turn stored pixels as their orientation says."""

    orientation: int
    size: ImageSize

    @property
    def between_pixels(self) -> int:
        """Nothing but the result is made."""
        return 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Move the pixels."""
        return image.transpose(_TRANSPOSES[self.orientation])


def plan_upright(orientation: int, source: ImageSize) -> tuple[Move, ...]:
    """Work out the turn; nothing when the pixels are upright."""
    if orientation == UPRIGHT:
        return ()
    size = ImageSize(source.height, source.width) if orientation in ACROSS else source
    return (Upright(orientation, size),)
