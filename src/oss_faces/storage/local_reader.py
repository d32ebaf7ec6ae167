"""The reading side of the embedded store. It changes nothing, so that another process may read beside the server."""

import sqlite3
from typing import Final

from anyio import to_thread

from oss_faces.errors import ConfigurationError, NoSuchKey, ObjectTooLarge, StorageUnavailable
from oss_faces.storage.base import ListPage, ListQuery
from oss_faces.storage.connections import Connections
from oss_faces.storage.content import ContentFolder
from oss_faces.storage.files import ContentFiles
from oss_faces.storage.local_object import ContentReader, LocalObject
from oss_faces.storage.records import Records
from oss_faces.storage.rows import Record
from oss_faces.storage.schema import require_newest
from oss_faces.storage.settings import StorageSettings
from oss_faces.values import ObjectMeta

DATABASE: Final = "objects.sqlite3"

# A reader that loses its content to an overwrite looks again; so many in a row mean that something is wrong.
_OPEN_ATTEMPTS_MAX: Final = 16


class LocalReader:
    """An `ObjectReader` and `ObjectLister` over the files of an embedded store."""

    def __init__(self, settings: StorageSettings, records: Records, files: ContentFiles) -> None:
        self._settings = settings
        self._records = records
        self._files = files
        self._reads = files.reads

    async def head(self, bucket: str, key: str) -> ObjectMeta:
        """See `ObjectReader`."""
        record = await self._reads.run(self._records.find, bucket, key)
        return record.meta

    async def open(self, bucket: str, key: str) -> LocalObject:
        """See `ObjectReader`."""
        meta, content = await self._reads.run(self._open, bucket, key)
        return LocalObject(meta, content, self._reads, self._settings.chunk_bytes)

    async def read(self, bucket: str, key: str, size_bytes_max: int) -> tuple[ObjectMeta, bytes]:
        """See `ObjectReader`."""
        return await self._reads.run(self._read, bucket, key, size_bytes_max)

    async def list(self, bucket: str, query: ListQuery) -> ListPage:
        """See `ObjectLister`."""
        return await self._reads.run(self._records.list, bucket, query)

    async def aclose(self) -> None:
        """Let go of the database."""
        await self._reads.run(self._records.close)

    # --- in threads ----------------------------------------------------------------------------------------

    def _open(self, bucket: str, key: str) -> tuple[ObjectMeta, ContentReader]:
        missing = ""
        for _ in range(_OPEN_ATTEMPTS_MAX):
            record = self._records.find(bucket, key)
            if record.content_id == missing:
                break
            try:
                content = self._files.open(record)
            except FileNotFoundError:
                # Overwritten or deleted between the two steps: look again.
                missing = record.content_id
                continue
            if not record.pieces or self._stands(bucket, key, record):
                return record.meta, content
            content.close()
        raise StorageUnavailable(context={"reason": "the content file is missing", "content_id": missing})

    def _stands(self, bucket: str, key: str, record: Record) -> bool:
        """Tell whether this is still the object, so that its pieces were pinned before anybody removed them."""
        found = self._find(bucket, key)
        return found is not None and found.content_id == record.content_id

    def _read(self, bucket: str, key: str, size_bytes_max: int) -> tuple[ObjectMeta, bytes]:
        meta, content = self._open(bucket, key)
        try:
            if meta.size_bytes > size_bytes_max:
                raise ObjectTooLarge(context={"size_bytes": meta.size_bytes})
            return meta, _read_all(content, meta.size_bytes)
        finally:
            content.close()

    def _find(self, bucket: str, key: str) -> Record | None:
        try:
            return self._records.find(bucket, key)
        except NoSuchKey:
            return None


async def open_local_reader(settings: StorageSettings) -> LocalReader:
    """Open the store in `settings.data_dir` for reading, also while a server uses it; close it with `aclose`.

    An object that the server replaces or removes is read as it was, or not at all.

    Raises:
        ConfigurationError: no server has used the folder yet, or only another version of this program has.
    """
    settings.validate()
    path = settings.data_dir / DATABASE
    if not path.exists():
        raise ConfigurationError(f"nothing is stored yet: no {DATABASE} in the data folder {settings.data_dir}")
    try:
        records = await to_thread.run_sync(_open_records, settings)
    except sqlite3.DatabaseError as exc:
        raise ConfigurationError(f"cannot read {path}: {exc}") from exc
    return LocalReader(settings, records, ContentFiles(settings, ContentFolder(settings.data_dir)))


def _open_records(settings: StorageSettings) -> Records:
    connections = Connections(settings.data_dir / DATABASE, settings.reads_max, settings.busy_timeout_s)
    try:
        require_newest(connections)
    except BaseException:
        connections.close()
        raise
    return Records(connections)


def _read_all(content: ContentReader, size_bytes: int) -> bytes:
    blocks: list[bytes] = []
    place = 0
    while place < size_bytes:
        block = content.read(place, size_bytes - place)
        if not block:
            raise StorageUnavailable(context={"reason": "the content file is too short"})
        blocks.append(block)
        place += len(block)
    return b"".join(blocks)
