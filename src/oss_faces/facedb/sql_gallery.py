"""The methods of `Gallery` and `Reembedding` in SQL, over vector indexes."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, and_, delete, exists, func, select, update

from oss_faces.datasets import Candidate, Dataset, DatasetRef, Figure
from oss_faces.facedb import refusals
from oss_faces.facedb.paging import micros
from oss_faces.facedb.sql_figures import figures_by_number, load_figures
from oss_faces.facedb.sql_files import add_vectors
from oss_faces.facedb.sql_following import Following, Trace, note_erasure, note_index_gone
from oss_faces.facedb.sql_rows import to_dataset, to_vectors, vector_bytes
from oss_faces.facedb.sql_state import SqlState, batches, find_dataset
from oss_faces.facedb.tables import DATASETS, FIGURES, SPACES, VECTORS
from oss_faces.geometry import FloatArray
from oss_faces.vectors import Matches, nobody


class SqlGallery:
    """The methods of `Gallery`."""

    _state: SqlState
    _following: Following

    async def search(
        self, ref: DatasetRef, probes: FloatArray, space: str, count: int
    ) -> tuple[tuple[Candidate, ...], ...]:
        """Find the nearest kept figures; see `Gallery`."""
        return await self._state.search(partial(self._search, ref, probes, space, count))

    async def nearest(self, ref: DatasetRef, probes: FloatArray, space: str, count: int) -> Matches:
        """Find the nearest kept figures by number; see `Gallery`."""
        return await self._state.search(lambda: self._matches(ref, probes, space, count)[1])

    async def gallery_size(self, ref: DatasetRef) -> int:
        """Tell how many figures can be found; see `Gallery`."""

        def work() -> int:
            dataset = self._state.read_now(lambda connection: find_dataset(connection, ref))
            index = self._following.caught_up(dataset.number, dataset.space)
            return 0 if index is None else len(index)

        return await self._state.search(work)

    async def figures(self, ref: DatasetRef, cluster_id: str) -> tuple[Figure, ...]:
        """Give all figures of a cluster; see `Gallery`."""

        def work(connection: Connection) -> list[Figure]:
            dataset = find_dataset(connection, ref).number
            return load_figures(connection, FIGURES.c.dataset == dataset, FIGURES.c.cluster == cluster_id)

        # The words that stand for no cluster are stored like one.
        return tuple(figure for figure in await self._state.read(work) if figure.cluster_id)

    async def vectors(self, ref: DatasetRef, numbers: Sequence[int]) -> FloatArray:
        """Give the vectors of figures; see `Gallery`."""
        return await self._state.read(
            lambda connection: load_vectors(connection, find_dataset(connection, ref), numbers)
        )

    def _search(self, ref: DatasetRef, probes: FloatArray, space: str, count: int) -> tuple[tuple[Candidate, ...], ...]:
        dataset, matches = self._matches(ref, probes, space, count)
        numbers = [int(number) for number in np.unique(matches.numbers) if number >= 0]
        known = self._state.read_now(lambda connection: figures_by_number(connection, dataset.number, numbers))
        return tuple(_candidates(matches, row, known) for row in range(len(probes)))

    def _matches(self, ref: DatasetRef, probes: FloatArray, space: str, count: int) -> tuple[Row[Any], Matches]:
        dataset = self._state.read_now(lambda connection: find_dataset(connection, ref))
        if dataset.space not in ("", space):
            raise refusals.other_space(space, dataset.space)
        index = self._following.caught_up(dataset.number, space)
        if index is None or not len(index):
            return dataset, nobody(len(probes), 0)
        return dataset, index.search(probes, min(count, len(index)))


class SqlReembedding:
    """The methods of `Reembedding`."""

    _state: SqlState
    _following: Following

    async def without_vector(self, ref: DatasetRef, space: str, limit: int, after: int = 0) -> tuple[Figure, ...]:
        """Name figures that have no vector in a space yet; see `Reembedding`."""

        def work(connection: Connection) -> tuple[Figure, ...]:
            lacking = _lacking(find_dataset(connection, ref).number, space)
            behind = select(FIGURES.c.number).where(lacking, FIGURES.c.number > after)
            wanted = behind.order_by(FIGURES.c.number).limit(limit)
            return tuple(load_figures(connection, FIGURES.c.number.in_(wanted)))

        return await self._state.read(work)

    async def add_vectors(self, ref: DatasetRef, space: str, vectors: Mapping[int, FloatArray]) -> int:
        """Keep vectors of another space; see `Reembedding`."""

        def work(connection: Connection) -> int:
            dataset = find_dataset(connection, ref, locks=True).number
            fitting: dict[int, bytes] = {}
            for batch in batches(sorted(vectors)):
                lacking = select(FIGURES.c.number).where(_lacking(dataset, space), FIGURES.c.number.in_(batch))
                fitting |= {number: vector_bytes(vectors[number]) for number in connection.scalars(lacking)}
            if fitting:
                add_vectors(connection, dataset, space, fitting, len(vectors[next(iter(fitting))]))
            return len(fitting)

        return await self._state.write(work)

    async def switch_space(self, ref: DatasetRef, space: str) -> Dataset:
        """Search in another space from now on; see `Reembedding`."""
        now_us = micros(self._state.now())

        def work(connection: Connection) -> tuple[Dataset, Trace]:
            number = find_dataset(connection, ref, locks=True).number
            missing = select(func.count()).select_from(FIGURES).where(_lacking(number, space))
            count = connection.execute(missing).scalar_one()
            if count:
                raise refusals.not_complete(count, space)
            trace = _forget(connection, number, [space], keeps=True)
            mine = update(DATASETS).where(DATASETS.c.number == number)
            connection.execute(mine.values(space=space, updated_us=now_us))
            return to_dataset(find_dataset(connection, ref)), trace

        dataset, trace = await self._state.write(work)
        await self._state.erase(partial(self._following.finish, trace))
        return dataset

    async def forget_space(self, ref: DatasetRef, space: str) -> None:
        """Give up the way to a space; see `Reembedding`."""

        def work(connection: Connection) -> Trace:
            dataset = find_dataset(connection, ref, locks=True)
            if space == dataset.space:
                raise refusals.space_searched(space)
            return _forget(connection, dataset.number, [space], keeps=False)

        trace = await self._state.write(work)
        await self._state.erase(partial(self._following.finish, trace))


def load_vectors(connection: Connection, dataset: Row[Any], numbers: Sequence[int]) -> FloatArray:
    """Read vectors of the space that is searched, in this order.

    Raises:
        ResourceNotFound: one of them is not there.
    """
    mine = (VECTORS.c.dataset == dataset.number, VECTORS.c.space == dataset.space)
    held: dict[int, bytes] = {}
    for batch in batches(sorted(set(numbers))):
        rows = connection.execute(select(VECTORS.c.figure, VECTORS.c.vector).where(*mine, VECTORS.c.figure.in_(batch)))
        held |= {row.figure: row.vector for row in rows}
    if not all(number in held for number in numbers):
        raise refusals.no_figure()
    own = select(SPACES.c.dimensions).where(SPACES.c.dataset == dataset.number, SPACES.c.space == dataset.space)
    dimensions = connection.execute(own).scalar_one_or_none() or 0
    return to_vectors([held[number] for number in numbers], dimensions)


def _candidates(matches: Matches, row: int, known: Mapping[int, Figure]) -> tuple[Candidate, ...]:
    """Leave out what was removed between the search and the reading."""
    found = zip(matches.numbers[row].tolist(), matches.distances[row].tolist(), strict=True)
    return tuple(Candidate(known[number], distance) for number, distance in found if number in known)


def _lacking(dataset: int, space: str) -> Any:
    has_one = exists().where(VECTORS.c.figure == FIGURES.c.number, VECTORS.c.space == space)
    return and_(FIGURES.c.dataset == dataset, ~has_one)


def _forget(connection: Connection, dataset: int, spaces: Sequence[str], *, keeps: bool) -> Trace:
    """Forget the vectors of some spaces of a dataset, or of all but these."""
    named, listed = VECTORS.c.space.in_(spaces), SPACES.c.space.in_(spaces)
    connection.execute(delete(VECTORS).where(VECTORS.c.dataset == dataset, ~named if keeps else named))
    notes = note_index_gone(connection, dataset, ~listed if keeps else listed)
    return Trace(notes + note_erasure(connection, dataset), None) if notes else Trace(())
