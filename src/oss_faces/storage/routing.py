"""One store made of several: each mounted bucket has its own, every other bucket is in the server's own store.

Which buckets are mounted is fixed by the settings. Over the wire they can be neither made nor deleted, nor can their
ACL be changed, and only a writable one takes objects.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol

from oss_faces.errors import BucketIsMounted, ConfigurationError, NoSuchBucket, NotImplementedOnServer
from oss_faces.storage.base import (
    BucketPage,
    CopySpec,
    ListPage,
    ListQuery,
    ObjectLister,
    ObjectReader,
    ObjectStore,
    ObjectWriter,
    OpenObject,
    PutSpec,
)
from oss_faces.storage.copying import copy_object
from oss_faces.storage.uploads import (
    AppendSpec,
    BodySpec,
    CompleteSpec,
    MultipartUploads,
    ObjectAppender,
    PartPage,
    PartQuery,
    UploadPage,
    UploadQuery,
    UploadSpec,
)
from oss_faces.values import LIST_ENTRIES_MAX, Acl, Address, BucketMeta, ObjectMeta, Part, Upload


class WholeStore(ObjectStore, MultipartUploads, ObjectAppender, Protocol):
    """A store of our own: everything that the wire can ask for."""


class MountedStore(ObjectReader, ObjectLister, ObjectWriter, Protocol):
    """The objects of one bucket, wherever they are. It need not look at the name of the bucket."""

    async def aclose(self) -> None:
        """Let go of all resources. No other call may be under way or follow."""
        ...


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted bucket and the store behind it."""

    meta: BucketMeta
    store: MountedStore
    is_writable: bool


class RoutedStore:
    """A `WholeStore` that sends each bucket to the store that has it. Made by `route`.

    A mounted bucket takes objects in one piece: uploads in parts and appending are refused there.
    """

    def __init__(self, own: WholeStore, mounts: Mapping[str, Mount]) -> None:
        self._own = own
        self._mounts = mounts

    # --- buckets -------------------------------------------------------------------------------------------

    async def create_bucket(self, name: str, owner: str, acl: Acl | None = None) -> BucketMeta:
        """See `Buckets`. A mounted bucket is there already; programs that make sure of it go on.

        Raises:
            BucketIsMounted: another ACL is asked for.
        """
        mount = self._mounts.get(name)
        if mount is None:
            return await self._own.create_bucket(name, owner, acl)
        if acl not in (None, mount.meta.acl):
            raise BucketIsMounted
        return mount.meta

    async def get_bucket(self, name: str) -> BucketMeta:
        """See `Buckets`."""
        mount = self._mounts.get(name)
        return mount.meta if mount else await self._own.get_bucket(name)

    async def list_buckets(self, prefix: str = "", marker: str = "", limit: int = LIST_ENTRIES_MAX) -> BucketPage:
        """See `Buckets`."""
        own = await self._own.list_buckets(prefix, marker, limit)
        mounted = [m.meta for name, m in self._mounts.items() if name.startswith(prefix) and name > marker]
        if own.is_truncated:
            # What lies behind the last one of ours has its place on a later page.
            mounted = [meta for meta in mounted if meta.name <= own.next_marker]
        both = sorted((*own.buckets, *mounted), key=lambda meta: meta.name)
        shown = tuple(both[:limit])
        return BucketPage(shown, shown[-1].name if own.is_truncated or len(both) > limit else "")

    async def set_bucket_acl(self, name: str, acl: Acl) -> None:
        """See `Buckets`. Raises BucketIsMounted."""
        self._require_own(name)
        await self._own.set_bucket_acl(name, acl)

    async def delete_bucket(self, name: str) -> None:
        """See `Buckets`. Raises BucketIsMounted."""
        self._require_own(name)
        await self._own.delete_bucket(name)

    # --- reading -------------------------------------------------------------------------------------------

    async def head(self, bucket: str, key: str) -> ObjectMeta:
        """See `ObjectReader`."""
        return await self._store(bucket).head(bucket, key)

    async def open(self, bucket: str, key: str) -> OpenObject:
        """See `ObjectReader`."""
        return await self._store(bucket).open(bucket, key)

    async def read(self, bucket: str, key: str, size_bytes_max: int) -> tuple[ObjectMeta, bytes]:
        """See `ObjectReader`."""
        return await self._store(bucket).read(bucket, key, size_bytes_max)

    async def list(self, bucket: str, query: ListQuery) -> ListPage:
        """See `ObjectLister`."""
        return await self._store(bucket).list(bucket, query)

    # --- writing; each may raise BucketIsMounted --------------------------------------------------------------

    async def put(self, bucket: str, key: str, body: AsyncIterator[bytes], spec: PutSpec) -> ObjectMeta:
        """See `ObjectWriter`."""
        return await self._writable(bucket).put(bucket, key, body, spec)

    async def copy(self, source: Address, target: Address, spec: CopySpec) -> ObjectMeta:
        """See `ObjectWriter`."""
        source_store, target_store = self._store(source.bucket), self._writable(target.bucket)
        if source_store is target_store:
            return await target_store.copy(source, target, spec)
        return await copy_object(source_store, source, target_store, target, spec)

    async def set_object_acl(self, bucket: str, key: str, acl: Acl) -> None:
        """See `ObjectWriter`."""
        await self._writable(bucket).set_object_acl(bucket, key, acl)

    async def delete(self, bucket: str, key: str) -> None:
        """See `ObjectWriter`."""
        await self._writable(bucket).delete(bucket, key)

    async def delete_many(self, bucket: str, keys: Sequence[str]) -> None:
        """See `ObjectWriter`."""
        await self._writable(bucket).delete_many(bucket, keys)

    # --- uploads and appending; each may raise BucketIsMounted or NotImplementedOnServer ---------------------

    async def begin_upload(self, bucket: str, key: str, spec: UploadSpec) -> Upload:
        """See `MultipartUploads`."""
        return await self._in_pieces(bucket).begin_upload(bucket, key, spec)

    async def put_part(
        self, bucket: str, key: str, upload_id: str, number: int, body: AsyncIterator[bytes], spec: BodySpec
    ) -> Part:
        """See `MultipartUploads`."""
        return await self._in_pieces(bucket).put_part(bucket, key, upload_id, number, body, spec)

    async def complete_upload(self, bucket: str, key: str, upload_id: str, spec: CompleteSpec) -> ObjectMeta:
        """See `MultipartUploads`."""
        return await self._in_pieces(bucket).complete_upload(bucket, key, upload_id, spec)

    async def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """See `MultipartUploads`."""
        await self._in_pieces(bucket).abort_upload(bucket, key, upload_id)

    async def list_parts(self, bucket: str, key: str, upload_id: str, query: PartQuery) -> PartPage:
        """See `MultipartUploads`."""
        return await self._in_pieces(bucket).list_parts(bucket, key, upload_id, query)

    async def list_uploads(self, bucket: str, query: UploadQuery) -> UploadPage:
        """See `MultipartUploads`. None can be under way in a mounted bucket."""
        if bucket in self._mounts:
            return UploadPage((), ())
        return await self._own.list_uploads(bucket, query)

    async def expire_uploads(self) -> int:
        """See `MultipartUploads`."""
        return await self._own.expire_uploads()

    async def append(
        self, bucket: str, key: str, position: int, body: AsyncIterator[bytes], spec: AppendSpec
    ) -> ObjectMeta:
        """See `ObjectAppender`."""
        return await self._in_pieces(bucket).append(bucket, key, position, body, spec)

    async def aclose(self) -> None:
        """See `ObjectStore`. Closes the own store and all mounted ones."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._own.aclose)
            for mount in self._mounts.values():
                stack.push_async_callback(mount.store.aclose)

    # ---------------------------------------------------------------------------------------------------------

    def _store(self, bucket: str) -> ObjectStore | MountedStore:
        mount = self._mounts.get(bucket)
        return self._own if mount is None else mount.store

    def _writable(self, bucket: str) -> ObjectStore | MountedStore:
        mount = self._mounts.get(bucket)
        if mount is None:
            return self._own
        if not mount.is_writable:
            raise BucketIsMounted("This bucket is mounted read-only.", details={"BucketName": bucket})
        return mount.store

    def _in_pieces(self, bucket: str) -> WholeStore:
        if self._writable(bucket) is not self._own:
            raise NotImplementedOnServer("A mounted bucket takes objects in one piece: no parts, no appending.")
        return self._own

    def _require_own(self, bucket: str) -> None:
        if bucket in self._mounts:
            raise BucketIsMounted(details={"BucketName": bucket})


async def route(own: WholeStore, mounts: Mapping[str, Mount]) -> WholeStore:
    """Put the mounted buckets beside those of the server's own store, which is returned as it is when there are none.

    Raises:
        ConfigurationError: a mounted bucket has the name of one in the own store, which could then not be reached.
    """
    for name in mounts:
        try:
            await own.get_bucket(name)
        except NoSuchBucket:
            continue
        raise ConfigurationError(f"mounts.buckets.{name}: the data folder holds a bucket of this name already")
    return RoutedStore(own, mounts) if mounts else own
