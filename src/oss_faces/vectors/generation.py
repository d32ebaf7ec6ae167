"""The files of one generation of an index: rows are appended and, when they are removed, overwritten; never moved.

    vectors.<generation>   float32, D to a row
    codes.<generation>     uint8, D to a row
    numbers.<generation>   int64
    dead.<generation>      int64, removed rows in the order of their removal

Little-endian. How many rows and removals count is said by the header; nothing here reads or writes it.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FloatArray
from oss_faces.vectors.base import NumberArray
from oss_faces.vectors.codes import ZERO, Loss, encode
from oss_faces.vectors.header import Header
from oss_faces.vectors.ranking import NOBODY
from oss_faces.vectors.scanning import Rows, Stored

_VECTORS: Final = "vectors"
_CODES: Final = "codes"
_NUMBERS: Final = "numbers"
_DEAD: Final = "dead"
_NAMES: Final = (_VECTORS, _CODES, _NUMBERS, _DEAD)
_INTEGER: Final = np.dtype("<i8")
_FLOAT: Final = np.dtype("<f4")
_BYTE: Final = np.dtype("u1")
_KINDS: Final[Mapping[str, np.dtype[Any]]] = {_VECTORS: _FLOAT, _CODES: _BYTE, _NUMBERS: _INTEGER, _DEAD: _INTEGER}
_PRIVATE_FILE: Final = 0o600
_BLOCK_ROWS: Final = 16_384


class Generation:
    """The files of one generation. Whoever writes holds the lock of the index."""

    def __init__(self, folder: Path, generation: int, dimensions: int) -> None:
        self._folder = folder
        self._generation = generation
        self._dimensions = dimensions

    def create(self) -> None:
        """Make the files, empty."""
        for name in _NAMES:
            os.close(os.open(self._path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _PRIVATE_FILE))

    def is_whole(self, header: Header) -> bool:
        """Tell whether the files are there, and as long as they must be."""
        try:
            return all(self._path(name).stat().st_size >= self._size(name, header) for name in _NAMES)
        except FileNotFoundError:
            return False

    def append(self, header: Header, numbers: NumberArray, vectors: FloatArray) -> Loss:
        """Write rows behind those that count, wait for the disk, and give the loss of their codes.

        Whatever a crash has left there is cut off first.
        """
        loss = Loss()
        with self._extending(_VECTORS, header) as vectors_file, self._extending(_CODES, header) as codes_file:
            for begin in range(0, len(vectors), _BLOCK_ROWS):
                block = np.asarray(vectors[begin : begin + _BLOCK_ROWS], _FLOAT)
                codes, more = encode(block)
                loss = loss.with_more(more)
                _append(vectors_file, block)
                _append(codes_file, codes)
        with self._extending(_NUMBERS, header) as numbers_file:
            _append(numbers_file, numbers.astype(_INTEGER, copy=False))
        return loss

    def bury(self, header: Header, rows: Rows) -> None:
        """Write removed rows behind those that are listed, and wait for the disk."""
        with self._extending(_DEAD, header) as dead_file:
            _append(dead_file, rows.astype(_INTEGER, copy=False))

    def erase(self, rows: Rows, *, sync: bool) -> None:
        """Overwrite what rows hold.

        Args:
            sync: whether to wait for the disk. Without it a power cut may undo it, the end of the process does not.
        """
        blank_number = np.array(NOBODY, _INTEGER).tobytes()
        for name, blank in (
            (_VECTORS, bytes(self._width(_VECTORS))),
            (_CODES, bytes([ZERO]) * self._width(_CODES)),
            (_NUMBERS, blank_number),
        ):
            with self._writing(name, sync=sync) as descriptor:
                for first, length in _runs(rows):
                    os.lseek(descriptor, first * len(blank), os.SEEK_SET)
                    _write(descriptor, blank * length)

    def trim(self, header: Header) -> None:
        """Cut off what lies behind the rows that count, and wait for the disk."""
        for name in _NAMES:
            with self._writing(name) as descriptor:
                os.ftruncate(descriptor, self._size(name, header))

    def dead(self, header: Header, since: int = 0) -> Rows:
        """Give the removed rows in the order of their removal, those before `since` left out."""
        return np.asarray(self._map(_DEAD, header)[since:], np.int64)

    def map(self, header: Header) -> Stored:
        """Give the rows that count. They are mapped, not read; they stay readable when the files are deleted."""
        return Stored(
            vectors=self._map(_VECTORS, header).reshape(-1, self._dimensions),
            codes=self._map(_CODES, header).reshape(-1, self._dimensions),
            numbers=self._map(_NUMBERS, header),
            dead=np.sort(self.dead(header)),
            loss=header.loss,
        )

    def sweep(self) -> None:
        """Delete the files of all other generations."""
        own = {self._path(name).name for name in _NAMES}
        for path in self._folder.iterdir():
            if path.name.partition(".")[0] in _NAMES and path.name not in own:
                path.unlink(missing_ok=True)

    def _map(self, name: str, header: Header) -> NDArray[Any]:
        kind = _KINDS[name]
        length = self._size(name, header) // kind.itemsize
        if length == 0:
            return np.empty(0, kind)  # nothing cannot be mapped
        return np.asarray(np.memmap(self._path(name), kind, "r", shape=(length,)))

    @contextmanager
    def _extending(self, name: str, header: Header) -> Iterator[int]:
        with self._writing(name) as descriptor:
            os.ftruncate(descriptor, self._size(name, header))
            os.lseek(descriptor, 0, os.SEEK_END)
            yield descriptor

    @contextmanager
    def _writing(self, name: str, *, sync: bool = True) -> Iterator[int]:
        descriptor = os.open(self._path(name), os.O_WRONLY | os.O_CLOEXEC)
        try:
            yield descriptor
            if sync:
                os.fdatasync(descriptor)
        finally:
            os.close(descriptor)

    def _size(self, name: str, header: Header) -> int:
        return (header.dead if name == _DEAD else header.rows) * self._width(name)

    def _width(self, name: str) -> int:
        """Tell how many bytes an entry takes."""
        return _KINDS[name].itemsize * (self._dimensions if name in (_VECTORS, _CODES) else 1)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.{self._generation}"


def _append(descriptor: int, rows: NDArray[Any]) -> None:
    _write(descriptor, np.ascontiguousarray(rows).tobytes())


def _write(descriptor: int, block: bytes) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _runs(rows: Rows) -> Iterator[tuple[int, int]]:
    """Divide rows into runs of neighbours, none too long: the first of each, and how many."""
    ordered = np.unique(rows)
    for run in np.split(ordered, np.flatnonzero(np.diff(ordered) != 1) + 1):
        for begin in range(0, len(run), _BLOCK_ROWS):
            part = run[begin : begin + _BLOCK_ROWS]
            yield int(part[0]), len(part)
