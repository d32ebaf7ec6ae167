"""What a store in memory keeps, and multipart uploads and appending over it."""

import secrets
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from oss_faces.errors import EntityTooLarge, FileAlreadyExists, InvalidArgument, NoSuchBucket, NoSuchUpload
from oss_faces.storage.assembling import appended, check_appendable, choose_parts, fingerprint_of_parts
from oss_faces.storage.base import Clock
from oss_faces.storage.naming import check_headers, key_bytes
from oss_faces.storage.receiving import (
    Announced,
    Fingerprint,
    Fingerprinter,
    blocks,
    check_announced,
    check_received,
    describe,
)
from oss_faces.storage.settings import StorageLimits
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
from oss_faces.storage.uploads_listing import upload_page
from oss_faces.values import PART_NUMBER_MAX, BucketMeta, ObjectMeta, ObjectType, Part, Upload

_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Stored:
    """An object and its bytes."""

    meta: ObjectMeta
    content: bytes


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part and its bytes."""

    part: Part
    content: bytes


@dataclass(slots=True)
class StoredUpload:
    """An upload with the parts that have come so far, by number."""

    upload: Upload
    spec: UploadSpec
    parts: dict[int, StoredPart] = field(default_factory=dict)


@dataclass(slots=True)
class MemoryBucket:
    """A bucket: its objects by key, its uploads by id."""

    meta: BucketMeta
    objects: dict[bytes, Stored] = field(default_factory=dict)
    uploads: dict[str, StoredUpload] = field(default_factory=dict)


class MemoryUploads:
    """The part of a `MemoryStore` that is its `MultipartUploads` and its `ObjectAppender`."""

    def __init__(self, limits: StorageLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._buckets: dict[str, MemoryBucket] = {}

    async def begin_upload(self, bucket: str, key: str, spec: UploadSpec) -> Upload:
        """See `MultipartUploads`."""
        encoded = key_bytes(key)
        check_headers(spec.headers, self._limits.metadata_bytes_max)
        await self.expire_uploads()
        self._check_free(bucket, encoded, forbid_overwrite=spec.forbid_overwrite)
        if sum(len(held.uploads) for held in self._buckets.values()) >= self._limits.uploads_max:
            raise InvalidArgument("Too many multipart uploads are under way. Complete or abort some first.")
        upload = Upload(key, secrets.token_hex(_ID_BYTES).upper(), self._clock().replace(microsecond=0))
        self._bucket(bucket).uploads[upload.upload_id] = StoredUpload(upload, spec)
        return upload

    async def put_part(
        self, bucket: str, key: str, upload_id: str, number: int, body: AsyncIterator[bytes], spec: BodySpec
    ) -> Part:
        """See `MultipartUploads`."""
        assert 1 <= number <= PART_NUMBER_MAX, "the caller has checked the number"
        check_announced(spec, self._limits.object_bytes_max)
        self._upload(bucket, key, upload_id)
        content, found = await self._receive(body, spec, self._limits.object_bytes_max)
        now = self._clock().replace(microsecond=0)
        part = Part(number, found.size_bytes, found.etag, found.crc64, now)
        # The body may have come slowly: the upload may have ended by now.
        parts = self._upload(bucket, key, upload_id).parts
        replaced = parts[number].part.size_bytes if number in parts else 0
        if self._unfinished_bytes() - replaced + part.size_bytes > self._limits.unfinished_bytes_max:
            raise EntityTooLarge("The parts of unfinished uploads would take more space than they may.")
        parts[number] = StoredPart(part, content)
        return part

    async def complete_upload(self, bucket: str, key: str, upload_id: str, spec: CompleteSpec) -> ObjectMeta:
        """See `MultipartUploads`."""
        upload = self._upload(bucket, key, upload_id)
        encoded = key_bytes(key)
        self._check_free(bucket, encoded, forbid_overwrite=spec.forbid_overwrite)
        uploaded = {number: stored.part for number, stored in upload.parts.items()}
        limits = self._limits
        parts = choose_parts(uploaded, spec.parts, limits.part_bytes_min, limits.multipart_bytes_max)
        meta = describe(key, fingerprint_of_parts(parts), upload.spec, self._clock(), ObjectType.MULTIPART)
        if spec.acl is not None:
            meta = replace(meta, acl=spec.acl)
        content = b"".join(upload.parts[part.number].content for part in parts)
        held = self._bucket(bucket)
        held.objects[encoded] = Stored(meta, content)
        del held.uploads[upload_id]
        return meta

    async def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """See `MultipartUploads`."""
        self._upload(bucket, key, upload_id)
        del self._bucket(bucket).uploads[upload_id]

    async def list_parts(self, bucket: str, key: str, upload_id: str, query: PartQuery) -> PartPage:
        """See `MultipartUploads`."""
        parts = self._upload(bucket, key, upload_id).parts
        found = [parts[number].part for number in sorted(parts) if number > query.marker]
        shown = tuple(found[: query.max_parts])
        return PartPage(shown, shown[-1].number if len(found) > query.max_parts else 0)

    async def list_uploads(self, bucket: str, query: UploadQuery) -> UploadPage:
        """See `MultipartUploads`."""
        return upload_page([stored.upload for stored in self._bucket(bucket).uploads.values()], query)

    async def expire_uploads(self) -> int:
        """See `MultipartUploads`."""
        oldest = (self._clock() - timedelta(days=self._limits.upload_days_max)).replace(microsecond=0)
        count = 0
        for held in self._buckets.values():
            expired = [name for name, stored in held.uploads.items() if stored.upload.started < oldest]
            for upload_id in expired:
                del held.uploads[upload_id]
            count += len(expired)
        return count

    async def append(
        self, bucket: str, key: str, position: int, body: AsyncIterator[bytes], spec: AppendSpec
    ) -> ObjectMeta:
        """See `ObjectAppender`."""
        encoded = key_bytes(key)
        check_headers(spec.headers, self._limits.metadata_bytes_max)
        self._check_position(bucket, encoded, position)
        size_bytes_max = max(self._limits.object_bytes_max - position, 0)
        check_announced(spec, size_bytes_max)
        content, piece = await self._receive(body, spec, size_bytes_max)
        # The body may have come slowly: another piece may have been first.
        before = self._check_position(bucket, encoded, position)
        if before is None:
            meta = describe(key, piece, spec, self._clock(), ObjectType.APPENDABLE)
            after = Stored(meta, content)
        else:
            after = Stored(appended(before.meta, piece, self._clock()), before.content + content)
        self._bucket(bucket).objects[encoded] = after
        return after.meta

    async def _receive(
        self, body: AsyncIterator[bytes], spec: Announced, size_bytes_max: int
    ) -> tuple[bytes, Fingerprint]:
        fingerprinter = Fingerprinter()
        content = bytearray()
        async with aclosing(blocks(body, spec, size_bytes_max, self._limits.chunk_bytes)) as received:
            async for block in received:
                fingerprinter.add(block)
                content += block
        check_received(fingerprinter.result(), spec)
        return bytes(content), fingerprinter.result()

    def _bucket(self, name: str) -> MemoryBucket:
        try:
            return self._buckets[name]
        except KeyError as exc:
            raise NoSuchBucket(details={"BucketName": name}) from exc

    def _upload(self, bucket: str, key: str, upload_id: str) -> StoredUpload:
        encoded = key_bytes(key)
        stored = self._bucket(bucket).uploads.get(upload_id)
        if stored is None or key_bytes(stored.upload.key) != encoded:
            raise NoSuchUpload(details={"UploadId": upload_id})
        return stored

    def _unfinished_bytes(self) -> int:
        uploads = (stored for held in self._buckets.values() for stored in held.uploads.values())
        return sum(stored.part.size_bytes for upload in uploads for stored in upload.parts.values())

    def _check_free(self, bucket: str, encoded: bytes, *, forbid_overwrite: bool) -> None:
        if encoded in self._bucket(bucket).objects and forbid_overwrite:
            raise FileAlreadyExists

    def _check_position(self, bucket: str, encoded: bytes, position: int) -> Stored | None:
        before = self._bucket(bucket).objects.get(encoded)
        check_appendable(None if before is None else before.meta, position)
        return before
