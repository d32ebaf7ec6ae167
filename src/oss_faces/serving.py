"""The server put together: every service behind the two addresses, from start to an orderly end."""

import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from oss_faces.access import (
    Authenticator,
    DatabaseKeyStore,
    DatabaseNonces,
    ImmAuthenticator,
    KeyIssuer,
    KeyRing,
    KeyRings,
    MemoryNonces,
    Nonces,
)
from oss_faces.app import open_faces, open_state, package_version, utc_now
from oss_faces.audit import SqlAudit
from oss_faces.config import Settings, shown
from oss_faces.database import Database
from oss_faces.described import Recognition
from oss_faces.face_parts import Bound, FaceParts, FaceService, counting, doing_tasks, not_searched
from oss_faces.http import (
    Admin,
    BucketRoutes,
    ConsoleFacts,
    ConsoleSettings,
    CrossOrigin,
    Edge,
    ImmFaceRoutes,
    ImmHandler,
    ImmProjectRoutes,
    ImmService,
    ObjectRoutes,
    OssService,
    PictureRoutes,
    Readiness,
    ServerFacts,
    ServerRoutes,
    Services,
    UploadRoutes,
    console_origins,
    console_routes,
    handlers,
    imm_handlers,
    model_facts,
    open_admin_socket,
    recognition_facts,
    serve,
    serving_admin,
    socket_name,
)
from oss_faces.inference import list_models, read_cards
from oss_faces.metering import DatabaseUsageStore, Meter, ServerMetrics
from oss_faces.operations import (
    Bindings,
    Buckets,
    FaceComparer,
    FaceFinder,
    Holdings,
    Objects,
    PictureProcessor,
    ProjectKeeper,
    ResultCache,
    Uploads,
    UsageTeller,
)
from oss_faces.operations.people import Sweeper, expiring
from oss_faces.projects import SqlProjects
from oss_faces.protocol import ImmAction
from oss_faces.rendering import Identity
from oss_faces.request.imm_files import FILES_MAX
from oss_faces.stages import read_facts
from oss_faces.storage import (
    MountSource,
    WholeStore,
    check_writable,
    open_local_store,
    open_mounts,
    route,
    sweeping,
)
from oss_faces.tasks import Bell, SqlTasks, TaskRunner
from oss_faces.values import LIST_ENTRIES_MAX
from oss_faces.vectors import VectorIndexes
from oss_faces.workers import Door, Workers

_CONSOLE: Final = Path(__file__).with_name("console")


@dataclass(frozen=True, slots=True)
class Given:
    """What a server is made with besides its settings.

    Attributes:
        vectors: makes the indexes, which are closed at the end.
        workers: not started yet; closed at the end.
    """

    keys: KeyRing
    mounts: tuple[MountSource, ...]
    vectors: Callable[[Database], VectorIndexes]
    workers: Workers


async def run_server(
    settings: Settings, given: Given, listener: socket.socket, on_ready: Callable[[str, str | None], None]
) -> None:
    """Make everything behind one HTTP server, serve until told to stop, and close in order.

    Args:
        on_ready: called once with the endpoint and the admin address, `None` when there is none.

    Raises:
        ModelUnavailable, ConfigurationError, StorageUnavailable: before the first request is taken.
    """
    recognition = read_facts(settings.stages)
    with closing(open_state(settings)) as database, open_faces(settings, database, given.vectors(database)) as people:
        await people.finish_erasing()
        issued = DatabaseKeyStore(database)
        await KeyIssuer(issued, utc_now).sweep()
        workers, store = given.workers, await _open_store(settings, given.mounts)
        try:
            await workers.start()
            projects = SqlProjects(database, settings.imm, utc_now)
            bindings = Bindings(projects, settings.imm)
            holdings = Holdings(people)
            source_bytes_max, results = settings.decoding.size_bytes_max, ResultCache(settings.cache)
            faces = FaceFinder(store, workers, source_bytes_max, bindings, recognition.face_models, results)
            rings = KeyRings((given.keys, issued))
            comparer = FaceComparer(store, recognition, workers, source_bytes_max, bindings)
            metrics = _metrics(workers, results)
            bell = Bell()
            tasks, audit = SqlTasks(database, settings.tasks, utc_now, bell.ring), SqlAudit(database, utc_now)
            async with (
                sweeping(store),
                expiring(Sweeper(people, audit, utc_now)),
                _metering(settings, database) as meter,
            ):
                count = counting(meter, metrics)
                parts = FaceParts(
                    settings,
                    store,
                    people,
                    holdings,
                    audit,
                    tasks,
                    recognition,
                    workers,
                    bindings,
                    count,
                    utc_now,
                    not_searched(settings, database),
                )
                pictures = _imm_routes(settings, faces, comparer, ProjectKeeper(projects, store, holdings))
                readiness = _readiness(settings, meter)
                server = _server_routes(settings, database, readiness, metrics, workers, recognition)
                oss = _oss_service(settings, rings, faces, store, socket_name(listener), server)
                addresses = _Addresses(listener, open_admin_socket(settings.admin, settings.server), on_ready)
                late = FaceService(set(ImmAction) - pictures.keys(), partial(_bind, parts))
                imm = _imm_service(settings, rings, _nonces(settings, database), {**pictures, **late.operations})
                services = Services(oss, imm, addresses.origins(settings.console))
                door = Door(workers, settings.workers.examined)
                edge = Edge(services, door, meter, metrics, body_idle_s=settings.server.body_idle_s)
                admin = Admin(metrics, readiness, addresses.console(settings))
                runner = TaskRunner(tasks, late.tasks, settings.tasks, bell, utc_now)
                async with doing_tasks(runner, late):
                    await _serve(settings, addresses, edge, admin.app, readiness, runner.stop)
        finally:
            await workers.aclose()
            await store.aclose()


def _bind(parts: FaceParts) -> Bound:
    from oss_faces.face_service import background_handlers, face_handlers  # noqa: PLC0415  (see `face_parts.py`)

    return Bound(face_handlers(parts), background_handlers(parts))


def _readiness(settings: Settings, meter: Meter) -> Readiness:
    """Say what must work for the server to be of use."""
    return Readiness({"metering": meter.check, "objects": partial(check_writable, settings.storage.data_dir)})


@dataclass(frozen=True, slots=True)
class _Addresses:
    """The two sockets of a server, and who is told where they are.

    Attributes:
        admin: `None` when there is to be none.
        on_ready: see `run_server`.
    """

    main: socket.socket
    admin: socket.socket | None
    on_ready: Callable[[str, str | None], None]

    @property
    def admin_name(self) -> str | None:
        """`host:port` of the admin address."""
        return socket_name(self.admin) if self.admin else None

    def origins(self, settings: ConsoleSettings) -> CrossOrigin:
        """Tell which pages may call the main port."""
        return console_origins(settings, self.admin_name)

    def console(self, settings: Settings) -> Sequence[BaseRoute]:
        """Serve the console, unless it is turned off."""
        if not settings.console.enabled:
            return ()
        limits = {
            "put_bytes_max": settings.storage.object_bytes_max,
            "part_bytes_min": settings.storage.part_bytes_min,
            "picture_bytes_max": settings.decoding.size_bytes_max,
            "batch_files_max": FILES_MAX,
            "page_max": LIST_ENTRIES_MAX,
        }
        endpoint = settings.console.endpoint or f"http://{socket_name(self.main)}"
        facts = ConsoleFacts(endpoint, settings.server.region, package_version(), limits)
        return console_routes(_CONSOLE, facts)


async def _serve(
    settings: Settings,
    addresses: _Addresses,
    edge: Edge,
    admin: ASGIApp,
    readiness: Readiness,
    on_stop: Callable[[], None],
) -> None:
    """Serve both addresses; the admin address is there before the other and after it.

    Args:
        on_stop: called when the server is told to stop, before it finishes what it has begun.
    """
    admin_endpoint = f"http://{addresses.admin_name}" if addresses.admin else None

    def tell(endpoint: str) -> None:
        readiness.is_serving = True
        addresses.on_ready(endpoint, admin_endpoint)

    def stop() -> None:
        readiness.is_serving = False
        on_stop()

    async with serving_admin(admin, addresses.admin, settings.server):
        await serve(edge, addresses.main, settings.server, tell, stop)


def _metrics(workers: Workers, results: ResultCache) -> ServerMetrics:
    metrics = ServerMetrics(package_version())
    metrics.watch_pictures(lambda: workers.running, lambda: workers.waiting)
    metrics.watch_results(lambda: results.size_bytes, lambda: results.hit_rate)
    return metrics


@asynccontextmanager
async def _metering(settings: Settings, database: Database) -> AsyncIterator[Meter]:
    """Open the counters of use, and close them when all that they were told is kept."""
    meter = Meter(DatabaseUsageStore(database, sync=settings.metering.sync), settings.metering, utc_now)
    await meter.open()
    try:
        yield meter
    finally:
        await meter.aclose()


async def _open_store(settings: Settings, mounts: tuple[MountSource, ...]) -> WholeStore:
    """Open the embedded store, with the mounted buckets beside its own."""
    own = await open_local_store(settings.storage, utc_now)
    try:
        owner = settings.server.owner_id
        return await route(own, open_mounts(mounts, settings.mounts, settings.storage, owner, utc_now))
    except BaseException:
        await own.aclose()
        raise


def _server_routes(
    settings: Settings,
    database: Database,
    readiness: Readiness,
    metrics: ServerMetrics,
    workers: Workers,
    recognition: Recognition,
) -> ServerRoutes:
    """Make what answers questions about the server itself."""
    embedder, cards = recognition.embedder, read_cards()
    others = {
        "models": model_facts(list_models(settings.models), cards),
        "fields": cards.fields,
        "recognition": recognition_facts(embedder.space, embedder.calibration, settings.decision),
        "limits": shown(settings),
    }
    facts = ServerFacts(package_version(), utc_now(), others)
    return ServerRoutes(UsageTeller(DatabaseUsageStore(database)), facts, readiness, metrics, workers, utc_now)


def _nonces(settings: Settings, database: Database) -> Nonces:
    """Remember nonces where every server that could answer looks: alone, a server does so in memory."""
    return DatabaseNonces(database) if settings.database.url else MemoryNonces(settings.imm.nonces_max)


def _oss_service(
    settings: Settings,
    keys: KeyRing,
    faces: FaceFinder,
    store: WholeStore,
    listening_on: str,
    about_itself: ServerRoutes,
) -> OssService:
    server = settings.server
    identity = Identity(server.region, server.owner_id, server.endpoint or listening_on)
    objects = Objects(store)
    routes = handlers(
        BucketRoutes(Buckets(store, identity.owner_id), objects, identity),
        ObjectRoutes(objects, faces, identity, settings.rendering),
        UploadRoutes(Uploads(store, store), identity),
        PictureRoutes(PictureProcessor(objects, faces.workers, settings.decoding.size_bytes_max)),
        about_itself,
    )
    authenticator = Authenticator(keys, settings.addressing, settings.signing, utc_now)
    return OssService(authenticator, routes, may_know=faces.results.may_know)


def _imm_routes(
    settings: Settings, faces: FaceFinder, comparer: FaceComparer, keeper: ProjectKeeper
) -> Mapping[ImmAction, ImmHandler]:
    return imm_handlers(
        ImmFaceRoutes(faces, comparer, settings.rendering), ImmProjectRoutes(keeper, settings.server.owner_id)
    )


def _imm_service(
    settings: Settings, keys: KeyRing, nonces: Nonces, routes: Mapping[ImmAction, ImmHandler]
) -> ImmService:
    authenticator = ImmAuthenticator(keys, nonces, settings.signing.skew_s, utc_now)
    return ImmService(authenticator, routes)
