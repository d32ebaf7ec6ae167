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


def nobody(probes: int, count: int) -> Matches:
    """Give the matches of a search that has found nothing yet."""
    return Matches(np.full((probes, count), NOBODY, np.int64), np.full((probes, count), np.inf, np.float32))


def keep_nearest(matches: Matches, place: int, numbers: NumberArray, distances: FloatArray) -> None:
    """Put candidates among the matches of one probe, as far as they are nearer than what is there.

    Args:
        matches: changed in place.
        place: which probe.
        numbers: (N,) int64, none twice and none that is among the matches.
        distances: (N,) float32.
    """
    all_numbers = np.concatenate([matches.numbers[place], numbers])
    all_distances = np.concatenate([matches.distances[place], distances])
    order = np.lexsort((all_numbers, all_distances))[: matches.numbers.shape[1]]
    matches.numbers[place] = all_numbers[order]
    matches.distances[place] = all_distances[order]
