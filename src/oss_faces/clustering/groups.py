"""Faces in arrays, and groups of them as sums: what is asked of a group never needs its single vectors again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FloatArray
from oss_faces.vectors import NumberArray

Flags = NDArray[np.bool_]
Sums = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NewFaces:
    """Faces that are to be placed, (N, ...) each.

    Attributes:
        numbers: none twice.
        vectors: (N, D) float32 of length 1.
        pictures: on which picture each is.
        contents: what is the same for copies of one face; copies count once where a cluster begins.
        may_found, may_join: see `fitness`.
    """

    numbers: NumberArray
    vectors: FloatArray
    pictures: Sequence[str]
    contents: Sequence[str]
    may_found: Flags
    may_join: Flags

    def __post_init__(self) -> None:
        arrays: tuple[Sequence[Any] | NDArray[Any], ...] = (
            self.vectors,
            self.pictures,
            self.contents,
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
    """

    total: Sums
    count: int
    pictures: frozenset[str]

    @classmethod
    def of(cls, vectors: FloatArray, pictures: Sequence[str]) -> "Group":
        """Sum up a group.

        Args:
            vectors: (M, D), at least one.
            pictures: of all faces, those without a vector here too.
        """
        assert len(vectors), "a group has a vector"
        return cls(vectors.sum(axis=0, dtype=np.float64), len(vectors), frozenset(pictures))

    def joined(self, other: "Group") -> "Group":
        """Give both as one."""
        return Group(self.total + other.total, self.count + other.count, self.pictures | other.pictures)


def spread(totals: Sums, counts: NDArray[np.int64], group: Group) -> NDArray[np.float64]:
    """Tell the mean squared distance over all pairs between each of (G, D) groups and one more: (G,)."""
    between: NDArray[np.float64] = 2 - 2 * (totals @ group.total) / (counts * group.count)
    return between
