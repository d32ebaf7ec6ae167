import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import oss2
import pytest
import structlog

from oss_faces.access import AccessKey, Authenticator, ImmAuthenticator, MemoryKeyRing, MemoryNonces
from oss_faces.analysis import FixedAnalyser
from oss_faces.audit import MemoryAudit, Traces
from oss_faces.detection import FixedDetector
from oss_faces.facedb import FaceDbSettings, MemoryFaceDatabase
from oss_faces.grants import EVERYTHING
from oss_faces.http import (
    BucketRoutes,
    CrossOrigin,
    Edge,
    ImmClusterRoutes,
    ImmDatasetRoutes,
    ImmFaceRoutes,
    ImmFaceSearchRoutes,
    ImmFileRoutes,
    ImmPeopleRoutes,
    ImmProjectRoutes,
    ImmService,
    ImmTaskRoutes,
    ObjectRoutes,
    OssService,
    PictureRoutes,
    Readiness,
    ServerFacts,
    ServerRoutes,
    Services,
    UploadRoutes,
    cluster_handlers,
    dataset_handlers,
    face_search_handlers,
    handlers,
    imm_handlers,
    people_handlers,
    task_handlers,
)
from oss_faces.metering import MemoryUsageStore, Meter, MeteringSettings, ServerMetrics, Use
from oss_faces.operations import (
    Bindings,
    Buckets,
    ClusterKeeper,
    DatasetKeeper,
    FaceComparer,
    FaceFinder,
    FacesSearcher,
    FigureClusterSearcher,
    FigureIdentifier,
    FileKeeper,
    Holdings,
    Objects,
    PersonForgetter,
    PictureProcessor,
    ProjectKeeper,
    ResultCache,
    TaskWatcher,
    Uploads,
    UsageTeller,
)
from oss_faces.pipeline import FacePipeline, RecognitionPipeline
from oss_faces.projects import ImmSettings, MemoryProjects
from oss_faces.protocol import AddressingSettings, Secret, SigningSettings
from oss_faces.recognition import DecisionSettings, FitnessSettings, FixedEmbedder
from oss_faces.rendering import Identity, RenderingSettings
from oss_faces.rendering.imm_clusters import ClusterWriter
from oss_faces.rendering.imm_datasets import FileWriter
from oss_faces.storage import MemoryStore, StorageLimits
from oss_faces.tasks import MemoryTasks, TaskSettings
from oss_faces.values import Detections, Label
from oss_faces.workers import Door, Workers, WorkerSettings
from tests.unit.http.in_process import (
    BODY_ID,
    ENDPOINT,
    HEADER_ID,
    KEY_ID,
    NOBODY_ID,
    NOBODY_SECRET,
    PICTURE,
    REGION,
    SECRET,
    TEMPORARY_ID,
    TEMPORARY_SECRET,
    TOKEN,
    InProcess,
    Message,
    decode,
)
from tests.working import NO_RESULTS, threads

ACCESS_KEYS = [
    AccessKey(KEY_ID, Secret(SECRET), rights=EVERYTHING),
    AccessKey(NOBODY_ID, Secret(NOBODY_SECRET)),
    AccessKey(TEMPORARY_ID, Secret(TEMPORARY_SECRET), Secret(TOKEN), rights=EVERYTHING, parent_id=KEY_ID),
]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(
        StorageLimits(buckets_max=3, part_bytes_min=5), lambda: datetime(2015, 12, 5, 11, 10, 29, tzinfo=UTC)
    )


@pytest.fixture
def pipeline() -> FacePipeline:
    """One face in every picture."""
    found = Detections(
        np.array([[10, 20, 60, 80]], np.float32), np.array([0.9], np.float32), np.zeros((1, 5, 2), np.float32)
    )
    analyser = FixedAnalyser({"gender": Label("female", 0.875)})
    return FacePipeline(decode, FixedDetector(found), analyser, ("finder@1", "describer@1"))


@pytest.fixture
def workers(pipeline: FacePipeline) -> Iterator[Workers]:
    made = threads(pipeline, waiting=1)
    yield made
    asyncio.run(made.aclose())


@pytest.fixture
def usage() -> MemoryUsageStore:
    """What the edge has counted."""
    return MemoryUsageStore()


@pytest.fixture
def about_itself(usage: MemoryUsageStore, workers: Workers) -> ServerRoutes:
    """What answers questions about the server, from what the edge has counted and seen."""
    facts = ServerFacts("0", now(), {"limits": {"server": {"connections_max": 5}}})
    return ServerRoutes(UsageTeller(usage), facts, Readiness({}), ServerMetrics("0"), workers, now)


@pytest.fixture
def tasks() -> MemoryTasks:
    return MemoryTasks(TaskSettings(), now)


@pytest.fixture
def database() -> MemoryFaceDatabase:
    """What is kept of datasets."""
    return MemoryFaceDatabase(FaceDbSettings(), now)


def search_routes(
    store: MemoryStore,
    recognition: RecognitionPipeline,
    workers: Workers,
    bindings: Bindings,
    database: MemoryFaceDatabase,
    tasks: MemoryTasks,
) -> ImmFaceSearchRoutes:
    """Searches by face; nothing is counted, since nobody does the tasks."""

    async def count(use: Use) -> None:
        raise AssertionError(f"nobody does tasks here: {use}")

    made = (bindings, database, MemoryAudit(now), FitnessSettings())
    clusters = FigureClusterSearcher(store, recognition, workers, 1000, *made, DecisionSettings())
    faces = FacesSearcher(tasks, store, recognition, workers, 1000, *made, RenderingSettings(), count, now)
    return ImmFaceSearchRoutes(clusters, faces, RenderingSettings())


@pytest.fixture
def door(workers: Workers) -> Door:
    """One request is looked at, nobody's patience ends, and it is quiet as soon as nobody comes."""
    return Door(workers, 1, patience_s=600, quiet_s=0.0)


@pytest.fixture
def results() -> ResultCache:
    """No result is kept."""
    return NO_RESULTS


@pytest.fixture
def make_edge(
    store: MemoryStore,
    pipeline: FacePipeline,
    workers: Workers,
    about_itself: ServerRoutes,
    tasks: MemoryTasks,
    database: MemoryFaceDatabase,
    *,
    results: ResultCache,
) -> Callable[..., Edge]:
    """Wire the real authentication, operations and routes around a store in memory and models that are fixed."""
    identity = Identity(REGION, "4711", "127.0.0.1:9000")
    objects = Objects(store)
    projects = MemoryProjects(ImmSettings(), now)
    faces = FaceFinder(store, workers, 1000, Bindings(projects, ImmSettings()), pipeline.models, results)
    routes = handlers(
        BucketRoutes(Buckets(store, "4711"), objects, identity),
        ObjectRoutes(objects, faces, identity, RenderingSettings(), lambda: BODY_ID),
        UploadRoutes(Uploads(store, store), identity),
        PictureRoutes(PictureProcessor(objects, workers, 100_000)),
        about_itself,
    )
    bindings = Bindings(projects, ImmSettings())
    recognition = RecognitionPipeline(pipeline, FixedEmbedder())
    comparer = FaceComparer(store, recognition, workers, 1000, bindings)
    holdings, audit = Holdings(database), MemoryAudit(now)
    searches = search_routes(store, recognition, workers, bindings, database, tasks)
    clusters, writer = ClusterKeeper(database, tasks, audit), ClusterWriter(FileWriter(RenderingSettings(), "4711"))
    imm_routes = {
        **imm_handlers(
            ImmFaceRoutes(faces, comparer, RenderingSettings()),
            ImmProjectRoutes(ProjectKeeper(projects, store, holdings), "4711"),
        ),
        **dataset_handlers(
            ImmDatasetRoutes(DatasetKeeper(holdings, bindings, audit, tasks)),
            ImmFileRoutes(FileKeeper(store, database, tasks, audit), FileWriter(RenderingSettings(), "4711")),
        ),
        **task_handlers(ImmTaskRoutes(TaskWatcher(tasks, bindings))),
        **cluster_handlers(ImmClusterRoutes(clusters, writer)),
        **people_handlers(
            ImmPeopleRoutes(
                clusters,
                FigureIdentifier(searches.searcher),
                PersonForgetter(database, audit, tasks, lambda passages: Traces(2, 64 * len(passages), 0), "elsewhere"),
                TaskWatcher(tasks, bindings),
                writer,
                RenderingSettings(),
            )
        ),
        **face_search_handlers(searches),
    }
    keys = MemoryKeyRing(ACCESS_KEYS)
    authenticator = Authenticator(keys, AddressingSettings(), SigningSettings(), now)
    imm_authenticator = ImmAuthenticator(keys, MemoryNonces(1000), SigningSettings().skew_s, now)

    def make(body_idle_s: float = 30.0, **options: Any) -> Edge:
        replaced = {**routes, **options.pop("handlers", {})}
        checks = options.pop("authenticator", authenticator)
        oss = OssService(checks, replaced, lambda: HEADER_ID, results.may_know)
        meter = Meter(options.pop("usage", about_itself.teller.reader), MeteringSettings(), now)
        imm = ImmService(imm_authenticator, {**imm_routes, **options.pop("imm_handlers", {})}, lambda: BODY_ID)
        services = Services(oss, imm, options.pop("origins", CrossOrigin()))
        door = options.pop("door", None) or Door(workers, WorkerSettings().examined)
        metrics = options.pop("metrics", about_itself.metrics)
        return Edge(services, door, meter, metrics, body_idle_s=body_idle_s, **options)

    return make


@pytest.fixture
def session(make_edge: Callable[..., Edge]) -> InProcess:
    return InProcess(make_edge())


@pytest.fixture
def connect(session: InProcess) -> Callable[..., oss2.Bucket]:
    """Make a client of the official SDK for a bucket."""

    def make(name: str = "photos", auth: Any = None) -> oss2.Bucket:
        signer = auth or oss2.AuthV4(KEY_ID, SECRET)
        return oss2.Bucket(signer, ENDPOINT, name, session=session, region=REGION)

    return make


@pytest.fixture
def bucket(connect: Callable[..., oss2.Bucket]) -> oss2.Bucket:
    """A bucket with the picture in it."""
    made = connect()
    made.create_bucket()
    made.put_object("dir/photo.jpg", PICTURE, headers={"Content-Type": "image/jpeg", "x-oss-meta-owner": "me"})
    return made


@pytest.fixture
def log() -> Iterator[list[Message]]:
    """The log lines of the test, as dictionaries. Ask for it before the application is made."""
    with structlog.testing.capture_logs() as lines:
        yield lines
