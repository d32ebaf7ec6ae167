"""Resample a turned square out of a picture: what every network that looks at one face is fed with."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from oss_faces.geometry import CropFrame
from oss_faces.values import Image

# What lies outside the picture.
OUTSIDE_GREY: Final = 127


def cut(image: Image, frame: CropFrame, crop_side: int) -> NDArray[np.uint8]:
    """Resample one square, without aliasing however large the face is.

    Only the part of the picture under the square is touched. It is first averaged down by a whole factor, so that
    the bilinear step that follows never skips pixels.

    Args:
        image: the picture, at full size or as a reduced rendition.
        frame: the square, in source pixels.
        crop_side: edge length of the result in pixels.

    Returns:
        (crop_side, crop_side, 3) uint8 RGB.
    """
    to_pixels = _to_stored_pixels(image, frame, crop_side)
    reduction = max(1, round(float(np.hypot(to_pixels[0, 0], to_pixels[1, 0]))))
    window = _window(to_pixels, crop_side, image.pixels.shape, margin=2 * reduction)
    if window is None:
        return np.full((crop_side, crop_side, 3), OUTSIDE_GREY, np.uint8)
    left, top, right, bottom = window
    region = Pillow.fromarray(np.ascontiguousarray(image.pixels[top:bottom, left:right]))
    if reduction > 1:
        region = region.reduce(reduction)
    to_pixels[:, 2] -= (left, top)
    to_pixels /= reduction
    crop = region.transform(
        (crop_side, crop_side),
        Pillow.Transform.AFFINE,
        tuple(float(value) for value in to_pixels.ravel()),
        resample=Pillow.Resampling.BILINEAR,
        fillcolor=(OUTSIDE_GREY, OUTSIDE_GREY, OUTSIDE_GREY),
    )
    return np.asarray(crop)


def _to_stored_pixels(image: Image, frame: CropFrame, crop_side: int) -> NDArray[np.float64]:
    """Affine matrix (2, 3) from crop coordinates to those of `image.pixels`."""
    return np.asarray(frame.to_source(crop_side) * np.array(image.scale)[:, None])


def _window(
    to_pixels: NDArray[np.float64], crop_side: int, shape: tuple[int, ...], margin: int
) -> tuple[int, int, int, int] | None:
    """Part of the stored picture under the square: left, top, right, bottom; `None` when there is none."""
    corners = np.array([[0, 0, 1], [crop_side, 0, 1], [0, crop_side, 1], [crop_side, crop_side, 1]]) @ to_pixels.T
    height, width = shape[:2]
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int) - margin, 0)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + margin
    right, bottom = min(int(right), width), min(int(bottom), height)
    if right <= left or bottom <= top:
        return None
    return int(left), int(top), right, bottom
