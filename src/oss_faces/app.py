"""Composition root: the only place where services are made and wired together."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from oss_faces.access import ROOT_KEY_FILE, Authenticator, KeyRing, RootKeyRing, Secret
from oss_faces.analysis import AttributeAnalyser
from oss_faces.config import ROOT_KEY_NAMES, Settings
from oss_faces.decoding import decode
from oss_faces.detection import CenterFaceDetector
from oss_faces.http import BucketRoutes, Edge, ObjectRoutes, handlers
from oss_faces.inference import CENTERFACE, OnnxSession, attributes_spec, prepare_centerface, read_model
from oss_faces.operations import Buckets, FaceFinder, Objects, Workers
from oss_faces.pipeline import FacePipeline
from oss_faces.rendering import Identity
from oss_faces.storage import LocalStore


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
    attributes = attributes_spec(settings.models)
    centerface = OnnxSession(prepare_centerface(read_model(CENTERFACE, settings.models)))
    return FacePipeline(
        partial(decode, settings=settings.decoding),
        CenterFaceDetector(centerface, settings.detection),
        AttributeAnalyser(OnnxSession(read_model(attributes, settings.models)), settings.analysis),
        (CENTERFACE.name_version, attributes.name_version),
    )


def build_keys(settings: Settings, environment: Mapping[str, str]) -> tuple[KeyRing, Path | None]:
    """Open the root key: from the environment, else from the data folder, where it is made once.

    Returns:
        The key ring, and the file that holds the key, or `None` when it came from the environment.
    """
    key_id, secret = (environment.get(name, "") for name in ROOT_KEY_NAMES)
    folder = settings.storage.data_dir
    ring = RootKeyRing.open(folder, key_id, Secret(secret) if secret else None)
    return ring, None if secret else folder / ROOT_KEY_FILE


def build_edge(settings: Settings, keys: KeyRing, endpoint: str, now: Callable[[], datetime] = utc_now) -> Edge:
    """Make everything behind one HTTP server.

    Args:
        endpoint: host and port that bucket descriptions show when none is configured.
    """
    pipeline = build_pipeline(settings)
    store = LocalStore(settings.storage, now)
    workers = Workers(settings.workers)
    identity = Identity(settings.server.region, settings.server.owner_id, settings.server.endpoint or endpoint)
    objects = Objects(store)
    faces = FaceFinder(store, pipeline, workers, settings.decoding.size_bytes_max)
    routes = handlers(
        BucketRoutes(Buckets(store, identity.owner_id), objects, identity),
        ObjectRoutes(objects, faces, identity, settings.rendering),
    )
    authenticator = Authenticator(keys, settings.addressing, settings.signing, now)

    async def close() -> None:
        workers.close()
        await store.aclose()

    return Edge(authenticator, routes, body_idle_s=settings.server.body_idle_s, on_shutdown=close)
