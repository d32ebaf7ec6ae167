"""A store that lives in memory: for tests and throw-away servers. It keeps every rule but surviving the process."""

import bisect
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from oss_faces.errors import (
    BucketAlreadyExists,
    BucketNotEmpty,
    InvalidRange,
    NoSuchKey,
    ObjectTooLarge,
    TooManyBuckets,
)
from oss_faces.storage.base import (
    BucketPage,
    ByteRange,
    CopySpec,
    ListPage,
    ListQuery,
    PutSpec,
)
from oss_faces.storage.copying import copy_object
from oss_faces.storage.listing import list_page
from oss_faces.storage.memory_uploads import MemoryBucket, MemoryUploads, Stored
from oss_faces.storage.naming import check_bucket_name, check_delete, check_headers, key_bytes
from oss_faces.storage.receiving import check_announced, describe
from oss_faces.values import LIST_ENTRIES_MAX, Acl, Address, BucketMeta, ObjectMeta


class MemoryObject:
    """An `OpenObject` over bytes, which nobody can change."""

    def __init__(self, stored: Stored, chunk_bytes: int) -> None:
        self._stored = stored
        self._chunk_bytes = chunk_bytes

    @property
    def meta(self) -> ObjectMeta:
        """See `OpenObject`."""
        return self._stored.meta

    async def chunks(self, byte_range: ByteRange | None = None) -> AsyncIterator[bytes]:
        """See `OpenObject`."""
        content = self._stored.content
        start, end = (0, len(content)) if byte_range is None else (byte_range.start, byte_range.end_exclusive)
        if byte_range is not None and start >= len(content):
            raise InvalidRange
        end = min(end, len(content))
        for place in range(start, end, self._chunk_bytes):
            yield content[place : min(place + self._chunk_bytes, end)]

    async def aclose(self) -> None:
        """See `OpenObject`."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class MemoryStore(MemoryUploads):
    """An `ObjectStore` in memory, with uploads and appending, for one event loop."""

    async def create_bucket(self, name: str, owner: str, acl: Acl | None = None) -> BucketMeta:
        """See `Buckets`."""
        check_bucket_name(name)
        bucket = self._buckets.get(name)
        if bucket is None:
            if len(self._buckets) >= self._limits.buckets_max:
                raise TooManyBuckets
            meta = BucketMeta(name, acl or Acl.PRIVATE, self._clock().replace(microsecond=0), owner)
            self._buckets[name] = bucket = MemoryBucket(meta)
        elif bucket.meta.owner != owner:
            raise BucketAlreadyExists
        elif acl is not None:
            bucket.meta = replace(bucket.meta, acl=acl)
        return bucket.meta

    async def get_bucket(self, name: str) -> BucketMeta:
        """See `Buckets`."""
        return self._bucket(name).meta

    async def list_buckets(self, prefix: str = "", marker: str = "", limit: int = LIST_ENTRIES_MAX) -> BucketPage:
        """See `Buckets`."""
        found = sorted(name for name in self._buckets if name.startswith(prefix) and name > marker)
        shown = tuple(self._buckets[name].meta for name in found[:limit])
        return BucketPage(shown, shown[-1].name if len(found) > limit else "")

    async def set_bucket_acl(self, name: str, acl: Acl) -> None:
        """See `Buckets`."""
        bucket = self._bucket(name)
        bucket.meta = replace(bucket.meta, acl=acl)

    async def delete_bucket(self, name: str) -> None:
        """See `Buckets`."""
        bucket = self._bucket(name)
        if bucket.objects:
            raise BucketNotEmpty
        if bucket.uploads:
            raise BucketNotEmpty("The bucket has multipart uploads. Please complete or abort them first.")
        del self._buckets[name]

    async def head(self, bucket: str, key: str) -> ObjectMeta:
        """See `ObjectReader`."""
        return self._stored(bucket, key).meta

    async def open(self, bucket: str, key: str) -> MemoryObject:
        """See `ObjectReader`."""
        return MemoryObject(self._stored(bucket, key), self._limits.chunk_bytes)

    async def read(self, bucket: str, key: str, size_bytes_max: int) -> tuple[ObjectMeta, bytes]:
        """See `ObjectReader`."""
        stored = self._stored(bucket, key)
        if stored.meta.size_bytes > size_bytes_max:
            raise ObjectTooLarge(context={"size_bytes": stored.meta.size_bytes})
        return stored.meta, stored.content

    async def list(self, bucket: str, query: ListQuery) -> ListPage:
        """See `ObjectLister`."""
        objects = self._bucket(bucket).objects
        keys = sorted(objects)

        def scan(lower: bytes, upper: bytes | None, limit: int) -> list[tuple[bytes, ObjectMeta]]:
            first = bisect.bisect_left(keys, lower)
            last = len(keys) if upper is None else bisect.bisect_left(keys, upper)
            return [(key, objects[key].meta) for key in keys[first : min(last, first + limit)]]

        return list_page(query, scan)

    async def put(self, bucket: str, key: str, body: AsyncIterator[bytes], spec: PutSpec) -> ObjectMeta:
        """See `ObjectWriter`."""
        encoded = key_bytes(key)
        check_headers(spec.headers, self._limits.metadata_bytes_max)
        check_announced(spec, self._limits.object_bytes_max)
        self._check_free(bucket, encoded, forbid_overwrite=spec.forbid_overwrite)
        content, fingerprint = await self._receive(body, spec, self._limits.object_bytes_max)
        # The body may have come slowly: the bucket may be gone, or the key taken, by now.
        self._check_free(bucket, encoded, forbid_overwrite=spec.forbid_overwrite)
        meta = describe(key, fingerprint, spec, self._clock())
        self._bucket(bucket).objects[encoded] = Stored(meta, content)
        return meta

    async def copy(self, source: Address, target: Address, spec: CopySpec) -> ObjectMeta:
        """See `ObjectWriter`."""
        return await copy_object(self, source, self, target, spec)

    async def set_object_acl(self, bucket: str, key: str, acl: Acl) -> None:
        """See `ObjectWriter`."""
        stored = self._stored(bucket, key)
        self._bucket(bucket).objects[key_bytes(key)] = replace(stored, meta=replace(stored.meta, acl=acl))

    async def delete(self, bucket: str, key: str) -> None:
        """See `ObjectWriter`."""
        await self.delete_many(bucket, [key])

    async def delete_many(self, bucket: str, keys: Sequence[str]) -> None:
        """See `ObjectWriter`."""
        encoded = check_delete(keys)
        objects = self._bucket(bucket).objects
        for key in encoded:
            objects.pop(key, None)

    async def aclose(self) -> None:
        """See `ObjectStore`."""

    def _stored(self, bucket: str, key: str) -> Stored:
        encoded = key_bytes(key)
        try:
            return self._bucket(bucket).objects[encoded]
        except KeyError as exc:
            raise NoSuchKey(details={"Key": key}) from exc
