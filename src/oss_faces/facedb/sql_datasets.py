"""The methods of `Datasets` and `Files` in SQL."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import uuid4

from sqlalchemy import BigInteger, Connection, delete, func, insert, literal, select, update

from oss_faces.datasets import (
    Dataset,
    DatasetRef,
    DatasetSpec,
    FileFacts,
    FilePage,
    FileQuery,
    FileSpec,
    IndexedFile,
    NewFigure,
    Totals,
)
from oss_faces.facedb import faces, refusals
from oss_faces.facedb.limits import require_room
from oss_faces.facedb.paging import micros
from oss_faces.facedb.sql_erasing import file_needles
from oss_faces.facedb.sql_files import (
    Incoming,
    files_by_uri,
    find_file,
    load_files,
    remove_file,
    require_space,
    write_file,
    write_labels,
)
from oss_faces.facedb.sql_following import Following, Trace, note_erasure, note_index_gone
from oss_faces.facedb.sql_queries import find_files
from oss_faces.facedb.sql_rows import dataset_columns, file_columns, to_dataset
from oss_faces.facedb.sql_state import SqlState, find_dataset
from oss_faces.facedb.tables import DATASETS, FILES, SPACES

_NEW_DATASETS: Final = "new datasets"
_DAY_US: Final = timedelta(days=1) // timedelta(microseconds=1)


class SqlDatasets:
    """The methods of `Datasets`."""

    _state: SqlState
    _following: Following

    async def create_dataset(self, ref: DatasetRef, spec: DatasetSpec) -> Dataset:
        """Make a dataset; see `Datasets`."""
        now_us, most = micros(self._state.now()), self._state.settings.datasets_max

        def work(connection: Connection) -> Dataset:
            named = select(DATASETS.c.number).where(DATASETS.c.project == ref.project, DATASETS.c.name == ref.name)
            if connection.execute(named).first() is not None:
                raise refusals.dataset_exists(ref)
            if connection.execute(select(func.count()).select_from(DATASETS)).scalar_one() >= most:
                raise refusals.too_many("datasets", most)
            empty = {"space": "", "file_count": 0, "size_bytes": 0, "change": 0, "forgotten": 0}
            times = {"created_us": now_us, "updated_us": now_us}
            columns = {"project": ref.project, "name": ref.name, **dataset_columns(spec), **empty, **times}
            connection.execute(insert(DATASETS).values(columns))
            return to_dataset(find_dataset(connection, ref))

        return await self._state.write(work, turn=_NEW_DATASETS)

    async def get_dataset(self, ref: DatasetRef) -> Dataset:
        """Describe a dataset; see `Datasets`."""
        return await self._state.read(lambda connection: to_dataset(find_dataset(connection, ref)))

    async def list_datasets(
        self, project: str, prefix: str = "", after: str = "", limit: int = 100
    ) -> tuple[tuple[Dataset, ...], str]:
        """Give one page of a project's datasets; see `Datasets`."""
        own = select(DATASETS).where(DATASETS.c.project == project, DATASETS.c.name > after)
        fitting = own.where(DATASETS.c.name >= prefix, func.substr(DATASETS.c.name, 1, len(prefix)) == prefix)
        wanted = (fitting if prefix else own).order_by(DATASETS.c.name).limit(limit + 1)
        found = await self._state.read(
            lambda connection: tuple(to_dataset(row) for row in connection.execute(wanted).all())
        )
        page = found[:limit]
        return page, page[-1].ref.name if page and len(found) > limit else ""

    async def totals(self, project: str) -> Totals:
        """Tell what all datasets of a project hold together; see `Datasets`."""
        files, size = func.sum(DATASETS.c.file_count), func.sum(DATASETS.c.size_bytes)
        sums = select(func.count(), func.coalesce(files, 0), func.coalesce(size, 0))
        row = await self._state.read(
            lambda connection: connection.execute(sums.where(DATASETS.c.project == project)).one()
        )
        return Totals(int(row[0]), int(row[1]), int(row[2]))

    async def update_dataset(self, ref: DatasetRef, change: Callable[[DatasetSpec], DatasetSpec]) -> Dataset:
        """Replace what is said about a dataset; see `Datasets`."""
        now_us = micros(self._state.now())

        def work(connection: Connection) -> Dataset:
            row = find_dataset(connection, ref, locks=True)
            said = dataset_columns(change(to_dataset(row).spec))
            mine = update(DATASETS).where(DATASETS.c.number == row.number)
            connection.execute(mine.values({**said, "updated_us": now_us}))
            return to_dataset(find_dataset(connection, ref))

        return await self._state.write(work)

    async def delete_dataset(self, ref: DatasetRef) -> None:
        """Erase a dataset; see `Datasets`."""

        def work(connection: Connection) -> Trace:
            number = find_dataset(connection, ref, locks=True).number
            notes = note_index_gone(connection, number, SPACES.c.dataset == number)
            notes += note_erasure(connection, number)
            connection.execute(delete(DATASETS).where(DATASETS.c.number == number))
            # Too much of it to be looked for.
            return Trace(notes, None)

        trace = await self._state.write(work)
        await self._state.erase(partial(self._following.finish, trace))


class SqlFiles:
    """The methods of `Files`."""

    _state: SqlState
    _following: Following

    async def put_file(
        self, ref: DatasetRef, uri: str, spec: FileSpec, facts: FileFacts, figures: Sequence[NewFigure], space: str
    ) -> IndexedFile:
        """Keep a file and its figures; see `Files`."""
        now_us, settings = micros(self._state.now()), self._state.settings
        kept = faces.worth_keeping(figures, settings.figures_max)

        def work(connection: Connection) -> tuple[int, IndexedFile]:
            dataset = find_dataset(connection, ref, locks=True)
            require_space(dataset, kept, space)
            old = find_file(connection, dataset.number, uri)
            growth = facts.size_bytes - (0 if old is None else old.size_bytes)
            require_room(to_dataset(dataset), settings, is_new=old is None, growth=growth)
            object_id = uuid4().hex if old is None else old.object_id
            write_file(connection, dataset, old, Incoming(uri, object_id, spec, facts, kept, space, now_us))
            return dataset.number, files_by_uri(connection, dataset.number, [uri])[uri]

        dataset, file = await self._state.write(work)
        if file.figures:
            await self._state.search(partial(self._following.keep_close, dataset, space))
        return file

    async def get_files(self, ref: DatasetRef, uris: Sequence[str]) -> tuple[IndexedFile, ...]:
        """Give what is known of files; see `Files`."""

        def work(connection: Connection) -> tuple[IndexedFile, ...]:
            found = files_by_uri(connection, find_dataset(connection, ref).number, uris)
            return tuple(found[uri] for uri in uris if uri in found)

        return await self._state.read(work)

    async def update_file(self, ref: DatasetRef, uri: str, change: Callable[[FileSpec], FileSpec]) -> IndexedFile:
        """Replace what a caller said about a file; see `Files`."""
        now = self._state.now()

        def work(connection: Connection) -> IndexedFile:
            dataset = find_dataset(connection, ref, locks=True).number
            row = find_file(connection, dataset, uri)
            if row is None:
                raise refusals.no_file()
            (old,) = load_files(connection, [row])
            new = replace(old, spec=change(old.spec), updated=now)
            connection.execute(update(FILES).where(FILES.c.number == row.number).values(file_columns(new)))
            write_labels(connection, dataset, row.number, new)
            return new

        return await self._state.write(work)

    async def delete_file(self, ref: DatasetRef, uri: str) -> bool:
        """Erase a file and its figures; see `Files`."""
        return await self.delete_files(ref, [uri]) > 0

    async def delete_files(self, ref: DatasetRef, uris: Sequence[str]) -> int:
        """Erase files and their figures; see `Files`."""
        now_us = micros(self._state.now())

        def work(connection: Connection) -> tuple[int, Trace]:
            dataset = find_dataset(connection, ref, locks=True).number
            there = [find_file(connection, dataset, uri) for uri in dict.fromkeys(uris)]
            rows = [row for row in there if row is not None]
            if not rows:
                return 0, Trace(())
            needles = tuple(needle for row in rows for needle in file_needles(connection, row))
            for row in rows:
                remove_file(connection, dataset, row, now_us)
            return len(rows), Trace(note_erasure(connection, dataset), needles)

        count, trace = await self._state.write(work)
        if count:
            await self._state.erase(partial(self._following.finish, trace))
        return count

    async def query_files(self, ref: DatasetRef, query: FileQuery) -> FilePage:
        """Find files; see `Files`."""
        return await self._state.read(
            lambda connection: find_files(connection, find_dataset(connection, ref).number, query)
        )

    async def expired_files(self, now: datetime, limit: int) -> tuple[tuple[DatasetRef, str], ...]:
        """Name files that have outlived their dataset's retention; see `Files`."""
        latest = micros(now) - DATASETS.c.retention_days * literal(_DAY_US, BigInteger)
        outlived = (
            select(DATASETS.c.project, DATASETS.c.name, FILES.c.uri)
            .join(DATASETS, DATASETS.c.number == FILES.c.dataset)
            .where(DATASETS.c.retention_days > 0, FILES.c.created_us <= latest)
            .order_by(FILES.c.created_us, DATASETS.c.project, DATASETS.c.name, FILES.c.uri)
            .limit(limit)
        )
        rows = await self._state.read(lambda connection: connection.execute(outlived).all())
        return tuple((DatasetRef(row.project, row.name), row.uri) for row in rows)
