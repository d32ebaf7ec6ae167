"""The tasks on clusters: who is placed where, what a person said stays, and beginning anew does no harm."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from oss_faces.clustering import ClusteringSettings
from oss_faces.datasets import ClusterQuery, ClusterSpec, DatasetRef, DatasetSpec, FileFacts, FileSpec, NewFigure
from oss_faces.facedb import FaceDbSettings, MemoryFaceDatabase
from oss_faces.geometry import FloatArray
from oss_faces.imm_errors import ResourceInUse, ResourceNotFound
from oss_faces.operations import FigureClusterer, FigureClusterMerger
from oss_faces.recognition import FitnessSettings, FixedEmbedder
from oss_faces.tasks import NewTask, Task, TaskKind, TaskStatus
from oss_faces.values import Box, Face, HeadPose, ImageSize
from oss_faces.workers import Workers
from tests.invented_people import faces_of
from tests.working import threads

pytestmark = pytest.mark.anyio

REF = DatasetRef("project", "album")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOOD = Face(Box(0, 0, 90, 100), 0.99, np.zeros((5, 2), np.float32), pose=HeadPose(0, 0, 0), quality=0.9)
WEAK = replace(GOOD, box=Box(0, 0, 40, 44))
POOR = replace(GOOD, quality=0.1)


def never(_percent: int) -> None:
    """Nobody wants to know how far it is."""


def task_of(request: dict[str, object], started: datetime = NOON) -> Task:
    what = NewTask("project", TaskKind.FACE_CLUSTERING, {"ProjectName": "project", "DatasetName": "album", **request})
    return Task("id", "event", what, TaskStatus.RUNNING, 0, started)


@dataclass
class World:
    """A dataset in memory, and what works on it."""

    database: MemoryFaceDatabase
    workers: Workers
    space: str = "fixed@1"

    async def put(self, vectors: FloatArray, face: Face = GOOD, together: bool = False) -> list[int]:
        """Keep a figure on a picture of its own for each vector, or all of them on one; gives their numbers."""
        entries = [list(vectors)] if together else [[vector] for vector in vectors]
        numbers = []
        for entry in entries:
            name = f"oss://photos/{len((await self.database.unplaced(REF)).figures)}-{np.sum(entry):.6f}"
            figures = [NewFigure(f"{name}#{place}", face, vector) for place, vector in enumerate(entry)]
            facts = FileFacts("etag", 1, "image/jpeg", NOON, ImageSize(200, 200), 1, ("m@1",))
            kept = await self.database.put_file(REF, name, FileSpec(), facts, figures, "fixed@1")
            numbers += [figure.number for figure in kept.figures]
        return numbers

    async def cluster(self) -> dict[str, object]:
        embedder = FixedEmbedder(space=self.space)
        clusterer = FigureClusterer(self.database, embedder, self.workers, ClusteringSettings(), FitnessSettings())
        return dict(await clusterer.run(task_of({}), never))

    async def members(self) -> list[list[int]]:
        """Numbers of the figures of each cluster."""
        page = await self.database.query_clusters(REF, ClusterQuery())
        clusters = [await self.database.figures(REF, cluster.cluster_id) for cluster in page.clusters]
        return sorted(sorted(figure.number for figure in figures) for figures in clusters)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    times = iter(NOON + timedelta(seconds=second) for second in range(10_000))
    database = MemoryFaceDatabase(FaceDbSettings(), lambda: next(times))
    await database.create_dataset(REF, DatasetSpec())
    workers = threads(None, waiting=1)
    yield World(database, workers)
    await workers.aclose()


async def test_empty_dataset_has_no_clusters(world: World) -> None:
    """Nothing to do is no failure."""
    assert (await world.cluster())["NewClusterCount"] == 0


async def test_persons_are_found(world: World) -> None:
    """Two persons with good faces; a third has two only; weak faces join, poor ones do not."""
    vectors, _ = faces_of([5, 4, 2])
    good = await world.put(vectors[:3])
    weak = await world.put(vectors[3:4], WEAK)
    poor = await world.put(vectors[4:5], POOR)
    other = await world.put(vectors[5:9])
    few = await world.put(vectors[9:])
    assert await world.cluster() == {
        "NewClusterCount": 2,
        "GrownClusterCount": 0,
        "PlacedFigureCount": 8,
        "LeftFigureCount": 3,
    }
    assert await world.members() == sorted([good + weak, other])
    left = (await world.database.unplaced(REF)).figures
    assert [figure.number for figure in left] == [*poor, *few]
    assert all(figure.is_alone for figure in left)


async def test_clusters_grow_from_call_to_call(world: World) -> None:
    """New faces join what is there; who had too few faces founds a cluster with the third one."""
    vectors, _ = faces_of([6, 3])
    first = await world.put(vectors[:4])
    two = await world.put(vectors[6:8])
    await world.cluster()
    more = await world.put(vectors[4:6])
    third = await world.put(vectors[8:])
    assert (await world.cluster())["GrownClusterCount"] == 1
    assert await world.members() == sorted([first + more, two + third])
    assert (await world.cluster())["PlacedFigureCount"] == 0


async def test_many_calls_find_what_one_call_finds(world: World) -> None:
    """A search of neighbours has more columns when there are more figures."""
    vectors, whose = faces_of([5, 5, 5])
    order = np.random.default_rng(1).permutation(15)
    numbers: list[int] = []
    for part in np.array_split(order, 5):
        numbers += await world.put(vectors[part])
        await world.cluster()
    expected = [sorted(np.array(numbers)[whose[order] == person].tolist()) for person in range(3)]
    assert await world.members() == sorted(expected)


async def test_one_picture_shows_everybody_once(world: World) -> None:
    """A picture of two persons goes to both clusters, and one with a face twice to only one place."""
    vectors, _ = faces_of([4, 4])
    await world.put(vectors[[0, 4]], together=True)
    await world.put(vectors[[1, 5]], together=True)
    await world.put(vectors[2:4])
    await world.put(vectors[6:8])
    twice = await world.put(vectors[[3, 3]], together=True)
    await world.cluster()
    clusters = await world.members()
    assert sorted(map(len, clusters)) == [4, 5]
    assert all(len(set(twice) & set(cluster)) <= 1 for cluster in clusters)


async def test_what_a_person_said_stays(world: World) -> None:
    """A pinned figure is not moved and attracts others of its person, and one taken out does not come back."""
    vectors, _ = faces_of([5, 3])
    mine = await world.put(vectors[:5])
    strange = await world.put(vectors[5:6])
    ann = await world.database.found_cluster(REF, ClusterSpec("Ann"), [mine[0], strange[0]])
    await world.database.leave(REF, mine[4:])
    await world.cluster()
    figures = await world.database.figures(REF, ann.cluster_id)
    assert strange[0] in [figure.number for figure in figures]
    assert all(mine[4] not in cluster for cluster in await world.members())


async def test_weak_faces_do_not_shape_a_cluster(world: World) -> None:
    """A cluster is known by its good faces; a wrong weak one among them draws nobody in."""
    vectors, _ = faces_of([3, 3])
    good = await world.put(vectors[:3])
    await world.cluster()
    (cluster,) = (await world.database.query_clusters(REF, ClusterQuery())).clusters
    wrong = await world.put(vectors[3:4], WEAK)
    await world.database.pin(REF, cluster.cluster_id, wrong)
    other = await world.put(vectors[4:6])
    await world.cluster()
    assert await world.members() == [sorted(good + wrong)]
    assert [figure.number for figure in (await world.database.unplaced(REF)).figures] == other


async def test_vectors_of_another_model_are_not_compared(world: World) -> None:
    """A server with another model leaves the dataset alone."""
    vectors, _ = faces_of([3])
    await world.put(vectors)
    world.space = "other@1"
    with pytest.raises(ResourceInUse):
        await world.cluster()
    assert await world.members() == []


async def test_dataset_that_is_gone_fails_the_task(world: World) -> None:
    """As GetTask tells then."""
    await world.database.delete_dataset(REF)
    with pytest.raises(ResourceNotFound):
        await world.cluster()


async def three_clusters(world: World) -> Sequence[str]:
    vectors, _ = faces_of([3, 3, 3])
    await world.put(vectors)
    await world.cluster()
    page = await world.database.query_clusters(REF, ClusterQuery())
    return [cluster.cluster_id for cluster in page.clusters]


async def test_merge_is_done_once_and_can_be_undone(world: World) -> None:
    """The task says which merge it was; begun anew after a crash it finds that, and nothing is merged twice."""
    first, second, third = await three_clusters(world)
    merger = FigureClusterMerger(world.database)
    task = task_of({"To": first, "Froms": [third, second]})
    done = await merger.run(task, never)
    assert [len(cluster) for cluster in await world.members()] == [9]
    assert await merger.run(task, never) == done
    await world.database.undo_merge(REF, str(done["MergeId"]))
    assert [len(cluster) for cluster in await world.members()] == [3, 3, 3]


async def test_merge_that_was_undone_can_be_asked_for_again(world: World) -> None:
    """A later task is another one."""
    first, second, _ = await three_clusters(world)
    merger = FigureClusterMerger(world.database)
    done = await merger.run(task_of({"To": first, "Froms": [second]}), never)
    await world.database.undo_merge(REF, str(done["MergeId"]))
    later = task_of({"To": first, "Froms": [second]}, NOON + timedelta(hours=1))
    again = await merger.run(later, never)
    assert again != done
    assert sorted(map(len, await world.members())) == [3, 6]


async def test_merge_with_a_cluster_that_is_gone_fails(world: World) -> None:
    """Nothing is changed then."""
    first, second, _ = await three_clusters(world)
    await world.database.erase_cluster(REF, second)
    with pytest.raises(ResourceNotFound):
        await FigureClusterMerger(world.database).run(task_of({"To": first, "Froms": [second]}), never)
    assert [len(cluster) for cluster in await world.members()] == [3, 3]
