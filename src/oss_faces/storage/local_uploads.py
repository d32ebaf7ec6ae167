"""Multipart uploads and appending in the embedded store.

A part is a content like any other. Completing an upload moves no byte: the object's record names the contents of its
parts. Appending writes to the end of the object's one content, behind what any record speaks of, and then makes the
record longer; a crash in between leaves bytes that nobody reads and that the next append cuts off.
"""

import secrets
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Final

from oss_faces.errors import StorageUnavailable
from oss_faces.storage.assembling import check_appendable
from oss_faces.storage.base import Clock
from oss_faces.storage.content import StagedContent
from oss_faces.storage.files import ContentFiles
from oss_faces.storage.local_reader import LocalReader
from oss_faces.storage.naming import check_headers, key_bytes
from oss_faces.storage.receiving import check_announced, describe
from oss_faces.storage.records import Records
from oss_faces.storage.rows import Record
from oss_faces.storage.settings import StorageSettings
from oss_faces.storage.upload_records import UploadRecords
from oss_faces.storage.uploads import (
    AppendSpec,
    BodySpec,
    CompleteSpec,
    PartPage,
    PartQuery,
    UploadPage,
    UploadQuery,
    UploadSpec,
)
from oss_faces.values import PART_NUMBER_MAX, ObjectMeta, ObjectType, Part, Upload

_ID_BYTES: Final = 16
# One append at a time goes to an object; objects that share a lock wait for each other, and nothing more.
_LOCKS: Final = 64
# An appender that loses its object to a deletion looks again; so many in a row mean that something is wrong.
_ATTEMPTS_MAX: Final = 16


class LocalUploads(LocalReader):
    """The part of a `LocalStore` that is its `MultipartUploads` and its `ObjectAppender`."""

    def __init__(
        self, settings: StorageSettings, clock: Clock, records: Records, uploads: UploadRecords, files: ContentFiles
    ) -> None:
        super().__init__(settings, records, files)
        self._clock = clock
        self._uploads = uploads
        self._writes = files.writes
        self._locks = tuple(threading.Lock() for _ in range(_LOCKS))

    async def begin_upload(self, bucket: str, key: str, spec: UploadSpec) -> Upload:
        """See `MultipartUploads`."""
        key_bytes(key)
        check_headers(spec.headers, self._settings.metadata_bytes_max)
        await self.expire_uploads()
        upload = Upload(key, secrets.token_hex(_ID_BYTES).upper(), self._clock().replace(microsecond=0))
        await self._writes.run(self._uploads.begin, bucket, upload, spec)
        return upload

    async def put_part(
        self, bucket: str, key: str, upload_id: str, number: int, body: AsyncIterator[bytes], spec: BodySpec
    ) -> Part:
        """See `MultipartUploads`."""
        assert 1 <= number <= PART_NUMBER_MAX, "the caller has checked the number"
        size_bytes_max = self._settings.object_bytes_max
        check_announced(spec, size_bytes_max)
        await self._reads.run(self._uploads.check, bucket, key, upload_id)
        keep = partial(self._keep_part, bucket, key, upload_id, number)
        return await self._files.receive(body, spec, size_bytes_max, keep)

    async def complete_upload(self, bucket: str, key: str, upload_id: str, spec: CompleteSpec) -> ObjectMeta:
        """See `MultipartUploads`."""
        return await self._writes.run(self._complete, bucket, key, upload_id, spec)

    async def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """See `MultipartUploads`."""
        await self._writes.run(self._abort, bucket, key, upload_id)

    async def list_parts(self, bucket: str, key: str, upload_id: str, query: PartQuery) -> PartPage:
        """See `MultipartUploads`."""
        return await self._reads.run(self._uploads.list_parts, bucket, key, upload_id, query)

    async def list_uploads(self, bucket: str, query: UploadQuery) -> UploadPage:
        """See `MultipartUploads`."""
        return await self._reads.run(self._uploads.list_uploads, bucket, query)

    async def expire_uploads(self) -> int:
        """See `MultipartUploads`."""
        return await self._writes.run(self._expire)

    async def append(
        self, bucket: str, key: str, position: int, body: AsyncIterator[bytes], spec: AppendSpec
    ) -> ObjectMeta:
        """See `ObjectAppender`."""
        key_bytes(key)
        check_headers(spec.headers, self._settings.metadata_bytes_max)
        await self._reads.run(self._check_position, bucket, key, position)
        size_bytes_max = max(self._settings.object_bytes_max - position, 0)
        check_announced(spec, size_bytes_max)
        keep = partial(self._append, bucket, key, position, spec)
        return await self._files.receive(body, spec, size_bytes_max, keep)

    # --- in threads ----------------------------------------------------------------------------------------

    def _keep_part(self, bucket: str, key: str, upload_id: str, number: int, staged: StagedContent) -> Part:
        found = staged.fingerprint
        now = self._clock().replace(microsecond=0)
        part = Part(number, found.size_bytes, found.etag, found.crc64, now)
        record = partial(self._uploads.place_part, bucket, key, upload_id, part, staged.content_id)
        self._files.remove(staged.keep(record))
        return part

    def _complete(self, bucket: str, key: str, upload_id: str, spec: CompleteSpec) -> ObjectMeta:
        name = secrets.token_hex(_ID_BYTES)
        meta, unused = self._uploads.complete(bucket, key, upload_id, spec, name, self._clock())
        self._files.remove(unused)
        return meta

    def _abort(self, bucket: str, key: str, upload_id: str) -> None:
        self._files.remove(self._uploads.abort(bucket, key, upload_id))

    def _expire(self) -> int:
        age = timedelta(days=self._settings.upload_days_max)
        count, unused = self._uploads.expire(self._clock() - age)
        self._files.remove(unused)
        return count

    def _check_position(self, bucket: str, key: str, position: int) -> None:
        record = self._find(bucket, key)
        check_appendable(None if record is None else record.meta, position)

    def _append(self, bucket: str, key: str, position: int, spec: AppendSpec, staged: StagedContent) -> ObjectMeta:
        for _ in range(_ATTEMPTS_MAX):
            before = self._find(bucket, key)
            check_appendable(None if before is None else before.meta, position)
            if before is None:
                return self._begin_object(bucket, key, spec, staged)
            with self._locks[int(before.content_id, 16) % _LOCKS]:
                after = self._extend(bucket, before, staged)
            if after is not None:
                return after
        raise StorageUnavailable(context={"reason": "the object is replaced again and again"})

    def _begin_object(self, bucket: str, key: str, spec: AppendSpec, staged: StagedContent) -> ObjectMeta:
        meta = describe(key, staged.fingerprint, spec, self._clock(), ObjectType.APPENDABLE)
        staged.keep(partial(self._records.place_first, bucket, Record(meta, staged.content_id)))
        return meta

    def _extend(self, bucket: str, before: Record, staged: StagedContent) -> ObjectMeta | None:
        """Lengthen the content and then its record; None when the object is gone. Only under the object's lock."""
        # Another append may have ended while this one waited for the lock: its bytes must not be cut off.
        current = self._find(bucket, before.meta.key)
        if current is None or current.content_id != before.content_id:
            return None
        check_appendable(current.meta, before.meta.size_bytes)
        try:
            staged.add_to(before.content_id, before.meta.size_bytes)
        except FileNotFoundError:
            return None
        return self._records.extend(bucket, before, staged.fingerprint, self._clock())
