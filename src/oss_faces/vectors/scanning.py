"""The nearest of many vectors: a quick look at all of them block by block, a true look at those that may be near.

The quick look gives scores and says how far they may be from the truth. A vector is passed over only when it cannot
belong to the nearest even if its score is off by that much, so the answer is the exact one whatever the quick look is.
Memory is bounded by the block, not by the number of vectors.
"""

from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FloatArray
from oss_faces.vectors.base import Matches, NumberArray
from oss_faces.vectors.codes import CodeArray, CodedProbes, IntegerProduct, Loss, encode_probes
from oss_faces.vectors.ranking import distances_to, keep_nearest, nobody

# How far the length of a vector may be from 1. The square of a distance is then 2 - 2 * product within four times that.
LENGTH_TOLERANCE: Final = 1e-4
_SLACK: Final = 4 * LENGTH_TOLERANCE
_ROUNDING: Final = 1e-5
_PROBES_MAX: Final = 64
_BLOCK_ROWS_MAX: Final = 262_144
_GATHER_ROWS_MAX: Final = 8192

Rows: TypeAlias = NDArray[np.int64]
Scores: TypeAlias = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """Vectors as they lie in an index, one to a row.

    Attributes:
        vectors: (N, D) float32.
        codes: (N, D) uint8 of the same.
        numbers: (N,) int64.
        dead: rows that are no longer there, ascending.
        loss: what the codes have lost.
    """

    vectors: FloatArray
    codes: CodeArray
    numbers: NumberArray
    dead: Rows
    loss: Loss


class QuickLook(Protocol):
    """Scores of all vectors for some probes; of whatever kind, higher is nearer."""

    def scores(self, begin: int, end: int) -> Scores:
        """Score rows: (end - begin, Q), the caller's to change."""
        ...

    def floor(self, distances: FloatArray) -> Scores:
        """Tell the lowest score, (Q,), that a vector no farther than these distances can have; (Q,) may be infinite."""
        ...


class FloatLook:
    """Products in full precision."""

    def __init__(self, stored: Stored, probes: FloatArray) -> None:
        self._stored = stored
        self._columns = np.ascontiguousarray(probes.T)

    def scores(self, begin: int, end: int) -> Scores:
        """Multiply; see `QuickLook.scores`."""
        return self._stored.vectors[begin:end] @ self._columns

    def floor(self, distances: FloatArray) -> Scores:
        """Leave room for rounding; see `QuickLook.floor`."""
        products = 1 - np.square(distances.astype(np.float64)) / 2 - _SLACK
        lowest = np.maximum(products, np.finfo(np.float32).min)
        return lowest.astype(np.float32)


class CodeLook:
    """Products of codes, a quarter of the bytes."""

    def __init__(self, stored: Stored, probes: FloatArray, product: IntegerProduct) -> None:
        self._stored = stored
        self._product = product
        self._probes: CodedProbes = encode_probes(probes)

    def scores(self, begin: int, end: int) -> Scores:
        """Multiply codes; see `QuickLook.scores`."""
        return self._product(self._stored.codes[begin:end], self._probes.codes)

    def floor(self, distances: FloatArray) -> Scores:
        """Leave room for what the codes of both sides have lost; see `QuickLook.floor`.

        What the codes of two vectors stand for is no farther apart than the vectors, and both residuals, are. The
        product follows from that distance and the two lengths.
        """
        probes, loss = self._probes, self._stored.loss
        apart = distances.astype(np.float64) + probes.residual + loss.residual
        products = (probes.square + loss.shortest - np.square(apart)) / 2 - _ROUNDING
        lowest = np.floor(products / probes.worth + probes.offset)
        return np.clip(lowest, np.iinfo(np.int32).min + 1, np.iinfo(np.int32).max).astype(np.int32)


def search(look: QuickLook, stored: Stored, probes: FloatArray, count: int, block_scores: int) -> Matches:
    """Find the nearest vectors of some probes, see `groups`.

    Args:
        block_scores: most scores at a time.
    """
    matches = nobody(len(probes), count)
    rows = max(1, min(_BLOCK_ROWS_MAX, block_scores // max(1, len(probes))))
    for begin in range(0, len(stored.numbers), rows):
        end = min(begin + rows, len(stored.numbers))
        scores = look.scores(begin, end)
        scores[_between(stored.dead, begin, end)] = _lowest(scores)
        may_be_near = scores >= look.floor(_within(stored, scores, begin, probes, matches))
        near, whose = np.divmod(np.flatnonzero(may_be_near), len(probes))
        order = np.argsort(whose, kind="stable")
        shares = np.searchsorted(whose[order], np.arange(len(probes) + 1))
        for place in np.flatnonzero(np.diff(shares)):
            chosen = near[order[shares[place] : shares[place + 1]]] + begin
            _look(stored, chosen, probes[place], matches, int(place))
    return matches


def groups(probes: FloatArray) -> list[FloatArray]:
    """Divide probes into such as are looked for in one pass."""
    return [probes[begin : begin + _PROBES_MAX] for begin in range(0, len(probes), _PROBES_MAX)]


def _within(stored: Stored, scores: Scores, begin: int, probes: FloatArray, matches: Matches) -> FloatArray:
    """Tell for each probe a distance within which there are enough vectors; infinite when too few are known.

    Once enough were found, it is the farthest of them. Before, those with the best scores of this block are tried.
    """
    known = matches.distances[:, -1].copy()
    count = matches.numbers.shape[1]
    if count < len(scores):
        for place in np.flatnonzero(np.isinf(known)):
            top = np.argpartition(scores[:, place], len(scores) - count)[len(scores) - count :]
            rows = top[scores[top, place] > _lowest(scores)] + begin
            tried = nobody(1, count)
            _look(stored, rows, probes[place], tried, 0)
            known[place] = tried.distances[0, -1]
    return known


def _look(stored: Stored, rows: Rows, probe: FloatArray, matches: Matches, place: int) -> None:
    """Look truly at some rows, and keep the nearest."""
    for begin in range(0, len(rows), _GATHER_ROWS_MAX):
        part = rows[begin : begin + _GATHER_ROWS_MAX]
        keep_nearest(matches, place, stored.numbers[part], distances_to(probe, stored.vectors[part]))


def _between(dead: Rows, begin: int, end: int) -> Rows:
    first, last = np.searchsorted(dead, [begin, end])
    return dead[first:last] - begin


def _lowest(scores: Scores) -> Any:
    kind = scores.dtype
    return np.iinfo(kind).min if kind.kind == "i" else -np.inf
