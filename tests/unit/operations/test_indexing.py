"""Indexing a stored picture: what is kept, what is not done twice, and why it can fail."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from oss_faces.analysis import FixedAnalyser
from oss_faces.audit import Act, AuditQuery, MemoryAudit
from oss_faces.datasets import ClusterSpec, DatasetRef, DatasetSpec, FileFacts, FileSpec, IndexedFile, NewFigure
from oss_faces.detection import FixedDetector
from oss_faces.errors import CorruptImage, ImageTooLarge, NoSuchBucket, NoSuchKey, OssFacesError
from oss_faces.facedb import FaceDbSettings, MemoryFaceDatabase
from oss_faces.grants import EVERYTHING
from oss_faces.imm_errors import ResourceInUse, ResourceNotFound
from oss_faces.metering import Use
from oss_faces.operations import FileIndexer, indexing_task
from oss_faces.operations.indexing import withdraw_dataset, withdraw_files
from oss_faces.pipeline import FacePipeline, RecognitionPipeline
from oss_faces.recognition import FixedEmbedder
from oss_faces.rendering.figures import figure_id
from oss_faces.request.imm_files import WantedFile
from oss_faces.storage import CopySpec
from oss_faces.tasks import (
    MemoryTasks,
    NewTask,
    Task,
    TaskKind,
    TaskQuery,
    TaskRunner,
    TaskSettings,
    TaskStatus,
    subject_of,
)
from oss_faces.tasks.bell import Bell
from oss_faces.values import Address, Detections, Image, ImageSize, Label, ObjectHeaders, Principal
from oss_faces.workers import Workers, WorkerSettings
from tests.contracts.facedb.faces import facts
from tests.unit.operations.conftest import NOON, Shelf
from tests.working import LateCrew

pytestmark = pytest.mark.anyio

REF = DatasetRef("project", "album")
PICTURE = Address("private", "picture")
URI = "oss://private/picture"
SPEC = FileSpec("id-1", {"season": "autumn"})
KEY = Principal("key", EVERYTHING)
FOUND = Detections(
    np.array([[1, 1, 4, 4], [2, 2, 9, 9]], np.float32),
    np.array([0.9, 0.8], np.float32),
    np.array([np.zeros((5, 2)), np.ones((5, 2))], np.float32),
)


def decode(content: bytes) -> Image:
    if content == b"damaged":
        raise CorruptImage
    return Image(np.full((10, 12, 3), len(content), np.uint8), ImageSize(12, 10), "test", 6)


@dataclass
class World:
    """An indexer with everything around it in memory, and what it counted."""

    shelf: Shelf
    crew: LateCrew
    workers: Workers
    database: MemoryFaceDatabase = field(default_factory=lambda: MemoryFaceDatabase(FaceDbSettings(), lambda: NOON))
    audit: MemoryAudit = field(default_factory=lambda: MemoryAudit(lambda: NOON))
    tasks: MemoryTasks = field(default_factory=lambda: MemoryTasks(TaskSettings(), lambda: NOON))
    embedder: FixedEmbedder = field(default_factory=FixedEmbedder)
    counted: list[Use] = field(default_factory=list)
    decoded: list[bytes] = field(default_factory=list)

    def indexer(self) -> FileIndexer:
        def remember(content: bytes) -> Image:
            self.decoded.append(content)
            return decode(content)

        analyser = FixedAnalyser({"gender": Label("female", 0.9)})
        faces = FacePipeline(remember, FixedDetector(FOUND), analyser, ("finder@1", "describer@1"))

        async def count(use: Use) -> None:
            self.counted.append(use)

        self.crew.use(faces, self.embedder)
        recognition = RecognitionPipeline(faces, self.embedder)
        return FileIndexer(self.shelf, recognition, self.workers, 100, self.database, self.audit, count, self.tasks)

    async def index(self, source: Address = PICTURE, spec: FileSpec = SPEC) -> Task:
        """Index by a task that a runner does; give the task at its end."""
        tasks = self.tasks
        task = await tasks.add(indexing_task(KEY, REF, WantedFile(source, spec)))
        handlers = {TaskKind.FILE_INDEXING: self.indexer().run}
        await TaskRunner(tasks, handlers, TaskSettings(), Bell(), lambda: NOON).run_waiting()
        return await tasks.get(REF.project, task.task_id)

    async def file(self) -> IndexedFile:
        (found,) = await self.database.get_files(REF, (URI,))
        return found


class Deleting(MemoryFaceDatabase):
    """A database in which somebody deletes the file once, at a moment of its being indexed; then it stands."""

    def __init__(self, tasks: MemoryTasks, moment: str) -> None:
        super().__init__(FaceDbSettings(), lambda: NOON)
        self.tasks = tasks
        self.moment = moment

    async def at(self, moment: str) -> None:
        if self.moment == moment:
            await withdraw_files(self.tasks, REF, [URI])
            await super().delete_files(REF, [URI])

    async def get_files(self, ref: DatasetRef, uris: Sequence[str]) -> tuple[IndexedFile, ...]:
        await self.at("reading")
        return await super().get_files(ref, uris)

    async def put_file(
        self, ref: DatasetRef, uri: str, spec: FileSpec, facts: FileFacts, figures: Sequence[NewFigure], space: str
    ) -> IndexedFile:
        await self.at("before keeping")
        kept = await super().put_file(ref, uri, spec, facts, figures, space)
        await self.at("after keeping")
        return kept


@pytest.fixture
async def world(shelf: Shelf) -> AsyncIterator[World]:
    crew = LateCrew()
    workers = Workers(WorkerSettings(running=1), crew)
    made = World(shelf, crew, workers)
    await made.database.create_dataset(REF, DatasetSpec())
    await shelf.add("private", "picture", b"picture")
    yield made
    await workers.aclose()


async def test_a_picture_becomes_a_file_with_its_faces(world: World) -> None:
    """What the caller said, what the object is, and every face with the id that `image/faces` gives it."""
    task = await world.index()
    file = await world.file()
    meta = await world.shelf.head("private", "picture")
    assert (task.status, task.result) == (
        TaskStatus.SUCCEEDED,
        {"ObjectId": file.object_id, "FigureCount": 2, "IsAnalysed": True},
    )
    assert (file.spec, file.facts.etag, file.facts.size_bytes, file.facts.crc64) == (SPEC, meta.etag, 7, meta.crc64)
    assert (file.facts.image, file.facts.orientation) == (ImageSize(12, 10), 6)
    assert file.facts.models == ("finder@1", "describer@1", "fixed@1")
    result = world.indexer().pipeline.faces.find_faces(b"picture")
    assert [figure.figure_id for figure in file.figures] == [
        figure_id(face.box, result, meta.etag) for face in result.faces
    ]
    assert [figure.face.gender for figure in file.figures] == [Label("female", 0.9)] * 2


async def test_each_face_is_found_by_its_own_vector(world: World) -> None:
    """The vectors are searched in the space of the model."""
    await world.index()
    vectors = world.indexer().pipeline.describe(b"picture").vectors
    found = await world.database.search(REF, vectors, "fixed@1", 1)
    assert [candidates[0].figure.figure_id for candidates in found] == [
        figure.figure_id for figure in (await world.file()).figures
    ]


async def test_each_analysis_is_counted_for_who_asked(world: World) -> None:
    """As one detection, whatever the number of faces; for the key behind temporary credentials."""
    await world.index()
    (use,) = world.counted
    assert (use.access_key_id, use.bucket, use.operation, use.status) == ("key", "private", "imm:FileIndexing", 200)
    assert (use.work.image_detect, use.work.faces, use.work.source_bytes, use.bytes_out) == (1, 2, 7, 0)
    assert set(use.work.stage_ms) == {"decode", "detect", "analyse", "embed"}
    temporary = indexing_task(replace(KEY, access_key_id="STS.1", parent_id="key"), REF, WantedFile(PICTURE, SPEC))
    assert temporary.request["payer"] == "key"


async def test_each_analysis_is_written_down(world: World) -> None:
    """Who had which file indexed, by its id, and how many faces are on it."""
    await world.index()
    await world.index()
    (entry,) = (await world.audit.entries(AuditQuery())).entries
    event = entry.event
    assert (event.act, event.actor, event.ref) == (Act.INDEX, "key:key", REF)
    assert (event.subjects, event.counts) == (((await world.file()).object_id,), {"faces": 2})


async def test_the_same_bytes_are_not_analysed_twice(world: World) -> None:
    """What is said about the file is renewed, its faces stay who they are, and nothing is counted."""
    await world.index()
    first = await world.file()
    cluster = await world.database.found_cluster(REF, ClusterSpec("Ada"), [first.figures[0].number])
    task = await world.index(spec=FileSpec("id-2"))
    second = await world.file()
    assert task.result["IsAnalysed"] is False
    assert (len(world.decoded), len(world.counted)) == (1, 1)
    assert (second.spec, second.facts, second.object_id) == (FileSpec("id-2"), first.facts, first.object_id)
    assert [figure.number for figure in second.figures] == [figure.number for figure in first.figures]
    assert second.figures[0].cluster_id == cluster.cluster_id


async def test_a_new_description_of_the_same_bytes_is_taken_over(world: World) -> None:
    """Another content type or user metadata need no new analysis, and are kept."""
    await world.index()
    headers = ObjectHeaders("image/png", {"by": "ada"})
    await world.shelf.copy(PICTURE, PICTURE, CopySpec(headers=headers))
    await world.index()
    facts = (await world.file()).facts
    assert (facts.content_type, facts.user, len(world.decoded)) == ("image/png", {"by": "ada"}, 1)


async def test_other_bytes_and_other_models_are_analysed(world: World) -> None:
    """A picture that was replaced, and one that an older model saw."""
    await world.index()
    await world.shelf.add("private", "picture", b"another")
    assert (await world.index()).result["IsAnalysed"] is True
    assert len(world.decoded) == 2


async def test_a_dataset_of_another_space_is_left_alone(world: World) -> None:
    """Vectors of two models are never mixed; the task says so."""
    await world.index()
    world.embedder = FixedEmbedder("other@1")
    task = await world.index()
    assert (task.status, task.code) == (TaskStatus.FAILED, ResourceInUse.code)
    assert (await world.file()).facts.models[-1] == "fixed@1"


@pytest.mark.parametrize(
    ("source", "content", "error"),
    [
        (Address("private", "absent"), None, NoSuchKey),
        (Address("nowhere", "picture"), None, NoSuchBucket),
        (Address("private", "damaged"), b"damaged", CorruptImage),
        (Address("private", "large"), b"x" * 101, ImageTooLarge),
    ],
)
async def test_what_cannot_be_indexed_ends_its_task_with_the_reason(
    world: World, source: Address, content: bytes | None, error: type[OssFacesError]
) -> None:
    """Nothing is kept, nothing is counted, and the task names the file and tells why."""
    if content is not None:
        await world.shelf.add(source.bucket, source.key, content)
    task = await world.index(source)
    assert (task.status, task.message) == (TaskStatus.FAILED, error().message.removeprefix("InvalidArgument, "))
    assert task.what.request["URI"] == f"oss://{source.bucket}/{source.key}"
    assert (await world.database.get_files(REF, (f"oss://{source.bucket}/{source.key}",)), world.counted) == ((), [])


async def test_a_dataset_that_is_gone_ends_the_task(world: World) -> None:
    """Before anything is read."""
    await world.database.delete_dataset(REF)
    task = await world.index()
    assert (task.status, task.code) == (TaskStatus.FAILED, ResourceNotFound.code)
    assert world.decoded == []


def test_tasks_of_one_file_are_of_one_subject() -> None:
    """They are done one after the other; other files and other datasets do not wait for them."""

    def subject(ref: DatasetRef = REF, source: Address = PICTURE) -> str:
        task: NewTask = indexing_task(KEY, ref, WantedFile(source, SPEC))
        return task.subject

    assert subject() == subject_of("project", "album", URI)
    assert len({subject(), subject(DatasetRef("project", "other")), subject(source=Address("private", "b"))}) == 3


@pytest.mark.parametrize("moment", ["reading", "before keeping", "after keeping"])
async def test_a_file_that_is_deleted_while_it_is_indexed_stays_deleted(world: World, moment: str) -> None:
    """Whenever that is; the task says why, nothing is counted, and the file can be indexed again."""
    world.database = database = Deleting(world.tasks, moment)
    await database.create_dataset(REF, DatasetSpec())
    task = await world.index()
    assert (task.status, task.code) == (TaskStatus.FAILED, ResourceNotFound.code)
    assert "deleted" in task.message
    database.moment = ""
    assert (await database.get_files(REF, (URI,)), world.counted) == ((), [])
    assert (await world.index()).status is TaskStatus.SUCCEEDED
    assert (await world.file()).uri == URI


async def test_what_a_server_kept_before_it_died_is_erased_by_the_next(world: World) -> None:
    """The file was deleted between the death and the next attempt, or before the dead one kept it."""
    task = await world.tasks.add(indexing_task(KEY, REF, WantedFile(PICTURE, SPEC)))
    assert await world.tasks.claim([TaskKind.FILE_INDEXING], 0.0)
    await withdraw_files(world.tasks, REF, [URI])
    await world.database.put_file(REF, URI, SPEC, facts(), [], "fixed@1")
    handlers = {TaskKind.FILE_INDEXING: world.indexer().run}
    await TaskRunner(world.tasks, handlers, TaskSettings(), Bell(), lambda: NOON).run_waiting()
    assert (await world.tasks.get(REF.project, task.task_id)).code == ResourceNotFound.code
    assert (await world.database.get_files(REF, (URI,)), world.decoded) == ((), [])


async def test_a_dataset_is_withdrawn_with_all_that_waits_for_it(world: World) -> None:
    """However many files those are; those of other datasets are indexed."""
    world.tasks = MemoryTasks(TaskSettings(waiting_max=5000), lambda: NOON)
    files = [WantedFile(Address("private", str(number)), SPEC) for number in range(1001)]
    await world.tasks.add_all([indexing_task(KEY, REF, file) for file in files])
    other = await world.tasks.add(indexing_task(KEY, DatasetRef(REF.project, "other"), files[0]))
    await withdraw_dataset(world.tasks, REF)
    left = await world.tasks.list(TaskQuery(REF.project, statuses=(TaskStatus.RUNNING,)))
    assert [task.task_id for task in left.tasks] == [other.task_id]
