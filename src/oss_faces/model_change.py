"""What it takes to bring datasets to another recognition network, while a server may use the data folder."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing

from oss_faces.app import build_embedder, build_pipeline, build_vectors, open_faces, open_readable, open_state
from oss_faces.config import Settings
from oss_faces.operations import ReEmbedder
from oss_faces.stages import PictureEditor, Stages
from oss_faces.storage import ReadableStore
from oss_faces.values import ObjectMeta
from oss_faces.workers import ThreadCrew, Workers


class StoredPictures:
    """Reads pictures of every bucket; each mounted one, and the data folder's own, is opened when it is asked for."""

    def __init__(self, settings: Settings, environment: Mapping[str, str], stack: AsyncExitStack) -> None:
        self._settings = settings
        self._environment = environment
        self._stack = stack
        self._opened: dict[str, ReadableStore] = {}

    async def read(self, bucket: str, key: str, size_bytes_max: int) -> tuple[ObjectMeta, bytes]:
        """See `ObjectReader.read`.

        Raises:
            ConfigurationError: nothing is stored yet, or the keys of a mounted bucket are not there.
        """
        name = bucket if bucket in self._settings.mounts.buckets else ""
        store = self._opened.get(name)
        if store is None:
            store = await open_readable(self._settings, self._environment, bucket)
            self._stack.push_async_callback(store.aclose)
            self._opened[name] = store
        return await store.read(bucket, key, size_bytes_max)


@asynccontextmanager
async def open_re_embedder(settings: Settings, environment: Mapping[str, str]) -> AsyncIterator[ReEmbedder]:
    """Open everything, and close it in the end.

    Raises:
        ModelUnavailable, ConfigurationError, StorageUnavailable: before anything is done.
    """
    embedder = build_embedder(settings)
    async with AsyncExitStack() as stack:
        database = stack.enter_context(closing(open_state(settings)))
        people = stack.enter_context(open_faces(settings, database, build_vectors(settings, environment, database)))
        stages = Stages(build_pipeline(settings), embedder, PictureEditor(settings.decoding, settings.imaging))
        workers = Workers(settings.workers, ThreadCrew(settings.workers.size, stages))
        stack.push_async_callback(workers.aclose)
        pictures = StoredPictures(settings, environment, stack)
        yield ReEmbedder(pictures, embedder, workers, settings.decoding.size_bytes_max, people)
