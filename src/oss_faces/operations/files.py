"""What can be done with the files of a dataset of IMM."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from oss_faces.audit import Act, Audit, Event
from oss_faces.datasets import CLUSTER_INDEPENDENT, Dataset, DatasetRef, FilePage, IndexedFile
from oss_faces.errors import NoSuchKey, RequestError
from oss_faces.facedb import FaceDatabase
from oss_faces.grants import Permission
from oss_faces.imm_errors import LimitExceeded, ResourceNotFound, imm_form
from oss_faces.operations import permission
from oss_faces.operations.indexing import indexing_task, withdraw_files
from oss_faces.request.imm_files import FileChange, IndexFiles, NamedFiles, UpdateFiles, file_uri
from oss_faces.request.imm_query import SimpleQuery
from oss_faces.storage import ObjectReader
from oss_faces.tasks import Tasks
from oss_faces.values import Address, Principal

_FILES_LIMIT: Final = "DatasetMaxFileCount"


@dataclass(frozen=True, slots=True)
class Updated:
    """What became of one change of a batch; no message: it was made."""

    uri: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class FileKeeper:
    """The file operations.

    What is done with a file needs the operation's permission on its object, and indexing, which reads it, that to read
    it as well. Questions about all files of a dataset need a grant on every bucket.
    """

    objects: ObjectReader
    database: FaceDatabase
    tasks: Tasks
    audit: Audit

    async def index(self, principal: Principal, want: IndexFiles, needed: Permission) -> str:
        """Have files read into a dataset later, all or none, and give the event's id (IndexFileMeta and its batch).

        Raises:
            AccessDenied: the caller may not do it with one of them, or not read it.
            ResourceNotFound: there is no such dataset.
            NoSuchBucket, NoSuchKey: there is no such object; the message names it.
            LimitExceeded: the dataset is full, or too many tasks wait.
        """
        _require(principal, (needed, Permission.GET_OBJECT), want.sources)
        await self._require_room(await self.database.get_dataset(want.ref), [file.uri for file in want.files])
        for file in want.files:
            await self._require_object(file.source)
        news = [indexing_task(principal, want.ref, file, want.user_data) for file in want.files]
        accepted = await self.tasks.add_all(news)
        return accepted[0].event_id

    async def get(self, principal: Principal, want: NamedFiles, needed: Permission) -> tuple[IndexedFile, ...]:
        """Tell what is known of files; those that are not in the dataset are left out (GetFileMeta and its batch)."""
        _require(principal, (needed,), want.sources)
        files = await self.database.get_files(want.ref, want.uris)
        await self._record(Act.READ, principal, want.ref, files)
        return files

    async def query(self, principal: Principal, want: SimpleQuery) -> FilePage:
        """Find files, or count what they have (SimpleQuery)."""
        permission.require(principal, Permission.SIMPLE_QUERY)
        page = await self.database.query_files(want.ref, want.query)
        await self._record(Act.READ, principal, want.ref, page.files)
        return page

    async def update(self, principal: Principal, want: UpdateFiles, needed: Permission) -> None:
        """Change what is said about a file, and who is on it (UpdateFileMeta).

        Raises:
            ResourceNotFound: there is no such file, figure or cluster.
        """
        _require(principal, (needed,), want.sources)
        for change in want.files:
            await self._update(principal, want.ref, change)

    async def update_each(self, principal: Principal, want: UpdateFiles, needed: Permission) -> tuple[Updated, ...]:
        """Change what is said about files, each by itself (BatchUpdateFileMeta)."""
        _require(principal, (needed,), want.sources)
        await self.database.get_dataset(want.ref)
        updated = []
        for change in want.files:
            try:
                await self._update(principal, want.ref, change)
            except RequestError as exc:
                updated.append(Updated(change.uri, imm_form(exc).message or exc.message))
            else:
                updated.append(Updated(change.uri))
        return tuple(updated)

    async def delete(self, principal: Principal, want: NamedFiles, needed: Permission) -> None:
        """Erase files from a dataset; one that is not there is no mistake (DeleteFileMeta and its batch)."""
        _require(principal, (needed,), want.sources)
        await withdraw_files(self.tasks, want.ref, want.uris)
        files = await self.database.get_files(want.ref, want.uris)
        if not files:
            return
        await self._record(Act.ERASE_BEGUN, principal, want.ref, files)
        await self.database.delete_files(want.ref, [file.uri for file in files])
        await self._record(Act.ERASE, principal, want.ref, files)

    async def _require_room(self, dataset: Dataset, uris: Sequence[str]) -> None:
        """Refuse files for which there can be no room, as far as one can see before they are read."""
        files_max = dataset.spec.limits.get(_FILES_LIMIT)
        if files_max is None or dataset.file_count + len(uris) <= files_max:
            return
        known = await self.database.get_files(dataset.ref, uris)
        if dataset.file_count + len(uris) - len(known) > files_max:
            raise LimitExceeded(f"The dataset {dataset.ref.name} can have {files_max} files, and would have more.")

    async def _require_object(self, source: Address) -> None:
        try:
            await self.objects.head(source.bucket, source.key)
        except NoSuchKey as exc:
            raise ResourceNotFound(f"The object {file_uri(source)} is not found.") from exc

    async def _update(self, principal: Principal, ref: DatasetRef, change: FileChange) -> None:
        if change.moves:
            await self._move(ref, change)
        file = await self.database.update_file(ref, change.uri, change.applied)
        await self._record(Act.UPDATE, principal, ref, (file,))

    async def _move(self, ref: DatasetRef, change: FileChange) -> None:
        """Put figures of a file into other clusters."""
        [file] = await self.database.get_files(ref, [change.uri]) or [None]
        numbers = {figure.figure_id: figure.number for figure in file.figures} if file else {}
        groups: dict[str, list[int]] = {}
        for move in change.moves:
            if move.figure_id not in numbers:
                raise ResourceNotFound(f"The figure {move.figure_id} is not found on the file.")
            groups.setdefault(move.cluster_id, []).append(numbers[move.figure_id])
        clusters = [cluster_id for cluster_id in groups if cluster_id != CLUSTER_INDEPENDENT]
        found = {cluster.cluster_id for cluster in await self.database.get_clusters(ref, clusters)}
        for cluster_id in clusters:
            if cluster_id not in found:
                raise ResourceNotFound(f"The figure cluster {cluster_id} is not found in the dataset.")
        for cluster_id, moved in groups.items():
            if cluster_id == CLUSTER_INDEPENDENT:
                await self.database.leave(ref, moved)
            else:
                await self.database.pin(ref, cluster_id, moved)

    async def _record(self, act: Act, principal: Principal, ref: DatasetRef, files: Sequence[IndexedFile]) -> None:
        counts = {"files": len(files), "faces": sum(len(file.figures) for file in files)}
        subjects = tuple(file.object_id for file in files)
        await self.audit.record(Event(act, f"key:{principal.access_key_id}", ref, subjects, counts))


def _require(principal: Principal, needed: Iterable[Permission], sources: Iterable[Address]) -> None:
    for wanted in needed:
        for source in sources:
            permission.require(principal, wanted, source.bucket, source.key)
