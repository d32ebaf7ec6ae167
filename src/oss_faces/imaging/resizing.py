"""Resize: the rectangle that is wanted, and how the picture comes into it.

Source: OSS "Resize images". Where the page leaves a case open, docs/differences.md says what is done here.
"""

from dataclasses import astuple, dataclass
from typing import Final

from PIL import Image

from oss_faces.imaging.move import Move, is_larger
from oss_faces.protocol.picture_steps import Resize, ResizeMode
from oss_faces.values import Box, ImageSize

# Pixels of source, at least, for each pixel of a result that is made of a reduced rendition.
REDUCING_GAP: Final = 2
EXACT_MODES: Final = frozenset({ResizeMode.FIXED, ResizeMode.FILL, ResizeMode.PAD})
COVERING_MODES: Final = frozenset({ResizeMode.MFIT, ResizeMode.FILL})


@dataclass(frozen=True, slots=True)
class Resample:
    """Scale the part of the picture inside `box` to `size`. The box is centred in the picture."""

    box: Box
    size: ImageSize

    @property
    def between_pixels(self) -> int:
        """The library scales along x first: as wide as the result and as high as the part."""
        return self.size.width * (int(self.box.height) + 1)

    @property
    def reduction(self) -> int:
        """Largest power of two by which the source may be reduced without harm to the result."""
        room = min(self.box.width / self.size.width, self.box.height / self.size.height) / REDUCING_GAP
        factor = 1
        while 2 * factor <= room:
            factor *= 2
        return factor

    def reduced(self, factor: int) -> "Resample":
        """The same for a rendition of the source that is reduced by this factor, its sides rounded up."""
        box = Box(self.box.left / factor, self.box.top / factor, self.box.right / factor, self.box.bottom / factor)
        return Resample(box, self.size)

    def transposed(self) -> "Resample":
        """The same for a picture whose axes are exchanged."""
        box = Box(self.box.top, self.box.left, self.box.bottom, self.box.right)
        return Resample(box, ImageSize(self.size.height, self.size.width))

    def apply(self, image: Image.Image) -> Image.Image:
        """Scale by the library's best filter; it has transparency in mind."""
        box = (self.box.left, self.box.top, self.box.right, self.box.bottom)
        return image.resize((self.size.width, self.size.height), Image.Resampling.LANCZOS, box)


@dataclass(frozen=True, slots=True)
class Pad:
    """Lay the picture on the middle of a canvas of one colour."""

    size: ImageSize
    color: tuple[int, int, int]

    @property
    def between_pixels(self) -> int:
        """Nothing but the result is made."""
        return 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Lay it there; what is transparent in the picture stays so."""
        color = (*self.color, 255) if image.mode == "RGBA" else self.color
        canvas = Image.new(image.mode, (self.size.width, self.size.height), color)
        canvas.paste(image, ((self.size.width - image.width) // 2, (self.size.height - image.height) // 2))
        return canvas


def plan_resize(step: Resize, source: ImageSize) -> tuple[Move, ...]:
    """Work out a resize; nothing when the picture already is what is wanted, or must not be made larger."""
    sides = _wanted_sides(step, source)
    if not any(sides):
        assert step.percent is not None, "the grammar asks for a side or a percentage"
        # A percentage above 100 has no other meaning than to enlarge.
        return _resample(source, _scaled(source, step.percent / 100), is_limited=bool(step.is_limited))
    is_limited = step.is_limited is not False
    if step.mode is ResizeMode.FIXED:
        return _resample(source, _rectangle(*sides), is_limited=is_limited)
    if step.mode in EXACT_MODES:
        sides = astuple(_rectangle(*sides))
    along = [wanted / given for wanted, given in zip(sides, astuple(source), strict=True) if wanted]
    scale = max(along) if step.mode in COVERING_MODES else min(along)
    if scale > 1 and is_limited:
        return ()
    if step.mode is ResizeMode.FILL:
        return _fill(source, _rectangle(*sides), scale)
    fitted = _scaled(source, scale)
    moves = _resample(source, fitted, is_limited=False)
    if step.mode is ResizeMode.PAD and fitted != _rectangle(*sides):
        return (*moves, Pad(_rectangle(*sides), step.color))
    return moves


def _wanted_sides(step: Resize, source: ImageSize) -> tuple[int | None, int | None]:
    """Width and height as they are asked for; the longest and the shortest side count when neither is given."""
    if step.width or step.height:
        return step.width, step.height
    return (step.longest, step.shortest) if source.width >= source.height else (step.shortest, step.longest)


def _rectangle(width: int | None, height: int | None) -> ImageSize:
    """Complete the rectangle of a mode that gives it exactly: one side alone means a square."""
    side = width or height
    assert side is not None, "one of the sides is given"
    return ImageSize(width or side, height or side)


def _scaled(source: ImageSize, scale: float) -> ImageSize:
    return ImageSize(_side(source.width * scale), _side(source.height * scale))


def _side(length: float) -> int:
    """Round half up, as people do; no side vanishes."""
    return max(1, int(length + 0.5))


def _resample(source: ImageSize, wanted: ImageSize, *, is_limited: bool) -> tuple[Move, ...]:
    if wanted == source or (is_limited and is_larger(wanted, source)):
        return ()
    return (Resample(Box(0, 0, source.width, source.height), wanted),)


def _fill(source: ImageSize, rectangle: ImageSize, scale: float) -> tuple[Move, ...]:
    if rectangle == source:
        return ()
    width, height = min(rectangle.width / scale, source.width), min(rectangle.height / scale, source.height)
    left, top = (source.width - width) / 2, (source.height - height) / 2
    box = Box(left, top, min(left + width, source.width), min(top + height, source.height))
    return (Resample(box, rectangle),)
