"""The aligned picture of one face that a recognition network was trained on."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FRONTAL_POINTS, FloatArray, align_square
from oss_faces.sampling import cut
from oss_faces.values import Image


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where a network expects the five points of a face.

    Attributes:
        template: (5, 2) float32, in units of the chip.
        side: edge of the chip in pixels.
    """

    template: FloatArray
    side: int


# dlib's own alignment, as it looks in the points that our detector finds.
DLIB_ALIGNMENT: Final = Alignment(FRONTAL_POINTS, 150)

_ARCFACE_SIDE: Final = 112
# The template in general use for networks of the ArcFace family, in pixels of a chip of 112.
_ARCFACE_POINTS: Final = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
ARCFACE_ALIGNMENT: Final = Alignment(_ARCFACE_POINTS / np.float32(_ARCFACE_SIDE), _ARCFACE_SIDE)


def cut_chips(image: Image, landmarks: FloatArray, alignment: Alignment) -> NDArray[np.uint8]:
    """Cut the chip of every face: turned, scaled and moved until its five points lie where the network expects them.

    Args:
        landmarks: (N, 5, 2) float32, source pixels.

    Returns:
        (N, side, side, 3) uint8 RGB.
    """
    side = alignment.side
    chips = np.empty((len(landmarks), side, side, 3), np.uint8)
    for place, points in enumerate(landmarks):
        chips[place] = cut(image, align_square(points, alignment.template), side)
    return chips
