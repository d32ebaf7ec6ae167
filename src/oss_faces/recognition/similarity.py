"""From two vectors to the one number of the wire: 0..1, and from 0.8 on it is one person."""

import math
from typing import Final

import numpy as np

from oss_faces.geometry import FloatArray

# Distances of two vectors of length 1, measured on pairs of strangers (see the card): one pair in a thousand is
# nearer than the first, one in a hundred nearer than the second.
SAME_DISTANCE: Final = 0.370
OPEN_DISTANCE: Final = 0.413
SAME_SIMILARITY: Final = 0.8


# A logistic curve through (SAME_DISTANCE, SAME_SIMILARITY) and (OPEN_DISTANCE, 0.5).
_STEEPNESS: Final = math.log(SAME_SIMILARITY / (1 - SAME_SIMILARITY)) / (OPEN_DISTANCE - SAME_DISTANCE)


def similarity(first: FloatArray, second: FloatArray) -> float:
    """Tell how surely two faces are one person: 0..1, calibrated so that 0.8 is the threshold.

    Args:
        first, second: (128,) float32 of length 1, of one space.
    """
    distance = float(np.linalg.norm(first - second))
    return 1 / (1 + math.exp(_STEEPNESS * (distance - OPEN_DISTANCE)))


def distance_of(wanted: float) -> float:
    """Tell the distance of two vectors that have this similarity, above 0 and below 1."""
    return OPEN_DISTANCE - math.log(wanted / (1 - wanted)) / _STEEPNESS
