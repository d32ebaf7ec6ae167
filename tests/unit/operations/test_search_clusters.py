"""Whose faces are on a picture: who is compared, who is known, and what is written down about it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from oss_faces.analysis import FixedAnalyser
from oss_faces.audit import Act, AuditQuery, MemoryAudit
from oss_faces.datasets import ClusterSpec, DatasetRef, DatasetSpec, FileFacts, FileSpec, NewFigure
from oss_faces.detection import FixedDetector
from oss_faces.errors import AccessDenied, CorruptImage, ImageTooLarge, NoSuchBucket, NoSuchKey
from oss_faces.facedb import FaceDbSettings, MemoryFaceDatabase
from oss_faces.geometry import FloatArray
from oss_faces.grants import EVERYTHING, Grant, Permission, Rights
from oss_faces.imm_errors import ResourceInUse, ResourceNotFound
from oss_faces.operations import Bindings, ClusterMatch, FigureClusterSearcher
from oss_faces.pipeline import FacePipeline, RecognitionPipeline
from oss_faces.projects import ImmSettings, MemoryProjects
from oss_faces.recognition import DecisionSettings, FitnessSettings, FixedEmbedder
from oss_faces.request.imm_tasks import SearchFigureClusters
from oss_faces.values import Address, Box, Detections, Face, Image, ImageSize, Principal
from oss_faces.workers import Workers, WorkerSettings
from tests.unit.operations.conftest import NOON, Shelf
from tests.working import LateCrew

pytestmark = pytest.mark.anyio

REF = DatasetRef("project", "album")
PICTURE = Address("private", "picture")
KEY = Principal("key", EVERYTHING)
# Two faces that are large enough and one that is not; the vectors follow from the place.
FOUND = Detections(
    np.array([[0, 0, 60, 60], [60, 0, 110, 50], [0, 80, 10, 90]], np.float32),
    np.array([0.9, 0.8, 0.7], np.float32),
    np.array([np.full((5, 2), place) for place in range(3)], np.float32),
)
FACE = Face(Box(0, 0, 60, 60), 0.9, np.zeros((5, 2), np.float32))


def direction(place: int, towards: float = 0.0) -> FloatArray:
    """A vector of length 1 of its own for each place, or one that lies so far towards the next place's."""
    vector = np.zeros(128, np.float32)
    vector[place], vector[place + 1] = 1 - towards, towards
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


@dataclass(frozen=True, slots=True)
class Embedder(FixedEmbedder):
    """Tells faces apart by their landmarks."""

    def embed(self, image: Image, landmarks: FloatArray) -> FloatArray:  # noqa: ARG002  the interface
        return np.array([direction(int(points[0, 0])) for points in landmarks], np.float32).reshape(-1, 128)


def decode(content: bytes) -> Image:
    if content == b"damaged":
        raise CorruptImage
    return Image(np.zeros((120, 120, 3), np.uint8), ImageSize(120, 120), "test", 1)


@dataclass
class World:
    shelf: Shelf
    crew: LateCrew
    workers: Workers
    settings: ImmSettings = field(default_factory=ImmSettings)
    database: MemoryFaceDatabase = field(default_factory=lambda: MemoryFaceDatabase(FaceDbSettings(), lambda: NOON))
    audit: MemoryAudit = field(default_factory=lambda: MemoryAudit(lambda: NOON))
    embedder: Embedder = field(default_factory=Embedder)

    def searcher(self) -> FigureClusterSearcher:
        faces = FacePipeline(decode, FixedDetector(FOUND), FixedAnalyser(), ("finder@1",))
        self.crew.use(faces, self.embedder)
        return FigureClusterSearcher(
            self.shelf,
            RecognitionPipeline(faces, self.embedder),
            self.workers,
            100,
            Bindings(MemoryProjects(ImmSettings(), lambda: NOON), self.settings),
            self.database,
            self.audit,
            FitnessSettings(),
            DecisionSettings(),
        )

    async def keep(self, name: str, vector: FloatArray) -> str:
        """Keep a face as a person of its own."""
        facts = FileFacts(name, 1, "image/jpeg", NOON, ImageSize(100, 100), 1, ())
        figure = NewFigure(name, FACE, vector)
        file = await self.database.put_file(REF, f"oss://b/{name}", FileSpec(), facts, [figure], "fixed@1")
        cluster = await self.database.found_cluster(REF, ClusterSpec(name), [file.figures[0].number])
        return cluster.cluster_id

    async def search(self, source: Address = PICTURE, principal: Principal = KEY) -> tuple[ClusterMatch, ...]:
        return (await self.searcher().search(principal, SearchFigureClusters(REF, source))).matches


@pytest.fixture
async def world(shelf: Shelf) -> AsyncIterator[World]:
    crew = LateCrew()
    workers = Workers(WorkerSettings(running=1), crew)
    made = World(shelf, crew, workers)
    await made.database.create_dataset(REF, DatasetSpec())
    await shelf.add("private", "picture", b"picture")
    yield made
    await workers.aclose()


async def test_each_face_gets_the_person_it_resembles(world: World) -> None:
    """In the order of the faces; a person whom the dataset does not have is unknown, with the nearest similarity."""
    ada = await world.keep("ada", direction(0))
    first, second, _ = await world.search()
    assert first.cluster_id == ada
    assert first.similarity == pytest.approx(1, abs=0.01)
    assert second.cluster_id == ""
    assert second.similarity is not None
    assert second.similarity < 0.1


async def test_the_threshold_is_that_of_the_decision(world: World) -> None:
    """One face is the same person, and one that is less like it than 0.8 is not."""
    embedder = Embedder()
    distance = embedder.calibration.distance_of(0.8)
    near, far = (np.sqrt(1 - (scale * distance) ** 2 / 4) for scale in (0.98, 1.02))
    assert near > far
    for scale, is_known in ((0.98, True), (1.02, False)):
        world.database = MemoryFaceDatabase(FaceDbSettings(), lambda: NOON)
        await world.database.create_dataset(REF, DatasetSpec())
        vector = np.zeros(128, np.float32)
        vector[0] = 1 - (scale * distance) ** 2 / 2
        vector[50] = np.sqrt(1 - vector[0] ** 2)
        await world.keep("ada", vector)
        match = (await world.search())[0]
        assert bool(match.cluster_id) == is_known
        assert match.similarity == pytest.approx(0.8, abs=0.1)


async def test_faces_that_are_not_fit_are_not_compared(world: World) -> None:
    """A tiny one gives neither a person nor a similarity, even where it would be found."""
    await world.keep("ada", direction(2))
    matches = await world.search()
    assert len(matches) == 3
    assert matches[2] == ClusterMatch()


async def test_without_clusters_nobody_is_known(world: World) -> None:
    """Faces that no clustering has placed are no people yet."""
    assert await world.search() == (ClusterMatch(),) * 3
    facts = FileFacts("x", 1, "image/jpeg", NOON, ImageSize(100, 100), 1, ())
    await world.database.put_file(REF, "oss://b/x", FileSpec(), facts, [NewFigure("x", FACE, direction(0))], "fixed@1")
    assert (await world.search())[0] == ClusterMatch()


async def test_a_search_tells_what_it_took(world: World) -> None:
    """The faces as they were found, and the time of each stage."""
    found = await world.searcher().search(KEY, SearchFigureClusters(REF, PICTURE))
    assert (found.meta.size_bytes, len(found.result.faces)) == (7, 3)
    assert set(found.result.stage_ms) == {"queue", "read", "decode", "detect", "analyse", "embed", "search"}


async def test_a_search_is_written_down(world: World) -> None:
    """Who searched where, who was found, and how many; not the picture."""
    ada = await world.keep("ada", direction(0))
    await world.search()
    (entry,) = (await world.audit.entries(AuditQuery())).entries
    event = entry.event
    assert (event.act, event.actor, event.ref, event.subjects) == (Act.SEARCH, "key:key", REF, (ada,))
    assert event.counts == {"faces": 3, "unmatched": 1, "found": 1}


SEARCHING = Grant((Permission.SEARCH_IMAGE_FIGURE_CLUSTER,))
READING = Grant((Permission.GET_OBJECT,), "private")


@pytest.mark.parametrize("held", [(SEARCHING,), (READING,), (Grant(("imm:*", "oss:*"), "private"),)])
async def test_both_permissions_are_needed(world: World, held: tuple[Grant, ...]) -> None:
    """That to read the picture, and the operation's own on every bucket: the people of a dataset are of none."""
    with pytest.raises(AccessDenied):
        await world.search(principal=Principal("key", Rights(held)))
    assert world.shelf.calls == []
    await world.search(principal=Principal("key", Rights((SEARCHING, READING))))


async def test_what_cannot_be_searched_is_refused(world: World) -> None:
    """Each with its own error, and nothing is written down."""
    await world.shelf.add("private", "damaged", b"damaged")
    await world.shelf.add("private", "large", b"x" * 101)
    refused = {
        ("private", "absent"): NoSuchKey,
        ("nowhere", "picture"): NoSuchBucket,
        ("private", "damaged"): CorruptImage,
        ("private", "large"): ImageTooLarge,
    }
    for source, error in refused.items():
        with pytest.raises(error):
            await world.search(Address(*source))
    world.embedder = Embedder("other@1")
    await world.keep("ada", direction(0))
    with pytest.raises(ResourceInUse):
        await world.search()
    await world.database.delete_dataset(REF)
    with pytest.raises(ResourceNotFound, match="album"):
        await world.search()
    world.settings = replace(world.settings, auto_project=False)
    with pytest.raises(ResourceNotFound, match="project"):
        await world.search()
    assert (await world.audit.entries(AuditQuery())).entries == ()


async def test_work_in_the_background_does_not_keep_it_from_running(world: World) -> None:
    """A search is a request, and goes first."""
    async with asyncio.timeout(10):
        async with world.workers.background_place():
            waiting = asyncio.create_task(world.search())
            await asyncio.sleep(0)
        await waiting
