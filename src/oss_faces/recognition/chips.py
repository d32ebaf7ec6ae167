"""The aligned picture of one face that the recognition network was trained on."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FRONTAL_POINTS, FloatArray, align_square
from oss_faces.sampling import cut
from oss_faces.values import Image

CHIP_SIDE: Final = 150


def cut_chips(image: Image, landmarks: FloatArray) -> NDArray[np.uint8]:
    """Cut the chip of every face: turned, scaled and moved until its five points lie where the network expects them.

    The template is that of dlib's own alignment, as it looks in the points that our detector finds.

    Args:
        landmarks: (N, 5, 2) float32, source pixels.

    Returns:
        (N, CHIP_SIDE, CHIP_SIDE, 3) uint8 RGB.
    """
    chips = np.empty((len(landmarks), CHIP_SIDE, CHIP_SIDE, 3), np.uint8)
    for place, points in enumerate(landmarks):
        chips[place] = cut(image, align_square(points, FRONTAL_POINTS), CHIP_SIDE)
    return chips
