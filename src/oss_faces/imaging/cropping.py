"""Crop: the rectangle that is cut out. Source: OSS "Crop images", the table of the nine origins."""

from dataclasses import dataclass

from PIL import Image

from oss_faces.errors import OutsidePicture
from oss_faces.imaging.move import Move
from oss_faces.protocol.picture_steps import Crop, Origin
from oss_faces.values import ImageSize

_WEST = frozenset({Origin.NW, Origin.WEST, Origin.SW})
_EAST = frozenset({Origin.NE, Origin.EAST, Origin.SE})
_NORTH = frozenset({Origin.NW, Origin.NORTH, Origin.NE})
_SOUTH = frozenset({Origin.SW, Origin.SOUTH, Origin.SE})


@dataclass(frozen=True, slots=True)
class Cut:
    """Keep the pixels from (left, top) on, as many as `size` says."""

    left: int
    top: int
    size: ImageSize

    @property
    def between_pixels(self) -> int:
        """Nothing but the result is made."""
        return 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Copy the part."""
        return image.crop((self.left, self.top, self.left + self.size.width, self.top + self.size.height))


def plan_crop(step: Crop, source: ImageSize) -> tuple[Move, ...]:
    """Work out a crop; what reaches past the picture is cut at its edge.

    Raises:
        OutsidePicture: it begins outside of the picture.
    """
    width, height = min(step.width or source.width, source.width), min(step.height or source.height, source.height)
    left = _start(source.width - width, is_first=step.origin in _WEST, is_last=step.origin in _EAST) + step.x
    top = _start(source.height - height, is_first=step.origin in _NORTH, is_last=step.origin in _SOUTH) + step.y
    if left >= source.width or top >= source.height:
        raise OutsidePicture
    size = ImageSize(min(width, source.width - left), min(height, source.height - top))
    return () if size == source else (Cut(left, top, size),)


def _start(room: int, *, is_first: bool, is_last: bool) -> int:
    if is_first:
        return 0
    return room if is_last else room // 2
