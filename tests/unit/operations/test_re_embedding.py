"""Bringing a dataset into the space of another model: with both spaces live, and all at once at the end."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from oss_faces.analysis import FixedAnalyser
from oss_faces.datasets import DatasetRef, DatasetSpec, FileFacts, FileSpec, NewFigure
from oss_faces.detection import FixedDetector
from oss_faces.errors import CorruptImage
from oss_faces.facedb import FaceDbSettings, MemoryFaceDatabase
from oss_faces.geometry import FloatArray
from oss_faces.operations import ReEmbedder, re_embedding_task
from oss_faces.pipeline import FacePipeline
from oss_faces.recognition.calibration import DLIB_CALIBRATION, Calibration
from oss_faces.tasks import MemoryTasks, Task, TaskKind, TaskRunner, TaskSettings, TaskStatus
from oss_faces.tasks.bell import Bell
from oss_faces.values import Box, Detections, Face, Image, ImageSize
from oss_faces.workers import Workers
from tests.unit.operations.conftest import NOON, Shelf
from tests.working import threads

pytestmark = pytest.mark.anyio

REF = DatasetRef("project", "album")
OLD, NEW = "old@1", "new@2"


def decode(content: bytes) -> Image:
    if content == b"damaged":
        raise CorruptImage
    return Image(np.full((4, 4, 3), content[0], np.uint8), ImageSize(4, 4), "test")


@dataclass(frozen=True, slots=True)
class MarkedEmbedder:
    """A vector tells of which picture and which face it was made."""

    space: str = NEW
    dimensions: int = 3
    calibration: Calibration = DLIB_CALIBRATION

    def embed(self, image: Image, landmarks: FloatArray) -> FloatArray:
        made = np.array([[image.pixels[0, 0, 0], points[0, 0], 1] for points in landmarks], np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True)


def expected(content: bytes, mark: float) -> FloatArray:
    return MarkedEmbedder().embed(decode(content), np.full((1, 5, 2), mark, np.float32))[0]


@dataclass
class World:
    shelf: Shelf
    workers: Workers
    database: MemoryFaceDatabase = field(default_factory=lambda: MemoryFaceDatabase(FaceDbSettings(), lambda: NOON))
    progress: list[int] = field(default_factory=list)

    async def add(self, key: str, content: bytes, *marks: float) -> dict[float, int]:
        """Store a picture, and put it with a face for each mark; gives the numbers of the faces."""
        await self.shelf.add("private", key, content)
        meta = await self.shelf.head("private", key)
        facts = FileFacts(meta.etag, len(content), "image/jpeg", NOON, ImageSize(4, 4), 1, ("m@1",))
        figures = [
            NewFigure(
                f"{key} {mark}", Face(Box(0, 0, 1, 1), 0.9, np.full((5, 2), mark)), np.eye(2, dtype=np.float32)[0]
            )
            for mark in marks
        ]
        kept = await self.database.put_file(REF, f"oss://private/{key}", FileSpec(), facts, figures, OLD)
        return dict(zip(marks, (figure.number for figure in kept.figures), strict=True))

    async def run(self, *, drops_unreadable: bool = False, space: str = NEW) -> Task:
        """Do the task as a runner does it; give it at its end."""
        tasks = MemoryTasks(TaskSettings(), lambda: NOON)
        task = await tasks.add(re_embedding_task(REF, space, drops_unreadable=drops_unreadable))
        worker = ReEmbedder(self.shelf, MarkedEmbedder(), self.workers, 100, self.database)

        async def watched(own: Task, progress):
            return await worker.run(own, lambda done: (self.progress.append(done), progress(done)))

        runner = TaskRunner(tasks, {TaskKind.RE_EMBEDDING: watched}, TaskSettings(), Bell(), lambda: NOON)
        await runner.run_waiting()
        return await tasks.get(REF.project, task.task_id)

    async def space(self) -> str:
        return (await self.database.get_dataset(REF)).space


@pytest.fixture
async def world(shelf: Shelf) -> AsyncIterator[World]:
    workers = threads(FacePipeline(decode, FixedDetector(Detections.empty()), FixedAnalyser(), ()), MarkedEmbedder())
    made = World(shelf, workers)
    await made.database.create_dataset(REF, DatasetSpec())
    yield made
    await workers.aclose()


async def test_every_face_gets_a_vector_of_its_own_picture(world: World) -> None:
    """Then the new vectors are searched; numbers, ids and files are as before."""
    first = await world.add("a", b"1", 0.5, 2.0)
    second = await world.add("b", b"2", 3.0)
    task = await world.run()
    assert (task.status, task.result) == (
        TaskStatus.SUCCEEDED,
        {"FigureCount": 3, "ErasedFileCount": 0, "Space": NEW},
    )
    assert await world.space() == NEW
    vectors = await world.database.vectors(REF, [first[2.0], first[0.5], second[3.0]])
    assert np.allclose(vectors, [expected(b"1", 2.0), expected(b"1", 0.5), expected(b"2", 3.0)])
    assert world.progress == sorted(world.progress)
    assert world.progress[-1] == 100


async def test_a_picture_that_changed_keeps_the_old_space(world: World) -> None:
    """A vector is never made of another picture than the face was found on; the task says how many are missing."""
    await world.add("a", b"1", 0.5)
    await world.add("b", b"2", 1.0, 2.0)
    await world.shelf.add("private", "b", b"another")
    task = await world.run()
    assert (task.status, task.code) == (TaskStatus.FAILED, "ResourceInUse")
    assert "2 figures" in task.message
    assert await world.space() == OLD
    assert len(await world.database.without_vector(REF, NEW, 9)) == 2


@pytest.mark.parametrize("damage", ["gone", "damaged", "elsewhere"])
async def test_unreadable_files_can_be_dropped(world: World, damage: str) -> None:
    """When that was asked for, files whose picture cannot be read any more are erased, and the rest is switched."""
    await world.add("a", b"1", 0.5)
    await world.add("b", b"damaged" if damage == "damaged" else b"2", 1.0)
    if damage == "gone":
        await world.shelf.delete("private", "b")
    if damage == "elsewhere":
        (file,) = await world.database.get_files(REF, ["oss://private/b"])
        figures = [replace_vector(figure.figure_id, figure.face) for figure in file.figures]
        await world.database.delete_file(REF, file.uri)
        await world.database.put_file(REF, "file:/b.jpg", FileSpec(), file.facts, figures, OLD)
    assert (await world.run()).status is TaskStatus.FAILED
    task = await world.run(drops_unreadable=True)
    assert task.result == {"FigureCount": 0, "ErasedFileCount": 1, "Space": NEW}
    assert await world.space() == NEW
    assert await world.database.gallery_size(REF) == 1


def replace_vector(figure_id: str, face: Face) -> NewFigure:
    return NewFigure(figure_id, replace(face), np.eye(2, dtype=np.float32)[1])


async def test_another_model_does_not_do_it(world: World) -> None:
    """A program with another model than the task names leaves everything as it is."""
    await world.add("a", b"1", 0.5)
    task = await world.run(space="other@3")
    assert (task.status, task.code) == (TaskStatus.FAILED, "InvalidArgument")
    assert await world.space() == OLD


async def test_it_goes_on_where_it_was(world: World) -> None:
    """Faces that have a vector of the new space already are not looked at again."""
    numbers = await world.add("a", b"1", 0.5, 2.0)
    await world.database.add_vectors(REF, NEW, {numbers[0.5]: expected(b"9", 9.0)})
    task = await world.run()
    assert task.result["FigureCount"] == 1
    assert np.allclose(await world.database.vectors(REF, [numbers[0.5]]), [expected(b"9", 9.0)])


async def test_an_empty_dataset_is_switched(world: World) -> None:
    """Without a face nothing has to be read."""
    assert (await world.run()).status is TaskStatus.SUCCEEDED
    assert await world.space() == NEW


class Erasing(MemoryFaceDatabase):
    """Somebody adds a picture while files are erased, so that a second round is needed."""

    world: World

    async def delete_files(self, ref: DatasetRef, uris: Sequence[str]) -> int:
        count = await super().delete_files(ref, uris)
        await self.world.add("later", b"9", 1.0)
        return count


async def test_progress_never_runs_backwards(world: World) -> None:
    """Another round counts on from where the first one ended, however many faces have come meanwhile."""
    database = Erasing(FaceDbSettings(), lambda: NOON)
    database.world, world.database = world, database
    await database.create_dataset(REF, DatasetSpec())
    for key in "abc":
        await world.add(key, key.encode(), 0.5, 2.0)
    await world.shelf.delete("private", "c")
    task = await world.run(drops_unreadable=True)
    assert task.result == {"FigureCount": 5, "ErasedFileCount": 1, "Space": NEW}
    assert world.progress == sorted(world.progress)
    assert len(world.progress) == 3
    assert world.progress[-1] == 100
