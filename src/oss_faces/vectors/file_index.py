"""An index in files that several processes may have open.

Whoever changes it holds a lock of the system on its header file, and of the process on the index. A search takes no
lock: it reads the header, works on the rows that count by it, and reads the header again. Appending does not disturb
it. Overwriting removed rows does, and is only begun when the header says that they are removed; a search that such a
removal has overtaken is done again.

The order of every change: rows on the disk, then the header, then the overwriting. So whenever a process is killed, the
mark is that of what can be found, and what was to be overwritten is listed: compacting makes sure of it.
"""

import fcntl
import io
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import numpy as np

from oss_faces.errors import StorageUnavailable
from oss_faces.geometry import FloatArray
from oss_faces.vectors.base import Changes, Matches, NumberArray
from oss_faces.vectors.codes import IntegerProduct, Loss
from oss_faces.vectors.generation import Generation
from oss_faces.vectors.header import Header, read_header, write_header
from oss_faces.vectors.scanning import LENGTH_TOLERANCE, CodeLook, FloatLook, Rows, Stored, groups, search
from oss_faces.vectors.settings import VectorSettings
from oss_faces.vectors.system_lock import wait_for

HEADER_FILE: Final = "header"
_TRIES_MAX: Final = 4
# Removed rows are dropped when they are so many, and this share of all.
_DEAD_MIN: Final = 1024
_DEAD_SHARE: Final = 0.25
_RESIDUAL_MAX: Final = 0.05
_REWRITE_ROWS: Final = 16_384

_log: Final = logging.getLogger(__name__)


class FileVectorIndex:
    """Vectors of one dataset in one space, in a folder of their own; the methods are those of `VectorIndex`."""

    def __init__(
        self, folder: Path, file: io.FileIO, dimensions: int, settings: VectorSettings, product: IntegerProduct
    ) -> None:
        self._folder = folder
        self._file = file
        self._dimensions = dimensions
        self._settings = settings
        self._product = product
        self._changing = threading.Lock()
        self._mapped: tuple[Header, Stored] | None = None

    @property
    def mark(self) -> int:
        """The last change that was applied; see `VectorIndex.mark`."""
        with translated():
            return self._header().mark

    def __len__(self) -> int:
        """How many vectors can be found; see `VectorIndex.__len__`."""
        with translated():
            return self._header().living

    @property
    def is_usable(self) -> bool:
        """Tell whether the index is neither closed nor deleted, were it by another process."""
        try:
            return os.fstat(self._file.fileno()).st_nlink > 0
        except (OSError, ValueError):
            return False

    def apply(self, changes: Changes) -> None:
        """Follow the face database; see `VectorIndex.apply`."""
        assert changes.vectors.shape == (len(changes.added), self._dimensions), "vectors are of another space"
        _require_unit(changes.vectors)
        with translated(), self._locked() as header:
            if changes.mark > header.mark:
                self._write(header, changes)

    def search(self, probes: FloatArray, count: int) -> Matches:
        """Find the nearest vectors, exactly; see `VectorIndex.search`."""
        assert probes.ndim == 2, "probes are rows"
        assert probes.shape[1] == self._dimensions, "probes are of another space"
        _require_unit(probes)
        with translated():
            parts = [self._search(group, count) for group in groups(probes)] or [self._search(probes, count)]
        return Matches(
            np.concatenate([part.numbers for part in parts]), np.concatenate([part.distances for part in parts])
        )

    def compact(self) -> None:
        """Overwrite what is left of removed vectors, and give back their room when it is worth it."""
        with translated(), self._locked() as found:
            header = self._finish(found)
            self._generation(header).trim(header)
            self._generation(header).sweep()
            if header.dead >= _DEAD_MIN and header.dead > _DEAD_SHARE * header.rows:
                self._rewrite(header)

    def close(self) -> None:
        """Give back files and memory; see `VectorIndex.close`."""
        with self._changing:
            self._mapped = None
            self._file.close()

    def prepare(self) -> None:
        """Make an empty index where there is none, or where what is there is damaged: it is filled again."""
        with translated(), self._locked(must_exist=False) as header:
            if not self.is_usable:
                return
            is_ours = header.dimensions == self._dimensions and self._generation(header).is_whole(header)
            if header.sequence > 0 and is_ours:
                return
            if os.fstat(self._file.fileno()).st_size > 0:
                _log.warning("a vector index was damaged and is made again: %s", self._folder)
            self._begin(header)

    def delete(self) -> None:
        """Delete the files and the folder, for every process; there need not be more than the header."""
        with translated(), self._locked(must_exist=False):
            if self.is_usable:
                self._generation(Header(0, self._dimensions, 0)).sweep()
                self._folder.joinpath(HEADER_FILE).unlink()
                self._folder.rmdir()
                _sync_folder(self._folder.parent)

    # --- reading -------------------------------------------------------------------------------------------------

    def _search(self, probes: FloatArray, count: int) -> Matches:
        for _ in range(_TRIES_MAX):
            header, stored = self._current()
            matches = self._look(stored, probes, count)
            if self._header().ever_dead == header.ever_dead:
                return matches
        # Removals come faster than searches end: this one keeps them out.
        with self._locked():
            return self._look(self._current()[1], probes, count)

    def _look(self, stored: Stored, probes: FloatArray, count: int) -> Matches:
        # Codes that have lost much spare few true looks.
        if len(stored.numbers) < self._settings.codes_rows_min or stored.loss.residual > _RESIDUAL_MAX:
            return search(FloatLook(stored, probes), stored, probes, count, self._settings.block_scores)
        look = CodeLook(stored, probes, self._product)
        return search(look, stored, probes, count, self._settings.block_scores)

    def _current(self) -> tuple[Header, Stored]:
        """Give the rows that count now."""
        for _ in range(_TRIES_MAX):
            header = self._header()
            mapped = self._mapped
            if mapped is not None and mapped[0] == header:
                return mapped
            try:
                fresh = header, self._generation(header).map(header)
            except FileNotFoundError:
                continue  # another process has just written a new generation
            self._mapped = fresh
            return fresh
        raise StorageUnavailable(context={"reason": "the files of a vector index are gone"})

    def _header(self) -> Header:
        header = read_header(self._file.fileno())
        if header is None or not self.is_usable:
            raise StorageUnavailable(context={"reason": "a vector index is closed, deleted or damaged"})
        return header

    # --- writing -------------------------------------------------------------------------------------------------

    def _write(self, header: Header, changes: Changes) -> None:
        generation = self._generation(header)
        stored_numbers = self._current()[1].numbers
        dead = _rows_of(stored_numbers, changes.removed)
        order = np.argsort(changes.added, kind="stable")
        known = stored_numbers[_rows_of(stored_numbers, changes.added[changes.added <= header.top])]
        order = order[~np.isin(changes.added[order], known)]
        numbers = changes.added[order]
        new = replace(header, sequence=header.sequence + 1, mark=changes.mark)
        if len(numbers):
            loss = header.loss.with_more(generation.append(header, numbers, changes.vectors[order]))
            new = replace(new, rows=header.rows + len(numbers), top=max(header.top, int(numbers[-1])), **asdict(loss))
        if len(dead):
            generation.bury(header, dead)
            new = replace(new, dead=header.dead + len(dead), ever_dead=header.ever_dead + len(dead))
        write_header(self._file.fileno(), new)
        if len(dead):
            generation.erase(dead, sync=False)

    def _finish(self, header: Header) -> Header:
        """Overwrite what was removed since the last time, whether or not it was done then, and say that it is done."""
        if header.erased == header.dead:
            return header
        generation = self._generation(header)
        generation.erase(generation.dead(header, since=header.erased), sync=True)
        header = replace(header, sequence=header.sequence + 1, erased=header.dead)
        write_header(self._file.fileno(), header)
        return header

    def _begin(self, header: Header) -> None:
        """Start with nothing, in files that no other process has mapped."""
        taken = [int(path.suffix[1:]) for path in self._folder.iterdir() if path.suffix[1:].isdecimal()]
        number = max([header.generation, *taken]) + 1
        fresh = Header(header.sequence + 1, self._dimensions, number, ever_dead=header.ever_dead + header.living)
        self._generation(fresh).create()
        _sync_folder(self._folder)
        write_header(self._file.fileno(), fresh)
        self._generation(fresh).sweep()

    def _rewrite(self, header: Header) -> None:
        """Copy the rows that are left into a new generation."""
        stored = self._generation(header).map(header)
        living = np.setdiff1d(np.arange(header.rows), stored.dead, assume_unique=True)
        fresh = replace(header, generation=header.generation + 1, rows=0, dead=0, erased=0, **asdict(Loss()))
        generation = self._generation(fresh)
        generation.create()
        for begin in range(0, len(living), _REWRITE_ROWS):
            rows = living[begin : begin + _REWRITE_ROWS]
            loss = fresh.loss.with_more(generation.append(fresh, stored.numbers[rows], stored.vectors[rows]))
            fresh = replace(fresh, rows=fresh.rows + len(rows), **asdict(loss))
        _sync_folder(self._folder)
        write_header(self._file.fileno(), replace(fresh, sequence=header.sequence + 1))
        generation.sweep()
        self._mapped = None

    def _generation(self, header: Header) -> Generation:
        return Generation(self._folder, header.generation, self._dimensions)

    @contextmanager
    def _locked(self, *, must_exist: bool = True) -> Iterator[Header]:
        """Keep all others from changing the index; what they have changed before is in the header."""
        deadline = time.monotonic() + self._settings.lock_timeout_s
        if not self._changing.acquire(timeout=self._settings.lock_timeout_s):
            raise StorageUnavailable(context={"reason": "a vector index is being changed"})
        try:
            descriptor = self._file.fileno()
            wait_for(descriptor, deadline)
            try:
                yield self._header() if must_exist else read_header(descriptor) or Header(0, self._dimensions, 0)
            finally:
                if not self._file.closed:
                    fcntl.flock(descriptor, fcntl.LOCK_UN)
        finally:
            self._changing.release()


def _rows_of(stored: NumberArray, wanted: NumberArray) -> Rows:
    """Find the rows of numbers; those that are not there are passed over."""
    if not len(wanted):
        return np.empty(0, np.int64)
    return np.flatnonzero(np.isin(stored, wanted))


def _require_unit(vectors: FloatArray) -> None:
    lengths = np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64)
    assert (np.abs(np.sqrt(lengths) - 1) <= LENGTH_TOLERANCE).all(), "vectors are of length 1"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def translated() -> Iterator[None]:
    """Say what went wrong in our own words: the disk, or a file that was closed meanwhile."""
    try:
        yield
    except (OSError, ValueError) as exc:
        raise StorageUnavailable(context={"reason": str(exc)}) from exc
