"""Near faces of each face: by looking at all of them, in blocks that bound the memory."""

from typing import Final

import numpy as np

from oss_faces.geometry import FloatArray
from oss_faces.vectors import Matches, NumberArray

# Distances that are held at a time.
_BLOCK: Final = 2**24


class ExactNeighbours:
    """Neighbours among given faces."""

    def __init__(self, numbers: NumberArray, vectors: FloatArray) -> None:
        self._numbers = numbers
        self._vectors = vectors

    def __call__(self, probes: FloatArray, count: int) -> Matches:
        """Find the nearest; where there are fewer, the number is -1."""
        kept = min(count, len(self._numbers))
        numbers = np.full((len(probes), count), -1, np.int64)
        distances = np.full((len(probes), count), np.inf, np.float32)
        rows = max(1, _BLOCK // max(1, len(self._numbers)))
        for begin in range(0, len(probes) if kept else 0, rows):
            part = slice(begin, begin + rows)
            far = 2 - 2 * (probes[part] @ self._vectors.T)
            near = np.argpartition(far, kept - 1, axis=1)[:, :kept]
            squares = np.take_along_axis(far, near, axis=1)
            order = np.argsort(squares, axis=1, kind="stable")
            numbers[part, :kept] = self._numbers[np.take_along_axis(near, order, axis=1)]
            distances[part, :kept] = np.sqrt(np.maximum(np.take_along_axis(squares, order, axis=1), 0))
        return Matches(numbers, distances)
