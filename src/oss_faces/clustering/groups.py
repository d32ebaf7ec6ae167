"""Faces in arrays, and groups of them as sums: what is asked of a group never needs its single vectors again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FloatArray
from oss_faces.vectors import NumberArray

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NewFaces:
    """Faces that are to be placed, (N, ...) each.

    Attributes:
        numbers: none twice.
        vectors: (N, D) float32 of length 1.
        pictures: on which picture each is.
        contents: what is the same for copies of one face; copies count once where a cluster begins.
        crowding: float64, see `crowds`.
        may_found: good enough to begin a cluster, see `fitness`.
        may_join: good enough to join one, see `recognition.flaws`.
    """

    numbers: NumberArray
    vectors: FloatArray
    pictures: Sequence[str]
    contents: Sequence[str]
    crowding: Numbers
    may_found: Flags
    may_join: Flags

    def __post_init__(self) -> None:
        arrays: tuple[Sequence[Any] | NDArray[Any], ...] = (
            self.vectors,
            self.pictures,
            self.contents,
            self.crowding,
            self.may_found,
            self.may_join,
        )
        assert all(len(array) == len(self.numbers) for array in arrays), "one entry for each face"
        assert len(np.unique(self.numbers)) == len(self.numbers), "each face once"

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class Group:
    """A cluster, or what may become one.

    Attributes:
        total: (D,) float64, sum of the vectors that stand for it: weak faces belong to a cluster, but do not shape it.
        count: how many those are.
        pictures: on which any of its faces is.
        crowding: mean of its new faces; `None` when there are none, and the other side's counts for both.
        newcomers: how many new faces there are.
    """

    total: Numbers
    count: int
    pictures: frozenset[str]
    crowding: float | None = None
    newcomers: int = 0

    @classmethod
    def of(cls, vectors: FloatArray, pictures: Sequence[str]) -> "Group":
        """Sum up a cluster that there is.

        Args:
            vectors: (M, D), at least one.
            pictures: of all faces, those without a vector here too.
        """
        assert len(vectors), "a group has a vector"
        return cls(vectors.sum(axis=0, dtype=np.float64), len(vectors), frozenset(pictures))

    @classmethod
    def of_one(cls, faces: NewFaces, row: int) -> "Group":
        """Begin with one new face."""
        picture = frozenset((faces.pictures[row],))
        return cls(faces.vectors[row].astype(np.float64), 1, picture, float(faces.crowding[row]), 1)

    def joined(self, other: "Group") -> "Group":
        """Give both as one."""
        newcomers = self.newcomers + other.newcomers
        crowding = sum(each.crowding * each.newcomers for each in (self, other) if each.crowding is not None)
        return Group(
            self.total + other.total,
            self.count + other.count,
            self.pictures | other.pictures,
            crowding / newcomers if newcomers else None,
            newcomers,
        )

    def distances(self, others: Sequence["Group"]) -> Numbers:
        """Tell the mean squared distance over all pairs of two groups, crowding added: (G,)."""
        totals = np.stack([other.total for other in others])
        counts = np.array([other.count for other in others], np.int64)
        crowding = np.array([_both(self.crowding, other.crowding) for other in others])
        between: Numbers = 2 - 2 * (totals @ self.total) / (counts * self.count) + crowding
        return between


def _both(first: float | None, second: float | None) -> float:
    told = [crowding for crowding in (first, second) if crowding is not None]
    return sum(told) / len(told) if told else 0.0
