"""Looking for many texts in a large file at once, in a time that hardly depends on how many they are.

Places where the first four bytes of a needle stand are found by a table; of those, the last eight bytes are compared,
and what is left is compared in whole. Both steps are done for all places of a piece of the file together: names and
addresses often begin alike, and their ends differ.
"""

from collections.abc import Sequence
from io import RawIOBase
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

_PIECE_BYTES: Final = 8 * 1024 * 1024
_HEAD: Final = np.dtype("<u4")
_TAIL: Final = np.dtype("<u8")
# Spreads heads over the table: their product with an odd number, and of that the upper bits.
_MIXER: Final = np.uint32(2_654_435_769)
_SHIFT: Final = np.uint32(12)
_TABLE_SIZE: Final = 1 << 20


def held_by(path: Path, needles: Sequence[bytes]) -> frozenset[bytes]:
    """Give the needles that are somewhere in a file, of which this process has no database open: see `held_in`."""
    with path.open("rb", buffering=0) as file:
        return held_in(file, needles)


def held_in(file: RawIOBase, needles: Sequence[bytes]) -> frozenset[bytes]:
    """Give the needles that are somewhere in a file, from its beginning on. Empty ones are nowhere.

    The file stays open: closing one of SQLite's would take its locks from every connection of this process.
    """
    file.seek(0)
    held: set[bytes] = set()
    short = [needle for needle in needles if 0 < len(needle) < _TAIL.itemsize]
    long = _Needles([needle for needle in needles if len(needle) >= _TAIL.itemsize])
    overlap = max((len(needle) for needle in needles), default=0)
    before = b""
    while piece := file.read(_PIECE_BYTES):
        text = before + piece
        held.update(needle for needle in short if needle in text)
        held.update(long.in_text(text))
        before = text[-overlap:] if overlap else b""
    return frozenset(held)


class _Needles:
    """Needles of at least eight bytes."""

    def __init__(self, needles: Sequence[bytes]) -> None:
        heads = {needle[: _HEAD.itemsize] for needle in needles}
        self._heads = np.sort(np.frombuffer(b"".join(heads), _HEAD))
        self._table = np.zeros(_TABLE_SIZE, np.bool_)
        self._table[_mixed(self._heads)] = True
        self._by_length: dict[int, set[bytes]] = {}
        for needle in needles:
            self._by_length.setdefault(len(needle), set()).add(needle)

    def in_text(self, text: bytes) -> set[bytes]:
        places = self._places(text)
        return {needle for length in self._by_length for needle in self._at(text, places, length)}

    def _places(self, text: bytes) -> NDArray[np.int64]:
        """Find where a needle may begin."""
        found = [np.zeros(0, np.int64)]
        for phase in range(_HEAD.itemsize if len(self._heads) else 0):
            words = np.frombuffer(text, _HEAD, max((len(text) - phase) // _HEAD.itemsize, 0), phase)
            likely = np.flatnonzero(self._table[_mixed(words)])
            found.append(likely[np.isin(words[likely], self._heads)] * _HEAD.itemsize + phase)
        return np.concatenate(found)

    def _at(self, text: bytes, places: NDArray[np.int64], length: int) -> set[bytes]:
        wanted = self._by_length[length]
        tails = np.frombuffer(b"".join(needle[-_TAIL.itemsize :] for needle in wanted), _TAIL)
        whole = places[places + length <= len(text)]
        ends = whole[:, None] + np.arange(length - _TAIL.itemsize, length)
        held = np.frombuffer(text, np.uint8)[ends].view(_TAIL).reshape(-1)
        return wanted & {text[place : place + length] for place in whole[np.isin(held, tails)].tolist()}


def _mixed(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return (words * _MIXER) >> _SHIFT
