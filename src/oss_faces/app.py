"""Composition root: the only place where services are made and wired together."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyio.from_thread import start_blocking_portal

from oss_faces import stages
from oss_faces.access import (
    ROOT_KEY_FILE,
    DatabaseKeyStore,
    KeyIssuer,
    KeyRing,
    RootKeyRing,
)
from oss_faces.child.begun import BegunProcess
from oss_faces.config import ROOT_KEY_NAMES, Settings
from oss_faces.database import DATABASE_FILE, Database, TurnLock, open_database
from oss_faces.errors import ConfigurationError
from oss_faces.facedb import SqlFaceDatabase
from oss_faces.inference import IntegerProducts
from oss_faces.metering import DatabaseUsageStore, UsageReader
from oss_faces.protocol import Secret
from oss_faces.recognition import PackLibrary
from oss_faces.storage import (
    BucketReader,
    MountSource,
    ReadableStore,
    open_local_reader,
    open_mounts,
    read_mounts,
)
from oss_faces.vectors import VectorIndexes, open_vector_indexes
from oss_faces.workers import ProcessCrew, ThreadCrew, Workers, hello_of

if TYPE_CHECKING:
    # A server leaves these to its workers.
    from oss_faces.pipeline import FacePipeline, RecognitionPipeline
    from oss_faces.recognition import NetworkEmbedder

_CHANGING_VECTORS: Final = "changing vectors"


def utc_now() -> datetime:
    """Tell the time; the one clock that services are given."""
    return datetime.now(UTC)


@cache
def package_version() -> str:
    """Tell the installed version."""
    return version("oss-faces")


def build_pipeline(settings: Settings) -> "FacePipeline":
    """Load and check all models, and bind the stages.

    Raises:
        ModelUnavailable: a model file is missing or changed.
    """
    return stages.load_pipeline(settings.stages)


def build_embedder(settings: Settings) -> "NetworkEmbedder":
    """Load and check the recognition network: that of the pack, if one is set, else dlib's.

    Raises:
        ModelUnavailable: its file is missing or changed.
        ConfigurationError: there is no such pack, its licence was not accepted, or nothing was measured in its space.
    """
    return stages.load_embedder(settings.stages)


def build_workers(settings: Settings, begun: BegunProcess) -> Workers:
    """Make what works on the pictures of a server, in processes or threads.

    Args:
        begun: becomes the first of the processes, and was told what to load; threads do not need it.

    Raises:
        ModelUnavailable, ConfigurationError: as above, of threads.
    """
    limits = settings.workers
    if limits.kind == "threads":
        return Workers(limits, ThreadCrew(limits.size, stages.load_stages(settings.stages)))
    return Workers(
        limits,
        ProcessCrew(limits.size, hello_of(limits, settings.stages), begun=begun),
    )


def open_packs(settings: Settings) -> PackLibrary:
    """Open the recognition networks that were added to the data folder."""
    return PackLibrary(settings.stages.packs, utc_now)


def build_recognition(settings: Settings) -> "RecognitionPipeline":
    """Load and check every network: faces, what they show, and their vectors.

    Raises:
        ModelUnavailable: a model file is missing or changed.
    """
    from oss_faces.pipeline import RecognitionPipeline  # noqa: PLC0415  (see above)

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


def build_vectors(settings: Settings, environment: Mapping[str, str], database: Database) -> VectorIndexes:
    """Make the indexes of the faces' vectors; all processes that share a state database share them.

    Raises:
        ConfigurationError: they cannot be what the settings ask for.
    """
    lock = TurnLock(database, _CHANGING_VECTORS) if settings.database.url else None
    return open_vector_indexes(settings.vectors, settings.storage.data_dir, environment, IntegerProducts(), lock)


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
    if not settings.database.url and not (folder / DATABASE_FILE).exists():
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
