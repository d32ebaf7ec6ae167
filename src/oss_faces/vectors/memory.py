"""Indexes in memory, plainly written: the reference of what is right, and for tests of others."""

import threading
from collections.abc import Mapping, Sequence

import numpy as np

from oss_faces.geometry import FloatArray
from oss_faces.vectors.base import Changes, Matches
from oss_faces.vectors.ranking import distances_to, keep_nearest, nobody


class MemoryVectorIndex:
    """An index that forgets with the process; the methods are those of `VectorIndex`."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._changing = threading.Lock()
        # Replaced as a whole, so that a search sees all of a change or none of it.
        self._state: tuple[int, Mapping[int, FloatArray]] = (0, {})

    @property
    def mark(self) -> int:
        """The last change that was applied."""
        return self._state[0]

    def __len__(self) -> int:
        """How many vectors can be found."""
        return len(self._state[1])

    def apply(self, changes: Changes) -> None:
        """Follow the face database; see `VectorIndex.apply`."""
        with self._changing:
            mark, kept = self._state
            if changes.mark <= mark:
                return
            removed = set(changes.removed.tolist())
            added = dict(zip(changes.added.tolist(), np.array(changes.vectors, np.float32), strict=True))
            self._state = (
                changes.mark,
                {number: vector for number, vector in {**added, **kept}.items() if number not in removed},
            )

    def search(self, probes: FloatArray, count: int) -> Matches:
        """Look at every vector; see `VectorIndex.search`."""
        kept = self._state[1]
        numbers = np.fromiter(kept, np.int64, len(kept))
        vectors = np.array(list(kept.values()), np.float32).reshape(len(kept), self._dimensions)
        matches = nobody(len(probes), count)
        for place, probe in enumerate(probes):
            keep_nearest(matches, place, numbers, distances_to(probe, vectors))
        return matches

    def compact(self) -> None:
        """Nothing lies on a disk."""

    def close(self) -> None:
        """There is nothing to give back; what was applied stays until the index is dropped."""


class MemoryVectorIndexes:
    """All indexes of a process; the methods are those of `VectorIndexes`."""

    def __init__(self) -> None:
        self._opening = threading.Lock()
        self._indexes: dict[tuple[str, str], MemoryVectorIndex] = {}

    def open(self, dataset_id: str, space: str, dimensions: int) -> MemoryVectorIndex:
        """Open the index of a dataset in a space; see `VectorIndexes.open`."""
        with self._opening:
            return self._indexes.setdefault((dataset_id, space), MemoryVectorIndex(dimensions))

    def drop(self, dataset_id: str, keep: Sequence[str] = ()) -> None:
        """Delete the indexes of a dataset; see `VectorIndexes.drop`."""
        with self._opening:
            self._indexes = {
                (owner, space): index
                for (owner, space), index in self._indexes.items()
                if owner != dataset_id or space in keep
            }

    def close(self) -> None:
        """Nothing is open."""
