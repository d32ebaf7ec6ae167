"""The embedded store: names and metadata in SQLite, contents as files beside it, in one folder of its own.

    objects.sqlite3    names and metadata (schema.py)
    content/           complete contents (content.py)
    incoming/          contents being written
    store.lock         held by the one process that uses the folder

Order of a write: content to a file, file to the disk, record committed to the disk, replaced content removed. The
record is the moment of truth; a crash before it leaves an orphaned file, one after it a replaced file, and the sweep
at the next start removes both.
"""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from io import FileIO
from typing import Final

from anyio import CancelScope

from oss_faces.storage.base import (
    BucketPage,
    Clock,
    CopySpec,
    PutSpec,
)
from oss_faces.storage.content import StagedContent
from oss_faces.storage.copying import copy_object
from oss_faces.storage.files import ContentFiles
from oss_faces.storage.local_uploads import LocalUploads
from oss_faces.storage.naming import check_bucket_name, check_delete, check_headers, key_bytes
from oss_faces.storage.receiving import check_announced, describe
from oss_faces.storage.records import Records
from oss_faces.storage.rows import Record
from oss_faces.storage.settings import StorageSettings
from oss_faces.storage.upload_records import UploadRecords
from oss_faces.values import LIST_ENTRIES_MAX, Acl, Address, BucketMeta, ObjectMeta

# Longest wait, at the end, for threads whose tasks were cancelled.
_DRAIN_S_MAX: Final = 30.0


class LocalStore(LocalUploads):
    """An `ObjectStore` in a folder, with uploads and appending. `open_local_store` prepares the folder and makes it."""

    def __init__(
        self,
        settings: StorageSettings,
        clock: Clock,
        records: Records,
        uploads: UploadRecords,
        files: ContentFiles,
        lock: FileIO,
    ) -> None:
        super().__init__(settings, clock, records, uploads, files)
        self._lock = lock
        self._has_drained = True

    async def create_bucket(self, name: str, owner: str, acl: Acl | None = None) -> BucketMeta:
        """See `Buckets`."""
        check_bucket_name(name)
        bucket = BucketMeta(name, acl or Acl.PRIVATE, self._clock().replace(microsecond=0), owner)
        return await self._writes.run(self._records.create_bucket, bucket, acl, self._settings.buckets_max)

    async def get_bucket(self, name: str) -> BucketMeta:
        """See `Buckets`."""
        return await self._reads.run(self._records.get_bucket, name)

    async def list_buckets(self, prefix: str = "", marker: str = "", limit: int = LIST_ENTRIES_MAX) -> BucketPage:
        """See `Buckets`."""
        return await self._reads.run(self._records.list_buckets, prefix, marker, limit)

    async def set_bucket_acl(self, name: str, acl: Acl) -> None:
        """See `Buckets`."""
        await self._writes.run(self._records.set_bucket_acl, name, acl)

    async def delete_bucket(self, name: str) -> None:
        """See `Buckets`."""
        await self._writes.run(self._records.delete_bucket, name)

    async def put(self, bucket: str, key: str, body: AsyncIterator[bytes], spec: PutSpec) -> ObjectMeta:
        """See `ObjectWriter`."""
        limits = self._settings
        key_bytes(key)
        check_headers(spec.headers, limits.metadata_bytes_max)
        check_announced(spec, limits.object_bytes_max)
        await self._reads.run(self._check_place, bucket, key, spec)
        keep = partial(self._publish, bucket, key, spec)
        return await self._files.receive(body, spec, limits.object_bytes_max, keep)

    async def copy(self, source: Address, target: Address, spec: CopySpec) -> ObjectMeta:
        """See `ObjectWriter`."""
        return await copy_object(self, source, self, target, spec)

    async def set_object_acl(self, bucket: str, key: str, acl: Acl) -> None:
        """See `ObjectWriter`."""
        await self._writes.run(self._records.set_object_acl, bucket, key, acl)

    async def delete(self, bucket: str, key: str) -> None:
        """See `ObjectWriter`."""
        await self._writes.run(self._delete, bucket, [key_bytes(key)])

    async def delete_many(self, bucket: str, keys: Sequence[str]) -> None:
        """See `ObjectWriter`."""
        await self._writes.run(self._delete, bucket, check_delete(keys))

    async def aclose(self) -> None:
        """See `ObjectStore`."""
        with CancelScope(shield=True):
            has_written = await self._writes.drain(_DRAIN_S_MAX)
            has_read = await self._reads.drain(_DRAIN_S_MAX)
            self._has_drained = has_written and has_read
            await self._writes.run(self._close)

    # --- in threads ----------------------------------------------------------------------------------------

    def _check_place(self, bucket: str, key: str, spec: PutSpec) -> None:
        self._records.check_place(bucket, key, forbid_overwrite=spec.forbid_overwrite)

    def _publish(self, bucket: str, key: str, spec: PutSpec, staged: StagedContent) -> ObjectMeta:
        meta = describe(key, staged.fingerprint, spec, self._clock())
        record = Record(meta, staged.content_id)
        place = partial(self._records.place, bucket, record, forbid_overwrite=spec.forbid_overwrite)
        self._files.remove(staged.keep(place))
        return meta

    def _delete(self, bucket: str, keys: Sequence[bytes]) -> None:
        self._files.remove(self._records.remove(bucket, keys))

    def _close(self) -> None:
        if self._lock.closed:
            return
        try:
            self._records.set_clean(is_clean=self._has_drained and not self._files.has_orphans)
        finally:
            # Without the mark the next start looks for orphans, and that is all.
            self._records.close()
            self._lock.close()
