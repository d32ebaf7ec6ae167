"""How vector indexes follow the database, and how what was erased leaves the disk.

An index is opened under an id that is used for one space of one dataset, once. Before every search the changes that it
has not seen are read in one state of the database and applied; what another process has applied already is passed over
by the index itself. An index that is ahead of the database (which was restored from a copy), or that has missed more
than is still known, is made anew under another id.

Erasing is noted in the transaction that erases, and the note goes when the disk is clean: a process that is killed in
between leaves it for `finish`, which every start calls. It no longer knows then what to look for, and has the whole
database written anew.
"""

import threading
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import uuid4

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select, update

from oss_faces.errors import StorageUnavailable
from oss_faces.facedb.sql_rows import to_vectors
from oss_faces.facedb.sql_state import SqlState
from oss_faces.facedb.tables import DATASETS, ERASURES, REMOVALS, SPACES, VECTORS
from oss_faces.vectors import Changes, VectorIndex, VectorIndexes

# Stands for the files of the database.
_NO_INDEX: Final = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """What an erasure has left to do.

    Attributes:
        notes: numbers of its notes.
        needles: bytes that must be in no file any more; None when they are too many to look for.
    """

    notes: tuple[int, ...]
    needles: tuple[bytes, ...] | None = ()


def new_index_id() -> str:
    """Make an id that no index has had."""
    return f"faces-{uuid4().hex}"


def note_erasure(connection: Connection, dataset: int, *, is_gone: bool = False) -> tuple[int, ...]:
    """Note that the files of the database and of a dataset's indexes still hold what this transaction erases.

    Args:
        is_gone: whether the indexes are no longer needed at all.
    """
    held = connection.scalars(select(SPACES.c.index_id).where(SPACES.c.dataset == dataset)).all()
    return tuple(_note(connection, index_id, is_gone=is_gone and bool(index_id)) for index_id in [*held, _NO_INDEX])


def note_index_gone(connection: Connection, dataset: int, spaces: ColumnElement[bool]) -> tuple[int, ...]:
    """Take indexes of a dataset off the list, and note that their files have to go."""
    mine = and_(SPACES.c.dataset == dataset, spaces)
    gone = connection.scalars(select(SPACES.c.index_id).where(mine)).all()
    connection.execute(delete(SPACES).where(mine))
    return tuple(_note(connection, index_id, is_gone=True) for index_id in gone)


def _note(connection: Connection, index_id: str, *, is_gone: bool) -> int:
    made = insert(ERASURES).values(index_id=index_id, is_gone=is_gone).returning(ERASURES.c.number)
    return int(connection.execute(made).scalar_one())


class Following:
    """Vector indexes as they should be."""

    def __init__(self, state: SqlState, indexes: VectorIndexes) -> None:
        self._state = state
        self._indexes = indexes
        # One thread at a time lets an index catch up: the others would read the same again.
        self._catching: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._finishing = threading.Lock()
        self._needles: dict[int, tuple[bytes, ...] | None] = {}
        self._unfollowed: defaultdict[int, int] = defaultdict(int)

    def caught_up(self, dataset: int, space: str) -> VectorIndex | None:
        """Give the index of a space with everything that was committed before the call; None without any vector."""
        while True:
            held = self._state.read_now(lambda connection: _space(connection, dataset, space))
            if held is None:
                return None
            with self._catching[held.index_id]:
                index = self._indexes.open(held.index_id, space, held.dimensions)
                if self._catch_up(index, dataset, held):
                    return index
            self._replace(dataset, held)

    def finish(self, trace: Trace | None = None) -> None:
        """Make an end of what was begun: when this returns, nothing of what was erased is in any file.

        Args:
            trace: of the erasure that was just made; without it, of all that a process has left behind.

        Raises:
            StorageUnavailable: a reader kept the log of the database from being emptied; the next call tries again.
        """
        if trace is not None:
            self._needles.update(dict.fromkeys(trace.notes, trace.needles))
        with self._finishing:
            notes = self._state.read_now(_notes)
            if not notes:
                return
            for index_id in {note.index_id for note in notes if note.is_gone}:
                self._drop(index_id)
            for index_id in {note.index_id for note in notes if note.index_id and not note.is_gone}:
                self._compact(index_id)
            numbers = [note.number for note in notes]
            self._state.database.scrub(self._all_needles(numbers))
            self._state.write_now(lambda connection: _forget_notes(connection, numbers))
            for number in numbers:
                self._needles.pop(number, None)

    def keep_close(self, dataset: int, space: str) -> None:
        """Let the index of a dataset catch up now and then, so that no search has to wait for all of it."""
        self._unfollowed[dataset] += 1
        if self._unfollowed[dataset] >= self._state.settings.unfollowed_max:
            del self._unfollowed[dataset]
            # The change itself is on the disk; what keeps the index back now, the next search will tell.
            with suppress(StorageUnavailable):
                self.caught_up(dataset, space)

    def _all_needles(self, numbers: Sequence[int]) -> tuple[bytes, ...] | None:
        """Put together what is looked for; None when it is not known of one, for instance another process's."""
        known: set[bytes] = set()
        for number in numbers:
            needles = self._needles.get(number)
            if needles is None:
                return None
            known.update(needles)
        return tuple(known)

    def _catch_up(self, index: VectorIndex, dataset: int, held: Row[Any]) -> bool:
        """Apply what is missing; False when that cannot be told any more."""
        while True:
            # In this order: another process that removes moves the index first, and forgets the removal then.
            bounds = self._state.read_now(lambda connection: _bounds(connection, dataset))
            mark = index.mark
            if bounds is None or mark == bounds.change:
                return True
            if 0 < mark < bounds.forgotten:
                return False
            if mark > bounds.change:
                bounds = self._state.read_now(lambda connection: _bounds(connection, dataset))
                return bounds is None or mark <= bounds.change
            chunk = self._state.settings.chunk_vectors
            index.apply(self._state.read_now(partial(_changes, held=held, mark=mark, chunk_vectors=chunk)))

    def _replace(self, dataset: int, held: Row[Any]) -> None:
        """Begin an index anew, unless somebody has done so meanwhile."""

        def work(connection: Connection) -> None:
            mine = and_(SPACES.c.dataset == dataset, SPACES.c.index_id == held.index_id)
            if connection.execute(update(SPACES).where(mine).values(index_id=new_index_id())).rowcount:
                _note(connection, held.index_id, is_gone=True)

        self._state.write_now(work)

    def _compact(self, index_id: str) -> None:
        owner = self._state.read_now(lambda connection: _owner(connection, index_id))
        if owner is None:
            return
        index = self.caught_up(owner.dataset, owner.space)
        if index is not None:
            index.compact()
            self._state.write_now(partial(_forget_removals, dataset=owner.dataset, mark=index.mark))

    def _drop(self, index_id: str) -> None:
        with self._catching[index_id]:
            self._indexes.drop(index_id)
        del self._catching[index_id]


def _space(connection: Connection, dataset: int, space: str) -> Row[Any] | None:
    wanted = select(SPACES).where(SPACES.c.dataset == dataset, SPACES.c.space == space)
    return connection.execute(wanted).first()


def _owner(connection: Connection, index_id: str) -> Row[Any] | None:
    return connection.execute(select(SPACES).where(SPACES.c.index_id == index_id)).first()


def _bounds(connection: Connection, dataset: int) -> Row[Any] | None:
    return connection.execute(select(DATASETS).where(DATASETS.c.number == dataset)).first()


def _changes(connection: Connection, held: Row[Any], mark: int, chunk_vectors: int) -> Changes:
    """Read the next changes behind a mark: whole ones, and of vectors about a chunk."""
    dataset = held.dataset
    mine = (VECTORS.c.dataset == dataset, VECTORS.c.space == held.space, VECTORS.c.change > mark)
    chunk = select(VECTORS.c.change).where(*mine).order_by(VECTORS.c.change).limit(chunk_vectors).subquery()
    last, count = connection.execute(select(func.max(chunk.c.change), func.count()).select_from(chunk)).one()
    if count < chunk_vectors:
        last = connection.execute(select(DATASETS.c.change).where(DATASETS.c.number == dataset)).scalar_one_or_none()
    upto = mark if last is None else int(last)
    found = select(VECTORS.c.figure, VECTORS.c.vector).where(*mine, VECTORS.c.change <= upto)
    rows = connection.execute(found.order_by(VECTORS.c.figure)).all()
    gone = select(REMOVALS.c.figure).where(
        REMOVALS.c.dataset == dataset, REMOVALS.c.change > mark, REMOVALS.c.change <= upto
    )
    return Changes(
        upto,
        np.array([row.figure for row in rows], np.int64),
        to_vectors([row.vector for row in rows], held.dimensions),
        np.array(connection.scalars(gone).all(), np.int64),
    )


def _notes(connection: Connection) -> Sequence[Row[Any]]:
    return connection.execute(select(ERASURES)).all()


def _forget_removals(connection: Connection, dataset: int, mark: int) -> None:
    """Forget numbers that the only index of a dataset has left out; with more of them the slowest is not known here."""
    # No other space may come meanwhile.
    connection.execute(select(DATASETS.c.number).where(DATASETS.c.number == dataset).with_for_update())
    spaces = select(func.count()).select_from(SPACES).where(SPACES.c.dataset == dataset)
    if connection.execute(spaces).scalar_one() == 1:
        connection.execute(delete(REMOVALS).where(REMOVALS.c.dataset == dataset, REMOVALS.c.change <= mark))
        connection.execute(update(DATASETS).where(DATASETS.c.number == dataset).values(forgotten=mark))


def _forget_notes(connection: Connection, numbers: Sequence[int]) -> None:
    connection.execute(delete(ERASURES).where(ERASURES.c.number.in_(numbers)))
