"""Indexing: a stored picture becomes a file of a dataset, with every face and its vector. Done in the background."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from oss_faces.audit import Act, Audit, Event
from oss_faces.datasets import DatasetRef, FileFacts, IndexedFile, NewFigure
from oss_faces.described import DescribedFaces, Recognition
from oss_faces.errors import ImageTooLarge, ObjectTooLarge
from oss_faces.facedb import Files, Gallery
from oss_faces.imm_errors import ResourceNotFound
from oss_faces.metering import Use
from oss_faces.rendering.figures import figure_id
from oss_faces.request.imm_files import WantedFile, index_task, read_index_task
from oss_faces.stages import DescribeFaces
from oss_faces.storage import ObjectReader
from oss_faces.tasks import NewTask, Progress, Task, TaskKind, TaskQuery, Tasks, TaskSorting, TaskStatus, subject_of
from oss_faces.values import ObjectMeta, Principal, Work
from oss_faces.workers import Workers

PAYER: Final = "payer"
"""Where a task says on whose account it is: the lasting key of who asked for it."""

_WITHDRAWN: Final = "The file was deleted before it was indexed."
_TASKS_AT_ONCE: Final = 1000

Count = Callable[[Use], Awaitable[None]]
"""Counts a piece of work that nobody waits for with an open request."""


class FilesAndVectors(Files, Gallery, Protocol):
    """What indexing needs of a face database."""


def indexing_task(principal: Principal, ref: DatasetRef, file: WantedFile, user_data: str = "") -> NewTask:
    """Write the task that indexes a file. Those of one file are done in the order in which they came.

    Whether the caller may read the object is checked before.
    """
    request = {
        "DatasetName": ref.name,
        "URI": file.uri,
        **index_task(ref.name, file),
        PAYER: payer_of(principal),
    }
    return NewTask(ref.project, TaskKind.FILE_INDEXING, request, user_data, subject=_subject(ref, file.uri))


async def withdraw_files(tasks: Tasks, ref: DatasetRef, uris: Collection[str]) -> None:
    """Have files not indexed that wait for it or are being read; call it before they are erased."""
    await tasks.withdraw({_subject(ref, uri) for uri in uris}, ResourceNotFound.code, _WITHDRAWN)


async def withdraw_dataset(tasks: Tasks, ref: DatasetRef) -> None:
    """Have no file of a dataset indexed any more that waits for it now, as `withdraw_files` does."""
    subjects: set[str] = set()
    after = ""
    while True:
        page = await tasks.list(
            TaskQuery(
                ref.project,
                (TaskKind.FILE_INDEXING,),
                (TaskStatus.RUNNING,),
                sort=TaskSorting.TASK_ID,
                after=after,
                limit=_TASKS_AT_ONCE,
            )
        )
        subjects |= {task.what.subject for task in page.tasks if task.what.request["DatasetName"] == ref.name}
        after = page.next_after
        if not after:
            break
    await tasks.withdraw(subjects, ResourceNotFound.code, _WITHDRAWN)


def _subject(ref: DatasetRef, uri: str) -> str:
    return subject_of(ref.project, ref.name, uri)


def payer_of(principal: Principal) -> str:
    """Name the key that work is counted for: temporary credentials count for the key that made them."""
    return principal.parent_id or principal.access_key_id


@dataclass(frozen=True, slots=True)
class FileIndexer:
    """Does the tasks that `indexing_task` writes.

    Attributes:
        source_bytes_max: largest picture that is read.
        count: counts each picture that was analysed, as one detection.
        tasks: where it is looked up whether a file was deleted meanwhile.
    """

    objects: ObjectReader
    pipeline: Recognition
    workers: Workers
    source_bytes_max: int
    database: FilesAndVectors
    audit: Audit
    count: Count
    tasks: Tasks

    async def run(self, task: Task, _progress: Progress) -> Mapping[str, object]:
        """Index one file. What is known already of the same bytes by the same models is not analysed again.

        A file that is deleted meanwhile stays deleted: whoever deletes it withdraws the task first, and here that is
        looked for again after the file was kept. So one of the two always erases it.

        Raises:
            NoSuchBucket, NoSuchKey: the object is gone, or was never there.
            ImageError: it is no picture that can be analysed.
            ResourceNotFound: the dataset is gone, or the file was deleted meanwhile.
            ResourceInUse: the dataset is searched in another space than that of this server's model.
            LimitExceeded: the dataset is full.
        """
        request: Mapping[str, Any] = task.what.request
        ref, wanted = read_index_task(task.what.project, request)
        await self._require_wanted(task, ref, wanted)
        known = await self.database.get_files(ref, (wanted.uri,))
        meta = await self.objects.head(wanted.source.bucket, wanted.source.key)
        if known and self._is_same(known[0], meta):
            kept = await self._keep_known(task, ref, wanted, known[0], meta)
            return _result(kept, is_analysed=False)
        meta, described = await self._describe(wanted)
        facts = _facts(meta, described, self.pipeline.models)
        kept = await self._put(task, ref, wanted, facts, _figures(meta, described))
        counts = {"faces": len(kept.figures)}
        await self.audit.record(Event(Act.INDEX, f"key:{request[PAYER]}", ref, (kept.object_id,), counts))
        work = Work(meta.size_bytes, image_detect=1, faces=len(described.vectors), stage_ms=described.result.stage_ms)
        await self.count(Use(request[PAYER], wanted.source.bucket, f"imm:{task.what.kind}", 200, 0, work))
        return _result(kept, is_analysed=True)

    def _is_same(self, known: IndexedFile, meta: ObjectMeta) -> bool:
        return known.facts.etag == meta.etag and known.facts.models == self.pipeline.models

    async def _keep_known(
        self, task: Task, ref: DatasetRef, wanted: WantedFile, known: IndexedFile, meta: ObjectMeta
    ) -> IndexedFile:
        """Keep what the caller says now, and what else may have changed of an object with the same bytes."""
        vectors = await self.database.vectors(ref, [figure.number for figure in known.figures])
        figures = [
            NewFigure(figure.figure_id, figure.face, vector)
            for figure, vector in zip(known.figures, vectors, strict=True)
        ]
        facts = FileFacts(
            image=known.facts.image,
            orientation=known.facts.orientation,
            models=known.facts.models,
            **_object_facts(meta),
        )
        return await self._put(task, ref, wanted, facts, figures)

    async def _describe(self, wanted: WantedFile) -> tuple[ObjectMeta, DescribedFaces]:
        source = wanted.source
        async with self.workers.background_place() as place:
            try:
                meta, content = await self.objects.read(source.bucket, source.key, self.source_bytes_max)
            except ObjectTooLarge as exc:
                raise ImageTooLarge from exc
            return meta, await place.run(DescribeFaces(), content)

    async def _put(
        self, task: Task, ref: DatasetRef, wanted: WantedFile, facts: FileFacts, figures: list[NewFigure]
    ) -> IndexedFile:
        await self._require_wanted(task, ref, wanted)
        space = self.pipeline.embedder.space
        kept = await self.database.put_file(ref, wanted.uri, wanted.spec, facts, figures, space)
        await self._require_wanted(task, ref, wanted)
        return kept

    async def _require_wanted(self, task: Task, ref: DatasetRef, wanted: WantedFile) -> None:
        """Go on only when nobody withdrew the task; else erase what this or an earlier attempt kept."""
        now = await self.tasks.get(ref.project, task.task_id)
        if now.code:
            await self.database.delete_file(ref, wanted.uri)
            raise ResourceNotFound(now.message)


def _facts(meta: ObjectMeta, described: DescribedFaces, models: tuple[str, ...]) -> FileFacts:
    result = described.result
    return FileFacts(image=result.size, orientation=result.orientation, models=models, **_object_facts(meta))


def _object_facts(meta: ObjectMeta) -> dict[str, Any]:
    """Give what is kept of the object itself."""
    return {
        "etag": meta.etag,
        "size_bytes": meta.size_bytes,
        "content_type": meta.content_type,
        "modified": meta.last_modified,
        "crc64": meta.crc64,
        "object_type": meta.object_type.value,
        "acl": meta.acl.value,
        "user": meta.user,
    }


def _figures(meta: ObjectMeta, described: DescribedFaces) -> list[NewFigure]:
    result = described.result
    return [
        NewFigure(figure_id(face.box, result, meta.etag), face, vector)
        for face, vector in zip(result.faces, described.vectors, strict=True)
    ]


def _result(kept: IndexedFile, *, is_analysed: bool) -> Mapping[str, object]:
    return {"ObjectId": kept.object_id, "FigureCount": len(kept.figures), "IsAnalysed": is_analysed}
