"""EXIF orientation: find it in a TIFF structure, and turn pixels upright."""

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.decoding.source import UPRIGHT

ORIENTATION_TAG: Final = 0x0112
SHORT: Final = 3
LONG: Final = 4
PIXEL: Final = np.dtype("V3")
ENTRIES_MAX: Final = 1_000  # an image file directory of a camera holds about 20


def read_orientation(exif: bytes) -> int:
    """Read the orientation out of an EXIF block (a TIFF structure without the `Exif` prefix).

    Returns:
        1 to 8; 1 when there is none or it makes no sense, as picture viewers take it.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None or len(exif) < 8:
        return UPRIGHT
    start = struct.unpack_from(order + "I", exif, 4)[0]
    if start + 2 > len(exif):
        return UPRIGHT
    count = min(struct.unpack_from(order + "H", exif, start)[0], ENTRIES_MAX, (len(exif) - start - 2) // 12)
    for place in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(order + "HH", exif, place)
        if tag == ORIENTATION_TAG and kind in (SHORT, LONG):
            value = struct.unpack_from(order + ("H" if kind == SHORT else "I"), exif, place + 8)[0]
            return value if 1 <= value <= 8 else UPRIGHT
    return UPRIGHT


def turn_upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Apply an EXIF orientation to contiguous (H, W, 3) pixels; one copy, or none when they are upright.

    Source: EXIF 2.32, tag 0x0112.
    """
    if orientation == UPRIGHT:
        return pixels
    # A pixel as one item of three bytes: it is copied whole, which takes half the time of three single bytes.
    whole = pixels.view(PIXEL)[..., 0]
    if orientation > 4:
        whole = whole.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        whole = whole[:, ::-1]
    if orientation in (3, 4, 7, 8):
        whole = whole[::-1]
    return np.ascontiguousarray(whole).view(np.uint8).reshape(*whole.shape, 3)
