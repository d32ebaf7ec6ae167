"""What every vector index can do, and the values that go in and out.

An index is derived: the face database holds the truth, numbers every change of it in one ascending sequence, and an
index says up to which of them (`mark`) it has followed. Whatever is missing after a crash is applied again, so an index
has to survive `kill -9` at any point with a mark that is not too high, and applying a change twice must do nothing.

Several processes may have one index open, and one thread may search while another applies.
Every method may raise StorageUnavailable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FloatArray

NumberArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes up to and including `mark`, in no particular order; no number is in both lists.

    Attributes:
        added: (N,) numbers, each used for one vector only, ever.
        vectors: (N, D) float32 of length 1.
        removed: (M,) numbers; those that are not there are passed over.
    """

    mark: int
    added: NumberArray
    vectors: FloatArray
    removed: NumberArray


@dataclass(frozen=True, slots=True)
class Matches:
    """The nearest vectors of each probe, nearest first; ties by number.

    Attributes:
        numbers: (Q, K) int64; -1 where there are fewer vectors than were asked for.
        distances: (Q, K) float32, 0 to 2 between vectors of length 1; infinite where the number is -1.
    """

    numbers: NumberArray
    distances: FloatArray


class VectorIndex(Protocol):
    """The vectors of one dataset in one space."""

    @property
    def mark(self) -> int:
        """The last change that was applied; 0 for an empty index."""
        ...

    def __len__(self) -> int:
        """How many vectors can be found."""
        ...

    def apply(self, changes: Changes) -> None:
        """Follow the face database. Outlasts the end of the process when the call returns."""
        ...

    def search(self, probes: FloatArray, count: int) -> Matches:
        """Find the nearest vectors of many probes in one pass.

        Args:
            probes: (Q, D) float32 of length 1.
            count: how many for each, at least 1.
        """
        ...

    def compact(self) -> None:
        """Rewrite what lies on the disk, so that the bytes of removed vectors are in no file."""
        ...

    def close(self) -> None:
        """Give back files and memory."""
        ...


class VectorIndexes(Protocol):
    """All indexes of an installation."""

    def open(self, dataset_id: str, space: str, dimensions: int) -> VectorIndex:
        """Open the index of a dataset in a space; an empty one is made. The same arguments give the same index.

        Args:
            dataset_id: lower-case letters, digits and hyphens; never used for another dataset.
        """
        ...

    def drop(self, dataset_id: str, keep: Sequence[str] = ()) -> None:
        """Delete the indexes of a dataset, all but those of the spaces to keep; there may be none."""
        ...

    def close(self) -> None:
        """Close all of them."""
        ...
