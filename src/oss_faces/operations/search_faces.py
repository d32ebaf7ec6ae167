"""CreateFacesSearchingTask of IMM: which faces of a dataset are like those on some pictures, in the background."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from oss_faces.audit import Act, Audit, Event
from oss_faces.datasets import CLUSTER_INDEPENDENT, CLUSTER_UNAVAILABLE, Candidate, DatasetRef, Figure, FileFacts
from oss_faces.described import DescribedFaces, Recognition
from oss_faces.errors import ImageError, ImageTooLarge, ObjectTooLarge, OssFacesError, RequestError, StorageError
from oss_faces.facedb import FaceDatabase
from oss_faces.grants import Permission
from oss_faces.imm_errors import NoFaceFound, imm_form
from oss_faces.metering import Use
from oss_faces.operations import permission
from oss_faces.operations.bindings import Bindings
from oss_faces.operations.indexing import PAYER, Count, payer_of
from oss_faces.protocol.dates import format_nano_date
from oss_faces.recognition import FitnessSettings, flaws
from oss_faces.rendering.figures import boundaries
from oss_faces.rendering.settings import RenderingSettings
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_tasks import SearchFaces, parse_search_faces
from oss_faces.stages import DescribeFaces
from oss_faces.storage import ObjectReader, ObjectWriter, PutSpec
from oss_faces.tasks import Clock, NewTask, Progress, Task, TaskKind, Tasks, TaskStatus
from oss_faces.values import Address, FaceResult, ObjectHeaders, ObjectMeta, Principal, Work
from oss_faces.workers import Workers

_SIMILARITY_DECIMALS: Final = 4
_MESSAGE_TYPE: Final = "application/json;charset=utf-8"


class ReadAndWritten(ObjectReader, ObjectWriter, Protocol):
    """Objects that are read as pictures and written as results."""


@dataclass(frozen=True, slots=True)
class FacesSearcher:
    """Accepts searches, and does them.

    Attributes:
        source_bytes_max: largest picture that is read.
        count: counts each picture that was analysed, as one detection.
    """

    tasks: Tasks
    objects: ReadAndWritten
    pipeline: Recognition
    workers: Workers
    source_bytes_max: int
    bindings: Bindings
    database: FaceDatabase
    audit: Audit
    fitness: FitnessSettings
    rendering: RenderingSettings
    count: Count
    now: Clock

    async def accept(self, principal: Principal, want: SearchFaces) -> Task:
        """Take a search on (CreateFacesSearchingTask).

        Raises:
            AccessDenied: the caller lacks the grant on every bucket, or one on a picture or the object of the result.
            ResourceNotFound: there is no such project, where there must be one, or no such dataset.
            LimitExceeded: too many tasks wait.
        """
        # A dataset is of no bucket: what is in it, names of objects too, is not told to whom one bucket is granted.
        permission.require(principal, Permission.CREATE_FACES_SEARCHING_TASK)
        for source in want.sources:
            permission.require(principal, Permission.GET_OBJECT, source.bucket, source.key)
        if want.message is not None:
            permission.require(principal, Permission.PUT_OBJECT, want.message.bucket, want.message.key)
        await self.bindings.require_project(want.ref.project)
        await self.database.get_dataset(want.ref)
        request = {**want.definition, PAYER: payer_of(principal)}
        return await self.tasks.add(NewTask(want.ref.project, TaskKind.FACES_SEARCHING, request, want.user_data))

    async def run(self, task: Task, progress: Progress) -> Mapping[str, object]:
        """Do a search. A picture that cannot be searched says why in its entry; when none can, the task fails.

        Raises:
            ResourceNotFound: the dataset is gone.
            OssFacesError: of the first picture, when none could be searched.
        """
        want = parse_search_faces(Fields(task.what.request))
        payer = str(task.what.request[PAYER])
        await self.database.get_dataset(want.ref)
        entries: list[Mapping[str, object]] = []
        errors: list[OssFacesError] = []
        for place, source in enumerate(want.sources):
            try:
                entries.append(await self._search(want, source, payer))
            except (RequestError, StorageError, ImageError) as exc:
                if exc.retryable:
                    raise
                errors.append(exc)
                entries.append(_refused(source, exc))
            progress(100 * (place + 1) // len(want.sources))
        if len(errors) == len(entries):
            raise errors[0]
        result: Mapping[str, object] = {"Sources": entries}
        if want.message is not None:
            await self._write(want.message, task, want.ref, result)
        return result

    async def _search(self, want: SearchFaces, source: Address, payer: str) -> Mapping[str, object]:
        """Search for the largest face of a picture."""
        meta, described = await self._describe(source)
        result = described.result
        await self.count(
            Use(
                payer,
                source.bucket,
                f"imm:{TaskKind.FACES_SEARCHING}",
                200,
                0,
                Work(meta.size_bytes, image_detect=1, faces=len(result.faces), stage_ms=result.stage_ms),
            )
        )
        if not result.faces:
            raise NoFaceFound
        found = flaws(result.faces[0], self.fitness)
        if found:
            raise NoFaceFound(f"The largest face is not fit to be searched for: {', '.join(found)}.")
        (candidates,) = await self.database.search(
            want.ref, described.vectors[:1], self.pipeline.embedder.space, want.count
        )
        await self._record(want.ref, payer, len(candidates))
        similar = await self._similar(want.ref, candidates)
        return {"URI": _uri(source), "Boundary": boundaries(result, self.rendering)[0], "SimilarFaces": similar}

    async def _describe(self, source: Address) -> tuple[ObjectMeta, DescribedFaces]:
        async with self.workers.background_place() as place:
            try:
                meta, content = await self.objects.read(source.bucket, source.key, self.source_bytes_max)
            except ObjectTooLarge as exc:
                raise ImageTooLarge from exc
            return meta, await place.run(DescribeFaces(), content)

    async def _similar(self, ref: DatasetRef, candidates: Sequence[Candidate]) -> list[Mapping[str, object]]:
        """Give the faces that were found, the most similar first; one that was erased meanwhile is left out."""
        uris = sorted({candidate.figure.uri for candidate in candidates})
        files = {file.uri: file for file in await self.database.get_files(ref, uris)}
        calibration = self.pipeline.embedder.calibration
        return [
            {
                "URI": candidate.figure.uri,
                "FigureId": candidate.figure.figure_id,
                "FigureClusterId": _cluster_of(candidate.figure),
                "Boundary": self._boundary(candidate.figure, files[candidate.figure.uri].facts),
                "Similarity": round(calibration.similarity_at(candidate.distance), _SIMILARITY_DECIMALS),
            }
            for candidate in candidates
            if candidate.figure.uri in files
        ]

    def _boundary(self, figure: Figure, facts: FileFacts) -> object:
        (boundary,) = boundaries(FaceResult(facts.image, (figure.face,), (), facts.orientation), self.rendering)
        return boundary

    async def _record(self, ref: DatasetRef, payer: str, found: int) -> None:
        await self.audit.record(Event(Act.SEARCH, f"key:{payer}", ref, counts={"faces": 1, "found": found}))

    async def _write(self, target: Address, task: Task, ref: DatasetRef, result: Mapping[str, object]) -> None:
        """Write what the message of the real service would say."""
        what = task.what
        document: Mapping[str, Any] = {
            "ProjectName": what.project,
            "DatasetName": ref.name,
            "TaskId": task.task_id,
            "TaskType": what.kind,
            "EventId": task.event_id,
            "StartTime": format_nano_date(task.started),
            "EndTime": format_nano_date(self.now()),
            "Status": TaskStatus.SUCCEEDED.value,
            "Code": "",
            "Message": "",
            "UserData": what.user_data,
            **result,
        }
        content = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
        headers = ObjectHeaders(_MESSAGE_TYPE)
        await self.objects.put(target.bucket, target.key, _whole(content), PutSpec(headers=headers))


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _cluster_of(figure: Figure) -> str:
    return figure.cluster_id or (CLUSTER_INDEPENDENT if figure.is_alone else CLUSTER_UNAVAILABLE)


def _refused(source: Address, error: OssFacesError) -> Mapping[str, object]:
    form = imm_form(error)
    return {"URI": _uri(source), "Code": form.code, "Message": form.message or error.message, "SimilarFaces": []}


def _uri(source: Address) -> str:
    return f"oss://{source.bucket}/{source.key}"
