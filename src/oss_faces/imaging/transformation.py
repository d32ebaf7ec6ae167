"""Carry out a plan on decoded pixels."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from oss_faces.errors import PictureTooLarge
from oss_faces.imaging.encoding import Encoding, encode, on_background
from oss_faces.imaging.plan import Plan
from oss_faces.values import Image, ImageSize, PictureFile

# Neither light nor dark hair and skin melt into it; the decoder of image/faces uses the same.
FACES_BACKGROUND: Final = (128, 128, 128)


def edit_picture(pixels: NDArray[np.uint8], plan: Plan, encoding: Encoding) -> PictureFile:
    """Carry out a plan and write the result.

    Args:
        pixels: (H, W, 3 or 4) uint8 RGB or RGBA as stored, reduced by `plan.reduction`.

    Raises:
        PictureTooLarge: the memory did not suffice.
    """
    with _translated():
        image = Pillow.fromarray(pixels)
        # The library has its own copy now; the caller keeps none, so that this is the last reference.
        del pixels
        return encode(_carry_out(image, plan), encoding)


def edit_for_faces(pixels: NDArray[np.uint8], plan: Plan, source_format: str, reduced_pixels: int) -> Image:
    """Carry out a plan and hand the result, turned upright, to the search for faces.

    Args:
        pixels: as for `edit_picture`.
        reduced_pixels: the picture is reduced by 2, 4, 8, ... as long as at least so many pixels remain.

    Raises:
        PictureTooLarge: the memory did not suffice.
    """
    with _translated():
        image = Pillow.fromarray(pixels)
        del pixels
        image = _carry_out(image, plan.upright())
        if image.mode == "RGBA":
            image = on_background(image, FACES_BACKGROUND)
        size = ImageSize(image.width, image.height)
        factor = 1
        while size.pixels >= 4 * factor * factor * reduced_pixels:
            factor *= 2
        searched = np.ascontiguousarray(np.asarray(image.reduce(factor) if factor > 1 else image))
        return Image(searched, size, source_format, plan.orientation)


def _carry_out(image: Pillow.Image, plan: Plan) -> Pillow.Image:
    for _, move in plan.walk():
        image = move.apply(image)
        assert (image.width, image.height) == (move.size.width, move.size.height), "a move gives what was planned"
    return image


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except MemoryError as error:
        raise PictureTooLarge(context={"reason": repr(error)}) from error
