"""The order of matches: by distance, ties by number. One definition for every index."""

from typing import Final

import numpy as np

from oss_faces.geometry import FloatArray
from oss_faces.vectors.base import Matches, NumberArray

NOBODY: Final = -1


def distances_to(probe: FloatArray, vectors: FloatArray) -> FloatArray:
    """Tell how far (N, D) vectors are from one probe: (N,) float32.

    From the difference, not from the product: equal vectors have distance 0, and near ones keep their digits.
    """
    difference = vectors - probe
    return np.asarray(np.sqrt(np.einsum("nd,nd->n", difference, difference, dtype=np.float64)), np.float32)


def rank(numbers: NumberArray, distances: FloatArray, count: int) -> Matches:
    """Put candidates in order and keep the first of them, as the matches of one probe.

    Args:
        numbers: (N,) int64, none twice.
        distances: (N,) float32.
        count: how many to keep; where there are fewer, the rest is `NOBODY` at an infinite distance.
    """
    order = np.lexsort((numbers, distances))[:count]
    kept_numbers = np.full((1, count), NOBODY, np.int64)
    kept_distances = np.full((1, count), np.inf, np.float32)
    kept_numbers[0, : len(order)] = numbers[order]
    kept_distances[0, : len(order)] = distances[order]
    return Matches(kept_numbers, kept_distances)


def stack(matches: list[Matches], count: int) -> Matches:
    """Put the matches of single probes together; none at all have `count` columns too."""
    if not matches:
        return Matches(np.empty((0, count), np.int64), np.empty((0, count), np.float32))
    return Matches(
        np.concatenate([each.numbers for each in matches]), np.concatenate([each.distances for each in matches])
    )
