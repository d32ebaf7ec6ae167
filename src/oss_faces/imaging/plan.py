"""A chain of edits worked out for one picture: every size is known, and within the limits, before a pixel is made."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from oss_faces.errors import PictureTooLarge
from oss_faces.imaging.cropping import plan_crop
from oss_faces.imaging.move import Move, is_larger
from oss_faces.imaging.orientation import ACROSS, UPRIGHT, Upright, plan_upright
from oss_faces.imaging.resizing import Resample, plan_resize
from oss_faces.imaging.rotation import plan_rotation
from oss_faces.imaging.settings import ImagingSettings
from oss_faces.protocol.picture_steps import AutoOrient, Crop, Edit, Resize, Rotate
from oss_faces.values import ImageSize

# The library holds a pixel in four bytes; the decoded pixels that it is handed take as much at most.
PIXEL_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """The moves of one picture.

    Attributes:
        source: size as stored.
        orientation: EXIF orientation that the result still has; 1 when it is upright.
    """

    source: ImageSize
    moves: tuple[Move, ...]
    orientation: int

    @property
    def size(self) -> ImageSize:
        """Size of the result."""
        return self.moves[-1].size if self.moves else self.source

    @property
    def reduction(self) -> int:
        """Power of two by which the source may be reduced while it is decoded."""
        first = self.moves[0] if self.moves else None
        return first.reduction if isinstance(first, Resample) else 1

    @property
    def decoded(self) -> ImageSize:
        """Size of the pixels that the plan is carried out on."""
        factor = self.reduction
        return ImageSize(-(-self.source.width // factor), -(-self.source.height // factor))

    @property
    def memory_bytes(self) -> int:
        """Most memory that carrying it out takes, with the decoded pixels and without what decoding them took."""
        peaks = [before.pixels + move.between_pixels + move.size.pixels for before, move in self.walk()]
        return PIXEL_BYTES * max(2 * self.decoded.pixels, *peaks, 0)

    def walk(self) -> Iterator[tuple[ImageSize, Move]]:
        """Give each move with the size of the picture before it, the first in the frame of what was decoded."""
        before = self.decoded
        for place, move in enumerate(self.moves):
            if place == 0 and isinstance(move, Resample):
                yield before, move.reduced(self.reduction)
            else:
                yield before, move
            before = move.size

    def upright(self) -> "Plan":
        """The same, with what is left of the orientation applied in the end."""
        return Plan(self.source, (*self.moves, *plan_upright(self.orientation, self.size)), UPRIGHT)


def make_plan(edits: tuple[Edit, ...], source: ImageSize, orientation: int, settings: ImagingSettings) -> Plan:
    """Work out a chain; edits that only say how the picture is written have no part in it.

    `auto-orient,1` comes first wherever it stands; all other edits keep their order.

    Raises:
        OutsidePicture: a crop begins outside of the picture as it then is.
        PictureTooLarge: a picture on the way is larger than the limits allow, or all of them together are.
    """
    is_upright = any(isinstance(edit, AutoOrient) and edit.is_wanted for edit in edits)
    moves = plan_upright(orientation, source) if is_upright else ()
    size = moves[-1].size if moves else source
    for edit in edits:
        planned = _plan(edit, size, settings)
        for move in planned:
            _check_growth(size, move.size, settings)
            size = move.size
        moves += planned
    plan = Plan(source, _turned_late(moves), UPRIGHT if is_upright else orientation)
    _check_work(plan, settings)
    return plan


def _plan(edit: Edit, size: ImageSize, settings: ImagingSettings) -> tuple[Move, ...]:
    if isinstance(edit, Resize):
        return plan_resize(edit, size)
    if isinstance(edit, Crop):
        return plan_crop(edit, size)
    if isinstance(edit, Rotate):
        return plan_rotation(edit, size, settings.turned_side_max)
    return ()


def _turned_late(moves: tuple[Move, ...]) -> tuple[Move, ...]:
    """Let a scaling go before the turn upright: it can then be done while decoding, and fewer pixels are turned."""
    match moves:
        case (Upright() as turn, Resample() as scaling, *rest):
            across = turn.orientation in ACROSS
            first = scaling.transposed() if across else scaling
            return (first, Upright(turn.orientation, scaling.size), *rest)
    return moves


def _check_growth(before: ImageSize, after: ImageSize, settings: ImagingSettings) -> None:
    if not is_larger(after, before):
        return
    measured = {
        "imaging.side_max": (max(after.width, after.height), settings.side_max),
        "imaging.pixels_max": (after.pixels, settings.pixels_max),
    }
    for limit, (value, most) in measured.items():
        if value > most and after.pixels > before.pixels:
            raise PictureTooLarge(context={"limit": limit, "value": value})


def _check_work(plan: Plan, settings: ImagingSettings) -> None:
    """Refuse chains of many large pictures: each may be within its limits, and all of them take too long."""
    work = sum(before.pixels + move.between_pixels + move.size.pixels for before, move in plan.walk())
    if work > settings.work_pixels_max:
        raise PictureTooLarge(context={"limit": "imaging.work_pixels_max", "value": work})
