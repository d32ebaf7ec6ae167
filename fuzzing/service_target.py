"""The whole surface: bytes on a connection, through the HTTP parser and every handler, over stores in memory.

Everybody is let in, with every right: what stands behind the signature is what is to be reached. Signatures have
targets of their own.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import structlog
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.server import ServerState

from fuzzing import wire
from fuzzing.picture_targets import FORMATS, save
from fuzzing.target import Target
from oss_faces.access import Authenticator, ImmAuthenticator, MemoryKeyRing, MemoryNonces
from oss_faces.access.authentication import Authenticated
from oss_faces.access.imm_authentication import ImmAuthenticated
from oss_faces.analysis import FixedAnalyser
from oss_faces.audit import MemoryAudit, Traces
from oss_faces.datasets import DatasetRef, DatasetSpec
from oss_faces.decoding import DecodingSettings, decode
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
from oss_faces.http.connection import BoundedConnection
from oss_faces.http.imm_service import ImmHandler
from oss_faces.imaging import ImagingSettings
from oss_faces.metering import MemoryUsageStore, Meter, MeteringSettings, ServerMetrics, Use
from oss_faces.operations import (
    Bindings,
    Buckets,
    CacheSettings,
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
from oss_faces.protocol import AddressingSettings, ImmAction, ImmClaim, SigningSettings, candidates
from oss_faces.protocol.imm_claims import ImmScheme, read_parameters
from oss_faces.recognition import DecisionSettings, FitnessSettings, FixedEmbedder
from oss_faces.rendering import Identity, RenderingSettings
from oss_faces.rendering.imm_clusters import ClusterWriter
from oss_faces.rendering.imm_datasets import FileWriter
from oss_faces.stages import PictureEditor, Stages
from oss_faces.storage import MemoryStore, PutSpec, StorageLimits
from oss_faces.tasks import MemoryTasks, TaskSettings
from oss_faces.values import Detections, Principal, ProjectSpec, WireRequest
from oss_faces.workers import Door, ThreadCrew, Workers, WorkerSettings

_ROOT: Final = Principal("OSSFroot", EVERYTHING)
_OWNER: Final = "4711"
_PICTURE_BYTES_MAX: Final = 100_000
_ANSWER_S_MAX: Final = 30.0
# Documented answers: an operation of OSS that is not served, and a picture that finds no free thread.
_ALLOWED: Final = (501, 503)


class OpenDoor(Authenticator):
    """Takes everybody for the owner."""

    def __init__(self) -> None:
        super().__init__(MemoryKeyRing([]), AddressingSettings(), SigningSettings(), _now)

    async def authenticate(self, request: WireRequest) -> Authenticated:
        """Read the address only."""
        return Authenticated(_ROOT, candidates(request, AddressingSettings())[0], presigned=False)


class OpenImmDoor(ImmAuthenticator):
    """Takes everybody for the owner, and the operation from header or query."""

    def __init__(self) -> None:
        super().__init__(MemoryKeyRing([]), MemoryNonces(10), 900, _now)

    async def authenticate(self, request: WireRequest, body: bytes) -> ImmAuthenticated:
        """Read the parameters only."""
        parameters = read_parameters(request, body)
        action = request.header("x-acs-action") or parameters.get("Action") or ""
        claim = ImmClaim(ImmScheme.ACS3, "", "", None, _now(), "n", action, "2020-09-30", parameters)
        return ImmAuthenticated(_ROOT, claim)


class Wire(asyncio.Transport):
    """Drops what is written, and keeps whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = asyncio.Event()

    def write(self, data: Any) -> None:
        """Let it go."""

    def close(self) -> None:
        """Note it."""
        self.closed.set()

    def abort(self) -> None:
        """Note it."""
        self.closed.set()

    def is_closing(self) -> bool:
        """Tell whether it was closed."""
        return self.closed.is_set()

    def pause_reading(self) -> None:
        """Everything is there already."""

    def resume_reading(self) -> None:
        """Everything is there already."""


class ServerFaultError(AssertionError):
    """The server blamed itself."""


class Service:
    """Everything behind one connection, made anew for each input but for what is costly to make."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._metrics = ServerMetrics("0")
        self._meter = Meter(MemoryUsageStore(), MeteringSettings(), _now)
        found = Detections(
            np.array([[2, 3, 20, 22]], np.float32), np.array([0.9], np.float32), np.zeros((1, 5, 2), np.float32)
        )
        decoding = DecodingSettings(_PICTURE_BYTES_MAX, pixels_max=250_000, reduced_pixels=500)
        editor = PictureEditor(decoding, ImagingSettings(1_000, 250_000, 500, 4_000_000))
        self._pipeline = FacePipeline(
            lambda content: decode(content, decoding),
            FixedDetector(found),
            FixedAnalyser(),
            ("f@1",),
            _PICTURE_BYTES_MAX,
        )
        stages = Stages(self._pipeline, FixedEmbedder(), editor)
        self._workers = Workers(WorkerSettings(running=1, waiting=4), ThreadCrew(1, stages))
        self._picture = save("jpeg", *FORMATS["jpeg"][0])
        self._faults: list[str] = []
        self._statuses: list[int] = []
        structlog.configure(processors=[self._watch], wrapper_class=structlog.BoundLogger)

    def run(self, data: bytes) -> str:
        """Send the bytes in one or several reads, as their first byte says; tell the statuses of the answers.

        Raises:
            ServerFaultError: there was a 5xx that is not documented, or an unforeseen error.
        """
        self._faults.clear()
        self._statuses.clear()
        is_closed = self._loop.run_until_complete(self._exchange(data[1:], 1 + (data[:1] or b"\0")[0] % 3))
        wrong = [status for status in self._statuses if status >= 500 and status not in _ALLOWED]
        if wrong or self._faults:
            raise ServerFaultError(f"{wrong} {self._faults}")
        return f"{self._statuses} {is_closed}"

    async def _exchange(self, data: bytes, reads: int) -> bool:
        """Answer everything that comes; tell whether the connection was closed."""
        config = uvicorn.Config(
            self._noting(await self._make_edge()), http=BoundedConnection, ws="none", lifespan="off", log_config=None
        )
        state, transport = ServerState(), Wire()
        connection = BoundedConnection(config, state, {})
        connection.connection_made(transport)
        size = len(data) // reads + 1
        for place in range(0, len(data), size):
            if transport.is_closing():
                break
            connection.data_received(data[place : place + size])
            await asyncio.sleep(0)
        while state.tasks and not self._waits(connection):
            done, _ = await asyncio.wait(set(state.tasks), timeout=0.05)
            if not done and self._waits(connection):
                break
        is_closed = transport.is_closing()
        connection.connection_lost(None)
        if state.tasks:
            _, left = await asyncio.wait(set(state.tasks), timeout=_ANSWER_S_MAX)
            assert not left, "a request ends when its client has left"
        return is_closed

    def _noting(self, edge: Edge) -> ASGIApp:
        """Note the status of each answer."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            async def noting_send(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._statuses.append(message["status"])
                await send(message)

            await edge(scope, receive, noting_send)

        return app

    @staticmethod
    def _waits(connection: BoundedConnection) -> bool:
        """Tell whether the request that is worked on waits for the rest of a body that will not come."""
        cycle = connection.cycle
        return cycle is not None and cycle.more_body and not cycle.body and not cycle.response_started

    def _watch(self, _logger: object, _method: str, event: Any) -> Any:
        if event.get("event") == "unforeseen":
            self._faults.append(repr(event))
        raise structlog.DropEvent

    async def _make_edge(self) -> Edge:
        store = MemoryStore(StorageLimits(buckets_max=5, part_bytes_min=5), _now)
        await store.create_bucket("photos", _OWNER)
        await store.put("photos", "a.jpg", _pieces(self._picture), PutSpec())
        faces = FaceFinder(
            store, self._workers, _PICTURE_BYTES_MAX, _bindings(), self._pipeline.models, ResultCache(CacheSettings())
        )
        identity, objects = Identity("cn-hangzhou", _OWNER, "127.0.0.1:9000"), Objects(store)
        routes = handlers(
            BucketRoutes(Buckets(store, _OWNER), objects, identity),
            ObjectRoutes(objects, faces, identity, RenderingSettings()),
            UploadRoutes(Uploads(store, store), identity),
            PictureRoutes(PictureProcessor(objects, self._workers, _PICTURE_BYTES_MAX)),
            ServerRoutes(
                UsageTeller(MemoryUsageStore()),
                ServerFacts("0", _now()),
                Readiness({}),
                self._metrics,
                self._workers,
                _now,
            ),
        )
        imm = ImmService(OpenImmDoor(), await self._imm_routes(store, faces))
        origins = CrossOrigin(frozenset({"http://127.0.0.1:9001"}))
        services = Services(OssService(OpenDoor(), routes), imm, origins)
        return Edge(services, Door(self._workers, 2), self._meter, self._metrics, body_idle_s=1.0)

    async def _imm_routes(self, store: MemoryStore, faces: FaceFinder) -> dict[ImmAction, ImmHandler]:
        kept, rendering = MemoryProjects(ImmSettings(), _now), RenderingSettings()
        await kept.create("test-project", ProjectSpec())
        bindings = Bindings(kept, ImmSettings())
        database, tasks, audit = (
            MemoryFaceDatabase(FaceDbSettings(), _now),
            MemoryTasks(TaskSettings(), _now),
            MemoryAudit(_now),
        )
        recognition, holdings = RecognitionPipeline(self._pipeline, FixedEmbedder()), Holdings(database)
        comparer = FaceComparer(store, recognition, self._workers, _PICTURE_BYTES_MAX, bindings)
        common = (store, recognition, self._workers, _PICTURE_BYTES_MAX, bindings, database, audit, FitnessSettings())
        files = FileWriter(rendering, _OWNER)
        projects = ProjectKeeper(kept, store, holdings)
        searcher = FigureClusterSearcher(*common, DecisionSettings())
        clusters = ClusterKeeper(database, tasks, audit)
        await database.create_dataset(DatasetRef("test-project", "test-dataset"), DatasetSpec())
        return {
            **imm_handlers(ImmFaceRoutes(faces, comparer, rendering), ImmProjectRoutes(projects, _OWNER)),
            **dataset_handlers(
                ImmDatasetRoutes(DatasetKeeper(holdings, bindings, audit, tasks)),
                ImmFileRoutes(FileKeeper(store, database, tasks, audit), files),
            ),
            **task_handlers(ImmTaskRoutes(TaskWatcher(tasks, bindings))),
            **cluster_handlers(ImmClusterRoutes(clusters, ClusterWriter(files))),
            **face_search_handlers(
                ImmFaceSearchRoutes(searcher, FacesSearcher(tasks, *common, rendering, _count, _now), rendering)
            ),
            **people_handlers(
                ImmPeopleRoutes(
                    clusters,
                    FigureIdentifier(searcher),
                    PersonForgetter(database, audit, tasks, lambda _: Traces(0, 0, 0)),
                    TaskWatcher(tasks, bindings),
                    ClusterWriter(files),
                    rendering,
                )
            ),
        }


def service() -> Target:
    """Make the target. Its inputs begin with a byte that says in how many reads the rest comes."""
    host = b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    seeds = [
        b"\0GET /photos/a.jpg?x-oss-process=image/faces" + host + b"\r\n",
        b"\1GET /photos/a.jpg?x-oss-process=image/resize,w_9/format,png" + host + b"\r\nGET /" + host + b"\r\n",
        b"\0PUT /photos/k" + host + b"Content-Length: 3\r\n\r\nabcGET /photos/k" + host + b"Range: bytes=1-\r\n\r\n",
        b"\2PUT /photos/k" + host + b"Transfer-Encoding: chunked\r\n\r\n3;e=f\r\nabc\r\n0\r\nx: y\r\n\r\n",
        b"\0POST /photos/k?uploads" + host + b"\r\nGET /photos/?uploads" + host + b"\r\n",
        b"\1POST /photos/k?append&position=0" + host + b"Content-Length: 1\r\n\r\naHEAD /photos/k" + host + b"\r\n",
        b"\0POST /photos/?delete"
        + host
        + b"Content-Length: 52\r\n\r\n<Delete><Object><Key>a.jpg</Key></Object></Delete>  ",
        b"\0GET /photos/?list-type=2&prefix=a" + host + b"Connection: close\r\n\r\n",
        b"\0PUT /photos/copy" + host + b"x-oss-copy-source: /photos/a.jpg\r\nContent-Length: 0\r\n\r\n",
        b"\0DELETE /photos/a.jpg" + host + b"Expect: 100-continue\r\n\r\nGET /?acl" + host + b"\r\n",
        b"\0POST /photos/a.jpg?x-oss-process" + host + b"Content-Length: 48\r\n\r\n"
        b"x-oss-process=image/resize,w_9|sys/saveas,o_Yg==",
    ]
    for case in wire.captured("imm/*.json"):
        head = f"{case['method']} /?{case['query']} HTTP/1.1\r\nHost: h\r\nx-acs-action: {case['name']}\r\n\r\n"
        seeds.append(b"\0" + head.encode("latin-1"))
    tokens = (
        b"\r\n", b"\r\n\r\n", b"GET ", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n",
        b"Range: bytes=0-1\r\n", b"Action=",
        b"?acl", b"?uploads", b"x-oss-copy-source: /photos/a.jpg\r\n", b"%2e%2e/", b"%00", b"\xff", b"HTTP/1.0",
        b"x-acs-action: QueryFigureClusters\r\n", b"ProjectName=test-project&", b"DatasetName=test-dataset&",
        b"x-acs-action: CreateProject\r\n", b"x-acs-action: CreateDataset\r\n", b"x-acs-action: SimpleQuery\r\n",
    )  # fmt: skip
    return Target("service", Service().run, (), tuple(seeds), tokens, cpu_s_max=30.0)


def _now() -> datetime:
    return datetime.now(UTC)


def _bindings() -> Bindings:
    return Bindings(MemoryProjects(ImmSettings(), _now), ImmSettings())


async def _pieces(content: bytes) -> Any:
    yield content


async def _count(_use: Use) -> None:
    """Nobody pays here."""
