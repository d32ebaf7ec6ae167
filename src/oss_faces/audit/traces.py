"""Looking for bytes that must be in no file any more."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np

# A vector may lie in a file in two parts (pages of a database): any piece of it is a trace.
PIECE_BYTES: Final = 32
_WORD_BYTES: Final = 4
_CHUNK_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Traces:
    """What a search found: how many files and bytes were read, and in how many files there was a piece."""

    files: int
    size_bytes: int
    found_in: int


def find_traces(folder: Path, passages: Sequence[bytes], left_out: frozenset[str] = frozenset()) -> Traces:
    """Look for every piece of some passages in every file of a folder, and below it.

    Each passage is looked for in pieces of `PIECE_BYTES`; what is shorter is looked for as a whole.

    Args:
        left_out: names of folders that are not entered.

    Raises:
        OSError: a file that is still there cannot be read.
    """
    pieces = _Pieces(passages)
    files = size_bytes = found_in = 0
    for path in _files(folder, left_out):
        try:
            size, found = pieces.search(path)
        except FileNotFoundError:
            continue  # a running server took it away meanwhile
        files, size_bytes, found_in = files + 1, size_bytes + size, found_in + found
    return Traces(files, size_bytes, found_in)


def find_traces_apart(folder: Path, passages: Sequence[bytes], left_out: frozenset[str] = frozenset()) -> Traces:
    """Look as `find_traces` does, in a process of its own, which takes about a second more.

    By the rules of POSIX a process that closes any descriptor of a file loses all of its locks on it: one that has
    databases of the folder open must not read their files itself.

    Raises:
        OSError: as above, or the process ended before it was done.
    """
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        try:
            return pool.submit(find_traces, folder, passages, left_out).result()
        except BrokenExecutor as exc:
            raise OSError("the search ended before it was done") from exc


class _Pieces:
    """Bytes to look for, found by their first four: as many as there are cost no more than one."""

    def __init__(self, passages: Sequence[bytes]) -> None:
        pieces = {
            passage[begin : begin + PIECE_BYTES]
            for passage in passages
            for begin in range(0, max(len(passage) - PIECE_BYTES, 0) + 1, PIECE_BYTES)
        }
        assert all(len(piece) >= _WORD_BYTES for piece in pieces), "too short to be told from chance"
        self._by_word: dict[bytes, list[bytes]] = {}
        for piece in pieces:
            self._by_word.setdefault(piece[:_WORD_BYTES], []).append(piece)
        self._words = np.sort(np.frombuffer(b"".join(self._by_word), np.uint32))

    def search(self, path: Path) -> tuple[int, bool]:
        """Read a file to its end, or to the first piece."""
        read, rest = 0, b""
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                read += len(chunk)
                content = rest + chunk
                if self._is_in(content):
                    return read, True
                rest = content[-PIECE_BYTES:]
        return read, False

    def _is_in(self, content: bytes) -> bool:
        return any(
            content.startswith(piece, place)
            for place in self._places(content)
            for piece in self._by_word[content[place : place + _WORD_BYTES]]
        )

    def _places(self, content: bytes) -> Iterator[int]:
        """Give every place at which the first four bytes of a piece stand."""
        if not len(self._words):
            return
        for begin in range(_WORD_BYTES):
            count = (len(content) - begin) // _WORD_BYTES
            if count <= 0:
                return
            words = np.frombuffer(content, np.uint32, count, begin)
            spots = np.searchsorted(self._words, words)
            hits = self._words[np.minimum(spots, len(self._words) - 1)] == words
            yield from (np.flatnonzero(hits) * _WORD_BYTES + begin).tolist()


def _files(folder: Path, left_out: frozenset[str]) -> Iterator[Path]:
    """Give every plain file; links lead elsewhere, and what is no file has no end."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - left_out)
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file() and not path.is_symlink():
                yield path
