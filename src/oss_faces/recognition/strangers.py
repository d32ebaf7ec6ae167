"""Pairs of pictures: of two persons, with all their distances, and of one person."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FloatArray

_BLOCK_ROWS: Final = 512


@dataclass(frozen=True, slots=True)
class Strangers:
    """The distances of all pairs of pictures that show two persons, (P,) float32, ascending."""

    distances: FloatArray

    @property
    def count(self) -> int:
        """How many pairs there are."""
        return len(self.distances)

    def distance(self, rate: float) -> float:
        """Tell the distance below which this share of the pairs lies."""
        return float(self.distances[int(rate * self.count)])

    def rate(self, distance: float) -> float:
        """Tell the share of the pairs that lie nearer than a distance."""
        return float(np.searchsorted(self.distances, distance)) / self.count


def compare_strangers(vectors: NDArray[Any], identities: NDArray[Any]) -> Strangers:
    """Compare every picture with all those of other persons, a block of rows at a time.

    Args:
        vectors: (N, D) of any length: the distance is that of dlib, plain.
        identities: (N,) who is shown.
    """
    _, person = np.unique(identities, return_inverse=True)
    rows = np.asarray(vectors, np.float32)
    lengths = np.einsum("ij,ij->i", rows, rows)
    parts = []
    for begin in range(0, len(rows), _BLOCK_ROWS):
        end = min(begin + _BLOCK_ROWS, len(rows))
        squares = lengths[begin:end, None] + lengths[None, begin:] - 2 * rows[begin:end] @ rows[begin:].T
        # Each pair once: what is right of the block's own diagonal.
        is_later = np.arange(begin, len(rows))[None, :] > np.arange(begin, end)[:, None]
        are_two = person[begin:end, None] != person[None, begin:]
        parts.append(np.sqrt(np.maximum(squares[is_later & are_two], 0)))
    distances = np.concatenate(parts)
    distances.sort()
    return Strangers(distances)


def genuine_pairs(identities: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places of all pairs of pictures of one person, the first before the second."""
    _, person = np.unique(identities, return_inverse=True)
    order = np.argsort(person, kind="stable")
    begins = np.flatnonzero(np.diff(person[order], prepend=-1))
    pairs = [(*np.triu_indices(len(part), 1), part) for part in np.split(order, begins[1:])]
    return (
        np.concatenate([part[left] for left, _, part in pairs]),
        np.concatenate([part[right] for _, right, part in pairs]),
    )
