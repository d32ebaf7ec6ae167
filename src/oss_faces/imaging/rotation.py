"""Rotate: quarter turns without loss, other angles on a larger canvas. Source: OSS "Rotate images"."""

import math
from dataclasses import dataclass
from typing import Final

from PIL import Image

from oss_faces.errors import PictureTooLarge
from oss_faces.imaging.move import Move
from oss_faces.protocol.picture_steps import Rotate
from oss_faces.values import ImageSize

FULL_TURN: Final = 360
# Clockwise degrees to the library's counter-clockwise ones.
_QUARTERS: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
_BORDER: Final = {"RGB": (255, 255, 255), "RGBA": (255, 255, 255, 0)}
# Sine and cosine of whole degrees are not exact: 1e-9 of a pixel is no pixel.
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class QuarterTurn:
    """Turn clockwise by 90, 180 or 270 degrees."""

    degrees: int
    size: ImageSize

    @property
    def between_pixels(self) -> int:
        """Nothing but the result is made."""
        return 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Move the pixels."""
        return image.transpose(_QUARTERS[self.degrees])


@dataclass(frozen=True, slots=True)
class Turn:
    """Turn clockwise about the middle, onto a canvas that holds every corner."""

    degrees: int
    size: ImageSize

    @property
    def between_pixels(self) -> int:
        """Nothing but the result is made."""
        return 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Turn; the corners that are laid bare are transparent where that can be, and white elsewhere."""
        cosine, sine = _direction(self.degrees)
        middle_x, middle_y = self.size.width / 2, self.size.height / 2
        # For each place of the result the place of the source: the turn undone.
        matrix = (
            cosine,
            sine,
            image.width / 2 - cosine * middle_x - sine * middle_y,
            -sine,
            cosine,
            image.height / 2 + sine * middle_x - cosine * middle_y,
        )
        return image.transform(
            (self.size.width, self.size.height),
            Image.Transform.AFFINE,
            matrix,
            Image.Resampling.BICUBIC,
            fillcolor=_BORDER[image.mode],
        )


def plan_rotation(step: Rotate, source: ImageSize, side_max: int) -> tuple[Move, ...]:
    """Work out a turn.

    Raises:
        PictureTooLarge: the angle is no quarter turn and a side is longer than `side_max`.
    """
    degrees = step.degrees % FULL_TURN
    if degrees == 0:
        return ()
    if degrees in _QUARTERS:
        across = degrees != FULL_TURN // 2
        return (QuarterTurn(degrees, ImageSize(source.height, source.width) if across else source),)
    if max(source.width, source.height) > side_max:
        raise PictureTooLarge(context={"limit": "imaging.turned_side_max", "value": max(source.width, source.height)})
    cosine, sine = map(abs, _direction(degrees))
    width = math.ceil(source.width * cosine + source.height * sine - _TOLERANCE)
    height = math.ceil(source.width * sine + source.height * cosine - _TOLERANCE)
    return (Turn(degrees, ImageSize(width, height)),)


def _direction(degrees: int) -> tuple[float, float]:
    angle = math.radians(degrees)
    return math.cos(angle), math.sin(angle)
