"""Composition root: the only place where services are made and wired together."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final

from anyio.from_thread import start_blocking_portal

from oss_faces.access import (
    ROOT_KEY_FILE,
    Authenticator,
    DatabaseKeyStore,
    ImmAuthenticator,
    KeyIssuer,
    KeyRing,
    KeyRings,
    MemoryNonces,
    RootKeyRing,
)
from oss_faces.analysis import AttributeAnalyser
from oss_faces.audit import SqlAudit
from oss_faces.config import ROOT_KEY_NAMES, Settings
from oss_faces.database import DATABASE_FILE, Database, open_database
from oss_faces.decoding import decode
from oss_faces.detection import CenterFaceDetector
from oss_faces.errors import ConfigurationError
from oss_faces.face_service import FaceParts, background_handlers, counting, doing_tasks, face_handlers
from oss_faces.facedb import SqlFaceDatabase
from oss_faces.http import (
    Admin,
    BucketRoutes,
    Edge,
    ImmFaceRoutes,
    ImmHandler,
    ImmProjectRoutes,
    ImmService,
    ObjectRoutes,
    OssService,
    PictureRoutes,
    UploadRoutes,
    handlers,
    imm_handlers,
    open_admin_socket,
    serve,
    serving_admin,
    socket_name,
)
from oss_faces.inference import (
    CENTERFACE,
    DLIB_RECOGNITION,
    IntegerProducts,
    OnnxSession,
    attributes_spec,
    prepare_centerface,
    prepare_dlib_recognition,
    read_model,
    scout_spec,
)
from oss_faces.metering import DatabaseUsageStore, Meter, ServerMetrics, UsageReader
from oss_faces.operations import (
    Bindings,
    Buckets,
    FaceComparer,
    FaceFinder,
    Holdings,
    Objects,
    PictureEditor,
    PictureProcessor,
    ProjectKeeper,
    Uploads,
    Workers,
)
from oss_faces.operations.people import Sweeper, expiring
from oss_faces.pipeline import FacePipeline, RecognitionPipeline
from oss_faces.projects import SqlProjects
from oss_faces.protocol import ImmAction, Secret
from oss_faces.recognition import (
    DLIB_ALIGNMENT,
    DLIB_CALIBRATION,
    DLIB_DIMENSIONS,
    NetworkEmbedder,
    PackLibrary,
    Space,
    load_pack,
)
from oss_faces.rendering import Identity
from oss_faces.storage import (
    BucketReader,
    MountSource,
    ReadableStore,
    WholeStore,
    check_writable,
    open_local_reader,
    open_local_store,
    open_mounts,
    read_mounts,
    route,
    sweeping,
)
from oss_faces.tasks import Bell, SqlTasks, TaskRunner
from oss_faces.vectors import VectorIndexes, open_vector_indexes

_PACKS: Final = "packs"


def utc_now() -> datetime:
    """Tell the time; the one clock that services are given."""
    return datetime.now(UTC)


def package_version() -> str:
    """Tell the installed version."""
    return version("oss-faces")


def build_pipeline(settings: Settings) -> FacePipeline:
    """Load and check all models, and bind the stages.

    Raises:
        ModelUnavailable: a model file is missing or changed.
    """
    scout, attributes = scout_spec(settings.models), attributes_spec(settings.models)
    centerface = OnnxSession(prepare_centerface(read_model(CENTERFACE, settings.models)))
    return FacePipeline(
        partial(decode, settings=settings.decoding),
        CenterFaceDetector(centerface, settings.detection, OnnxSession(read_model(scout, settings.models))),
        AttributeAnalyser(OnnxSession(read_model(attributes, settings.models)), settings.analysis),
        (CENTERFACE.name_version, scout.name_version, attributes.name_version),
        settings.decoding.size_bytes_max,
    )


def build_embedder(settings: Settings) -> NetworkEmbedder:
    """Load and check the recognition network: that of the pack, if one is set, else dlib's.

    Raises:
        ModelUnavailable: its file is missing or changed.
        ConfigurationError: there is no such pack, its licence was not accepted, or nothing was measured in its space.
    """
    if settings.recognition.pack:
        return _build_pack(settings, settings.recognition.pack)
    network = prepare_dlib_recognition(read_model(DLIB_RECOGNITION, settings.models))
    space = Space(DLIB_RECOGNITION.name_version, DLIB_DIMENSIONS, DLIB_CALIBRATION)
    return NetworkEmbedder(OnnxSession(network), space, DLIB_ALIGNMENT, settings.recognition)


def _build_pack(settings: Settings, name_version: str) -> NetworkEmbedder:
    content, spec = open_packs(settings).open(name_version)
    if spec.calibration is None:
        raise ConfigurationError(
            f"nothing was measured in the space of the pack {name_version}, so that no similarity could be told; "
            f"run `oss-faces models measure {name_version} FOLDER`"
        )
    return load_pack(content, spec, settings.recognition)


def open_packs(settings: Settings) -> PackLibrary:
    """Open the recognition networks that were added to the data folder."""
    return PackLibrary(settings.storage.data_dir / _PACKS, utc_now)


def build_recognition(settings: Settings) -> RecognitionPipeline:
    """Load and check every network: faces, what they show, and their vectors.

    Raises:
        ModelUnavailable: a model file is missing or changed.
    """
    return RecognitionPipeline(build_pipeline(settings), build_embedder(settings))


@contextmanager
def open_bucket(settings: Settings, environment: Mapping[str, str], bucket: str) -> Iterator[BucketReader]:
    """Open one bucket for reading, a mounted one or one of the data folder, also while a server uses them.

    Raises:
        ConfigurationError: nothing is stored yet, or the keys of a mounted bucket are not there.
    """
    with start_blocking_portal() as portal:
        store = portal.call(open_readable, settings, environment, bucket)
        try:
            yield BucketReader(portal, store, bucket)
        finally:
            portal.call(store.aclose)


async def open_readable(settings: Settings, environment: Mapping[str, str], bucket: str) -> ReadableStore:
    """Open one bucket for reading, as `open_bucket` does, where there is an event loop already."""
    mount = settings.mounts.buckets.get(bucket)
    if mount is None:
        return await open_local_reader(settings.storage)
    # A writable folder would be swept of what it takes for left over, and the server may be writing it.
    mounts = replace(settings.mounts, buckets={bucket: replace(mount, writable=False)})
    sources = read_mounts(mounts, environment)
    return open_mounts(sources, mounts, settings.storage, settings.server.owner_id, utc_now)[bucket].store


def build_keys(settings: Settings, environment: Mapping[str, str]) -> tuple[KeyRing, Path | None]:
    """Open the root key: from the environment, else from the data folder, where it is made once.

    Returns:
        The key ring, and the file that holds the key, or `None` when it came from the environment.
    """
    key_id, secret = (environment.get(name, "") for name in ROOT_KEY_NAMES)
    folder = settings.storage.data_dir
    ring = RootKeyRing.open(folder, key_id, Secret(secret) if secret else None)
    return ring, None if secret else folder / ROOT_KEY_FILE


def open_state(settings: Settings) -> Database:
    """Open the state database: issued keys and whatever else is small and counts for the whole server.

    Raises:
        ConfigurationError: it cannot be used.
    """
    return open_database(settings.storage.data_dir, settings.database)


def build_vectors(settings: Settings, environment: Mapping[str, str]) -> VectorIndexes:
    """Make the indexes of the faces' vectors; several processes may have those of one data folder open.

    Raises:
        ConfigurationError: they cannot be what the settings ask for.
    """
    return open_vector_indexes(settings.vectors, settings.storage.data_dir, environment, IntegerProducts())


@contextmanager
def open_faces(settings: Settings, database: Database, vectors: VectorIndexes) -> Iterator[SqlFaceDatabase]:
    """Open the face database, whose truth is in the state database; other processes may have it open, too.

    Args:
        vectors: what `build_vectors` made; closed in the end.
    """
    with closing(vectors):
        yield SqlFaceDatabase(database, vectors, settings.facedb, utc_now)


@contextmanager
def open_usage(settings: Settings) -> Iterator[UsageReader]:
    """Open what was counted in a data folder, also while a server uses it.

    Raises:
        ConfigurationError: no server has used the folder yet.
    """
    folder = settings.storage.data_dir
    if not (folder / DATABASE_FILE).exists():
        raise ConfigurationError(f"nothing was counted yet: no {DATABASE_FILE} in the data folder {folder}")
    with closing(open_state(settings)) as database:
        yield DatabaseUsageStore(database)


@contextmanager
def open_keys(settings: Settings) -> Iterator[KeyIssuer]:
    """Open what keys are made and taken back with; a server may be running on the same folder.

    Raises:
        ConfigurationError: the state database cannot be used.
    """
    with closing(open_state(settings)) as database:
        yield KeyIssuer(DatabaseKeyStore(database), utc_now)


def build_mounts(settings: Settings, environment: Mapping[str, str]) -> tuple[MountSource, ...]:
    """Find the keys of the mounted buckets.

    Raises:
        ConfigurationError: one is not there.
    """
    return read_mounts(settings.mounts, environment)


async def run_server(
    settings: Settings,
    keys: KeyRing,
    mounts: tuple[MountSource, ...],
    vectors: VectorIndexes,
    listener: socket.socket,
    on_ready: Callable[[str, str | None], None],
) -> None:
    """Make everything behind one HTTP server, serve until told to stop, and close in order.

    Args:
        vectors: closed at the end.
        on_ready: called once with the endpoint and the admin address, `None` when there is none.

    Raises:
        ModelUnavailable, ConfigurationError, StorageUnavailable: before the first request is taken.
    """
    pipeline = build_pipeline(settings)
    recognition = RecognitionPipeline(pipeline, build_embedder(settings))
    with closing(open_state(settings)) as database, open_faces(settings, database, vectors) as people:
        await people.finish_erasing()
        issued = DatabaseKeyStore(database)
        await KeyIssuer(issued, utc_now).sweep()
        workers = Workers(settings.workers)
        store = await _open_store(settings, mounts)
        try:
            projects = SqlProjects(database, settings.imm, utc_now)
            bindings = Bindings(projects, settings.imm)
            holdings = Holdings(people)
            editor = PictureEditor(settings.decoding, settings.imaging)
            faces = FaceFinder(store, pipeline, workers, settings.decoding.size_bytes_max, bindings, editor)
            rings = KeyRings((keys, issued))
            oss = _oss_service(settings, rings, faces, store, socket_name(listener))
            comparer = FaceComparer(store, recognition, workers, settings.decoding.size_bytes_max, bindings)
            metrics = ServerMetrics(package_version())
            metrics.watch_pictures(lambda: workers.running, lambda: workers.waiting)
            bell = Bell()
            tasks, audit = SqlTasks(database, settings.tasks, utc_now, bell.ring), SqlAudit(database, utc_now)
            sweeper = Sweeper(people, audit, utc_now)
            async with sweeping(store), expiring(sweeper), _metering(settings, database) as meter:
                count = counting(meter, metrics)
                parts = FaceParts(
                    settings, store, people, holdings, audit, tasks, recognition, workers, bindings, count, utc_now
                )
                routes = {
                    **_imm_routes(settings, faces, comparer, ProjectKeeper(projects, store, holdings)),
                    **face_handlers(parts),
                }
                edge = Edge(
                    oss, _imm_service(settings, rings, routes), meter, metrics, body_idle_s=settings.server.body_idle_s
                )
                objects = partial(check_writable, settings.storage.data_dir)
                admin = Admin(metrics, {"metering": meter.check, "objects": objects})
                runner = TaskRunner(tasks, background_handlers(parts), settings.tasks, bell, utc_now)
                async with doing_tasks(runner):
                    await _serve(settings, listener, edge, admin, on_ready, runner.stop)
        finally:
            workers.close()
            await store.aclose()


async def _serve(
    settings: Settings,
    listener: socket.socket,
    edge: Edge,
    admin: Admin,
    on_ready: Callable[[str, str | None], None],
    on_stop: Callable[[], None],
) -> None:
    """Serve both addresses; the admin address is there before the other and after it.

    Args:
        on_stop: called when the server is told to stop, before it finishes what it has begun.
    """
    admin_listener = open_admin_socket(settings.admin, settings.server)
    admin_endpoint = f"http://{socket_name(admin_listener)}" if admin_listener else None

    def tell(endpoint: str) -> None:
        admin.is_serving = True
        on_ready(endpoint, admin_endpoint)

    def stop() -> None:
        admin.is_serving = False
        on_stop()

    async with serving_admin(admin.app, admin_listener, settings.server):
        await serve(edge, listener, settings.server, tell, stop)


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


def _oss_service(
    settings: Settings, keys: KeyRing, faces: FaceFinder, store: WholeStore, listening_on: str
) -> OssService:
    server = settings.server
    identity = Identity(server.region, server.owner_id, server.endpoint or listening_on)
    objects = Objects(store)
    routes = handlers(
        BucketRoutes(Buckets(store, identity.owner_id), objects, identity),
        ObjectRoutes(objects, faces, identity, settings.rendering),
        UploadRoutes(Uploads(store, store), identity),
        PictureRoutes(PictureProcessor(objects, faces.editor, faces.workers)),
    )
    authenticator = Authenticator(keys, settings.addressing, settings.signing, utc_now)
    return OssService(authenticator, routes)


def _imm_routes(
    settings: Settings, faces: FaceFinder, comparer: FaceComparer, keeper: ProjectKeeper
) -> Mapping[ImmAction, ImmHandler]:
    return imm_handlers(
        ImmFaceRoutes(faces, comparer, settings.rendering), ImmProjectRoutes(keeper, settings.server.owner_id)
    )


def _imm_service(settings: Settings, keys: KeyRing, routes: Mapping[ImmAction, ImmHandler]) -> ImmService:
    authenticator = ImmAuthenticator(keys, MemoryNonces(settings.imm.nonces_max), settings.signing.skew_s, utc_now)
    return ImmService(authenticator, routes)
