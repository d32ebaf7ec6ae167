"""Datasets and files of the database in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from oss_faces.datasets import (
    FILE_FIELDS,
    Dataset,
    DatasetRef,
    DatasetSpec,
    Figure,
    FileFacts,
    FilePage,
    FileQuery,
    FileSpec,
    IndexedFile,
    NewFigure,
    Totals,
)
from oss_faces.facedb import faces, refusals
from oss_faces.facedb.aggregating import aggregate
from oss_faces.facedb.conditions import holds
from oss_faces.facedb.fields import FILE_READERS
from oss_faces.facedb.limits import require_room
from oss_faces.facedb.memory_state import KeptDataset, KeptFile, MemoryState
from oss_faces.facedb.paging import Place, page, read_token, stored


class MemoryDatasets:
    """The methods of `Datasets`."""

    _state: MemoryState

    async def create_dataset(self, ref: DatasetRef, spec: DatasetSpec) -> Dataset:
        """Make a dataset; see `Datasets`."""
        state = self._state
        if ref in state.datasets:
            raise refusals.dataset_exists(ref)
        if len(state.datasets) >= state.settings.datasets_max:
            raise refusals.too_many("datasets", state.settings.datasets_max)
        moment = state.now()
        state.datasets[ref] = KeptDataset(spec, moment, moment)
        return state.described(ref)

    async def get_dataset(self, ref: DatasetRef) -> Dataset:
        """Describe a dataset; see `Datasets`."""
        return self._state.described(ref)

    async def list_datasets(
        self, project: str, prefix: str = "", after: str = "", limit: int = 100
    ) -> tuple[tuple[Dataset, ...], str]:
        """Give one page of a project's datasets; see `Datasets`."""
        own = (ref.name for ref in self._state.datasets if ref.project == project)
        fitting = sorted(name for name in own if name > after and name.startswith(prefix))
        listed = tuple(self._state.described(DatasetRef(project, name)) for name in fitting[:limit])
        return listed, listed[-1].ref.name if listed and len(fitting) > limit else ""

    async def totals(self, project: str) -> Totals:
        """Tell what all datasets of a project hold together; see `Datasets`."""
        own = [self._state.described(ref) for ref in self._state.datasets if ref.project == project]
        return Totals(len(own), sum(one.file_count for one in own), sum(one.size_bytes for one in own))

    async def update_dataset(self, ref: DatasetRef, change: Callable[[DatasetSpec], DatasetSpec]) -> Dataset:
        """Replace what is said about a dataset; see `Datasets`."""
        kept = self._state.dataset(ref)
        kept.spec = change(kept.spec)
        kept.updated = self._state.now()
        return self._state.described(ref)

    async def delete_dataset(self, ref: DatasetRef) -> None:
        """Erase a dataset; see `Datasets`."""
        self._state.dataset(ref)
        del self._state.datasets[ref]


class MemoryFiles:
    """The methods of `Files`."""

    _state: MemoryState

    async def put_file(
        self, ref: DatasetRef, uri: str, spec: FileSpec, facts: FileFacts, figures: Sequence[NewFigure], space: str
    ) -> IndexedFile:
        """Keep a file and its figures; see `Files`."""
        kept, now = self._state.dataset(ref), self._state.now()
        if figures and space != (kept.space or space):
            raise refusals.other_space(space, kept.space)
        old = kept.files.get(uri)
        old_size = 0 if old is None else old.facts.size_bytes
        described = self._state.described(ref)
        require_room(described, self._state.settings, is_new=old is None, growth=facts.size_bytes - old_size)
        new = faces.worth_keeping(figures, self._state.settings.figures_max)
        known = {} if old is None else {kept.figures[number].figure_id: number for number in old.numbers}
        kept.remove_figures(set(known.values()) - {known.get(figure.figure_id) for figure in new}, now)
        numbers = tuple(self._keep(kept, uri, figure, space, known.get(figure.figure_id)) for figure in new)
        kept.space = kept.space or (space if numbers else "")
        object_id, created = (uuid4().hex, now) if old is None else (old.object_id, old.created)
        kept.files[uri] = KeptFile(object_id, spec, facts, numbers, created, now)
        return kept.file(uri)

    async def get_files(self, ref: DatasetRef, uris: Sequence[str]) -> tuple[IndexedFile, ...]:
        """Give what is known of files; see `Files`."""
        kept = self._state.dataset(ref)
        return tuple(kept.file(uri) for uri in uris if uri in kept.files)

    async def update_file(self, ref: DatasetRef, uri: str, change: Callable[[FileSpec], FileSpec]) -> IndexedFile:
        """Replace what a caller said about a file; see `Files`."""
        kept = self._state.dataset(ref)
        if uri not in kept.files:
            raise refusals.no_file()
        old = kept.files[uri]
        kept.files[uri] = replace(old, spec=change(old.spec), updated=self._state.now())
        return kept.file(uri)

    async def delete_file(self, ref: DatasetRef, uri: str) -> bool:
        """Erase a file and its figures; see `Files`."""
        kept = self._state.dataset(ref)
        if uri not in kept.files:
            return False
        kept.remove_figures(kept.files.pop(uri).numbers, self._state.now())
        kept.forget_cover(uri)
        return True

    async def delete_files(self, ref: DatasetRef, uris: Sequence[str]) -> int:
        """Erase files and their figures; see `Files`."""
        self._state.dataset(ref)
        return sum([await self.delete_file(ref, uri) for uri in uris])

    async def query_files(self, ref: DatasetRef, query: FileQuery) -> FilePage:
        """Find files; see `Files`."""
        kept = self._state.dataset(ref)
        after = read_token(query.after, [FILE_FIELDS[field] for field, _ in query.sort])
        every = (kept.file(uri) for uri in kept.files)
        hits = [file for file in every if query.where is None or holds(query.where, file)]
        total = len(hits) if query.wants_total else None
        if query.aggregations:
            aggregated = tuple(aggregate(what, hits, query.limit) for what in query.aggregations)
            return FilePage((), total=total, aggregated=aggregated)
        entries = [(_place(file, query), file) for file in hits]
        found, next_after = page(entries, [descends for _, descends in query.sort], after, query.limit)
        return FilePage(found, next_after, total)

    async def expired_files(self, now: datetime, limit: int) -> tuple[tuple[DatasetRef, str], ...]:
        """Name files that have outlived their dataset's retention; see `Files`."""
        outlived = [
            (file.created, ref.project, ref.name, uri)
            for ref, kept in self._state.datasets.items()
            for uri, file in kept.files.items()
            if kept.spec.retention_days and (now - file.created).days >= kept.spec.retention_days
        ]
        return tuple((DatasetRef(project, name), uri) for _, project, name, uri in sorted(outlived)[:limit])

    def _keep(self, kept: KeptDataset, uri: str, figure: NewFigure, space: str, known: int | None) -> int:
        """Keep a figure, under its old number where it has one."""
        if known is not None:
            kept.figures[known] = replace(kept.figures[known], face=figure.face)
            return known
        number = next(self._state.numbers)
        kept.figures[number] = Figure(number, figure.figure_id, uri, figure.face)
        kept.vectors.setdefault(space, {})[number] = figure.vector
        return number


def _place(file: IndexedFile, query: FileQuery) -> Place:
    return Place(tuple(stored(FILE_READERS[field](file)) for field, _ in query.sort), file.object_id)
