"""Searching for the faces of many pictures: what is found, what is refused, and where the result goes."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from oss_faces.analysis import FixedAnalyser
from oss_faces.audit import Act, AuditQuery, MemoryAudit
from oss_faces.datasets import CLUSTER_UNAVAILABLE, ClusterSpec, DatasetRef, DatasetSpec, FileFacts, FileSpec, NewFigure
from oss_faces.errors import AccessDenied, CorruptImage, NoSuchBucket, StorageUnavailable
from oss_faces.facedb import FaceDbSettings, MemoryFaceDatabase
from oss_faces.geometry import FloatArray
from oss_faces.grants import ANY, EVERYTHING, Grant, Permission, Rights
from oss_faces.imm_errors import LimitExceeded, ResourceNotFound
from oss_faces.metering import Use
from oss_faces.operations import Bindings, FacesSearcher
from oss_faces.pipeline import FacePipeline, RecognitionPipeline
from oss_faces.projects import ImmSettings, MemoryProjects
from oss_faces.protocol import Query
from oss_faces.recognition import FitnessSettings, FixedEmbedder
from oss_faces.rendering import RenderingSettings
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_tasks import SearchFaces, parse_search_faces
from oss_faces.tasks import Bell, MemoryTasks, Task, TaskKind, TaskRunner, TaskSettings, TaskStatus
from oss_faces.values import Box, Detections, Face, Image, ImageSize, Principal
from oss_faces.workers import Workers, WorkerSettings
from tests.unit.operations.conftest import NOON, Shelf
from tests.working import LateCrew

pytestmark = pytest.mark.anyio

REF = DatasetRef("project", "album")
KEY = Principal("key", EVERYTHING)
FACE = Face(Box(5, 6, 75, 86), 0.9, np.zeros((5, 2), np.float32))
SIDES = {b"large": 60, b"small": 8, b"nobody": 0}


def direction(place: int) -> FloatArray:
    vector = np.zeros(128, np.float32)
    vector[place] = 1
    return vector


class Detector:
    """Sees a face as large as the picture's shade says, and a smaller one beside it."""

    name_version = "finder@1"

    def detect(self, image: Image) -> Detections:
        side = int(image.pixels[0, 0, 0])
        if not side:
            return Detections.empty()
        boxes = np.array([[60, 0, 60 + side / 2, side / 2], [0, 0, side, side]], np.float32)
        points = np.array([np.full((5, 2), 7), np.zeros((5, 2))], np.float32)
        return Detections(boxes, np.array([0.9, 0.8], np.float32), points)


@dataclass(frozen=True, slots=True)
class Embedder(FixedEmbedder):
    """Tells faces apart by their landmarks."""

    def embed(self, image: Image, landmarks: FloatArray) -> FloatArray:  # noqa: ARG002  the interface
        return np.array([direction(int(points[0, 0])) for points in landmarks], np.float32).reshape(-1, 128)


def decode(content: bytes) -> Image:
    if content not in SIDES:
        raise CorruptImage
    return Image(np.full((120, 120, 3), SIDES[content], np.uint8), ImageSize(120, 120), "test", 1)


@dataclass
class World:
    shelf: Shelf
    crew: LateCrew
    workers: Workers
    settings: TaskSettings = field(default_factory=TaskSettings)
    imm: ImmSettings = field(default_factory=ImmSettings)
    counted: list[Use] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.database = MemoryFaceDatabase(FaceDbSettings(), lambda: NOON)
        self.audit = MemoryAudit(lambda: NOON)
        self.tasks = MemoryTasks(self.settings, lambda: NOON)

    def searcher(self) -> FacesSearcher:
        async def count(use: Use) -> None:
            self.counted.append(use)

        faces = FacePipeline(decode, Detector(), FixedAnalyser(), ("finder@1",))
        self.crew.use(faces, Embedder())
        return FacesSearcher(
            self.tasks,
            self.shelf,
            RecognitionPipeline(faces, Embedder()),
            self.workers,
            100,
            Bindings(MemoryProjects(ImmSettings(), lambda: NOON), self.imm),
            self.database,
            self.audit,
            FitnessSettings(),
            RenderingSettings(),
            count,
            lambda: NOON,
        )

    async def keep(self, name: str, vector: FloatArray) -> int:
        facts = FileFacts(name, 1, "image/jpeg", NOON, ImageSize(100, 100), 1, ())
        figure = NewFigure(name, FACE, vector)
        file = await self.database.put_file(REF, f"oss://b/{name}", FileSpec(), facts, [figure], "fixed@1")
        return file.figures[0].number

    async def search(self, *names: str, **options: object) -> Task:
        """Have the task done; give it at its end."""
        searcher = self.searcher()
        task = await searcher.accept(KEY, wanted(*names, **options))
        runner = TaskRunner(self.tasks, {TaskKind.FACES_SEARCHING: searcher.run}, self.settings, Bell(), lambda: NOON)
        await runner.run_waiting()
        return await self.tasks.get(REF.project, task.task_id)


def wanted(*names: str, **options: object) -> SearchFaces:
    texts = {
        "ProjectName": REF.project,
        "DatasetName": REF.name,
        "Sources": json.dumps([{"URI": f"oss://private/{name}"} for name in names]),
        **{name: json.dumps(value) for name, value in options.items()},
    }
    return parse_search_faces(Fields.of(Query(tuple(texts.items()))))


@pytest.fixture
async def world(shelf: Shelf) -> AsyncIterator[World]:
    crew = LateCrew()
    workers = Workers(WorkerSettings(running=1), crew)
    made = World(shelf, crew, workers)
    await made.database.create_dataset(REF, DatasetSpec())
    for content in (*SIDES, b"damaged"):
        await shelf.add("private", content.decode(), content)
    yield made
    await workers.aclose()


async def test_the_largest_face_finds_those_that_are_like_it(world: World) -> None:
    """The most similar first, as many as were asked for, with their place and their cluster."""
    near = (0.98 * direction(0) + 0.2 * direction(1)).astype(np.float32)
    number = await world.keep("same", direction(0))
    await world.keep("near", (near / np.linalg.norm(near)).astype(np.float32))
    await world.keep("far", direction(3))
    cluster = await world.database.found_cluster(REF, ClusterSpec(), [number])
    task = await world.search("large", MaxResult=2)
    assert (task.status, task.what.kind) == (TaskStatus.SUCCEEDED, "FacesSearching")
    [entry] = task.result["Sources"]  # type: ignore[misc]
    assert entry["URI"] == "oss://private/large"
    assert entry["Boundary"] == {"Left": 0, "Top": 0, "Width": 60, "Height": 60}
    first, second = entry["SimilarFaces"]
    assert first["Similarity"] > second["Similarity"] > 0.9
    assert (second["URI"], second["FigureClusterId"]) == ("oss://b/near", CLUSTER_UNAVAILABLE)
    assert {name: first[name] for name in ("URI", "FigureId", "FigureClusterId", "Boundary")} == {
        "URI": "oss://b/same",
        "FigureId": "same",
        "FigureClusterId": cluster.cluster_id,
        "Boundary": {"Left": 5, "Top": 6, "Width": 70, "Height": 80},
    }


async def test_a_picture_that_cannot_be_searched_says_why(world: World) -> None:
    """In its own entry; the others are searched."""
    await world.keep("same", direction(0))
    task = await world.search("nobody", "large", "damaged", "small", "absent")
    assert task.status is TaskStatus.SUCCEEDED
    nobody, large, damaged, small, absent = task.result["Sources"]  # type: ignore[misc]
    assert len(large["SimilarFaces"]) == 1
    assert (nobody["Code"], nobody["SimilarFaces"]) == ("InvalidArgument", [])
    assert "too small" in small["Message"]
    assert damaged["Code"] == "InvalidArgument"
    assert absent["Code"] == "ResourceNotFound"


async def test_a_task_of_which_nothing_can_be_searched_fails(world: World) -> None:
    """With the reason of its first picture."""
    task = await world.search("nobody", "damaged")
    assert (task.status, task.code) == (TaskStatus.FAILED, "InvalidArgument")
    assert "No face" in task.message


async def test_an_error_that_may_pass_is_no_result(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole task is tried again later."""

    async def fail(*_: object) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(world.shelf, "read", fail)
    task = await world.search("large")
    assert (task.status, task.result) == (TaskStatus.RUNNING, {})


async def test_a_dataset_that_is_gone_ends_the_task(world: World) -> None:
    """Whatever the pictures."""
    searcher = world.searcher()
    task = await searcher.accept(KEY, wanted("large"))
    await world.database.delete_dataset(REF)
    with pytest.raises(ResourceNotFound):
        await searcher.run(task, lambda _: None)


async def test_the_result_is_written_where_the_caller_says(world: World) -> None:
    """As one JSON object with what a message of the real service has."""
    await world.keep("same", direction(0))
    task = await world.search(
        "large", UserData="mine", Notification={"ExtendedMessageURI": "oss://private/out/result.json"}
    )
    meta, content = await world.shelf.read("private", "out/result.json", 10_000)
    document = json.loads(content)
    assert meta.content_type == "application/json;charset=utf-8"
    assert (document["TaskId"], document["TaskType"], document["EventId"]) == (
        task.task_id,
        "FacesSearching",
        task.event_id,
    )
    assert (document["Status"], document["UserData"], document["DatasetName"]) == ("Succeeded", '"mine"', "album")
    assert document["Sources"] == task.result["Sources"]


async def test_each_picture_is_counted_and_each_search_written_down(world: World) -> None:
    """For the key that asked; a picture without a face was analysed, too, but not searched for."""
    await world.keep("same", direction(0))
    await world.search("large", "nobody")
    assert [(use.access_key_id, use.bucket, use.operation) for use in world.counted] == [
        ("key", "private", "imm:FacesSearching")
    ] * 2
    assert [(use.work.image_detect, use.work.faces) for use in world.counted] == [(1, 2), (1, 0)]
    (entry,) = (await world.audit.entries(AuditQuery())).entries
    assert (entry.event.act, entry.event.actor, entry.event.counts) == (Act.SEARCH, "key:key", {"faces": 1, "found": 1})


async def test_progress_is_told(world: World) -> None:
    """After each picture."""
    searcher = world.searcher()
    task = await searcher.accept(KEY, wanted("large", "nobody", "large"))
    told: list[int] = []
    await searcher.run(task, told.append)
    assert told == [33, 66, 100]


@pytest.mark.parametrize(
    "missing", [Permission.CREATE_FACES_SEARCHING_TASK, Permission.GET_OBJECT, Permission.PUT_OBJECT]
)
async def test_every_permission_is_needed(world: World, missing: Permission) -> None:
    """The operation's on every bucket; that to read on each picture; that to write where the result goes."""
    needed = {Permission.CREATE_FACES_SEARCHING_TASK, Permission.GET_OBJECT, Permission.PUT_OBJECT}
    want = wanted("large", Notification={"ExtendedMessageURI": "oss://private/out"})

    def caller(held: set[Permission], bucket: str = ANY) -> Principal:
        everywhere = Grant(tuple(held & {Permission.CREATE_FACES_SEARCHING_TASK}), bucket)
        return Principal("key", Rights((everywhere, Grant(tuple(held - set(everywhere.permissions)), "private"))))

    for refused in (caller(needed - {missing}), caller(needed, "private")):
        with pytest.raises(AccessDenied):
            await world.searcher().accept(refused, want)
    assert await world.tasks.claim([TaskKind.FACES_SEARCHING], 1) is None
    await world.searcher().accept(caller(needed), want)


async def test_what_cannot_be_accepted_is_refused(world: World, shelf: Shelf) -> None:
    """A dataset or project that is not there, and one task too many."""
    world.settings = TaskSettings(waiting_max=1)
    world.__post_init__()
    with pytest.raises(ResourceNotFound, match="album"):
        await world.searcher().accept(KEY, wanted("large"))
    await world.database.create_dataset(REF, DatasetSpec())
    await world.searcher().accept(KEY, wanted("large"))
    with pytest.raises(LimitExceeded):
        await world.searcher().accept(KEY, wanted("large"))
    world.imm = ImmSettings(auto_project=False)
    with pytest.raises(ResourceNotFound, match="project"):
        await world.searcher().accept(KEY, wanted("large"))


async def test_a_result_that_cannot_be_written_fails_the_task(world: World) -> None:
    """The bucket is not there: the search is not said to have succeeded."""
    await world.keep("same", direction(0))
    task = await world.search("large", Notification={"ExtendedMessageURI": "oss://absent/out"})
    assert (task.status, task.message) == (TaskStatus.FAILED, NoSuchBucket().message)
