"""What can be done with objects, whatever the wire looks like."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from oss_faces.errors import InvalidRange, NoSuchKey
from oss_faces.grants import Permission
from oss_faces.operations import conditions, permission, reach
from oss_faces.request import CopyObject, DeleteObjects, ListObjects, ReadObject, WriteObject
from oss_faces.storage import ByteRange, CopySpec, ListPage, ListQuery, ObjectStore, OpenObject, PutSpec
from oss_faces.values import Acl, Address, ObjectMeta, Principal


@dataclass(frozen=True, slots=True)
class OpenedObject:
    """An object that is held open for sending, and the part of it that is wanted. Close `content` when done."""

    content: OpenObject
    byte_range: ByteRange | None

    @property
    def meta(self) -> ObjectMeta:
        """Describe the very version that is sent."""
        return self.content.meta

    @property
    def size_bytes(self) -> int:
        """Number of bytes that will be sent."""
        if self.byte_range is None:
            return self.meta.size_bytes
        return self.byte_range.end_exclusive - self.byte_range.start


@dataclass(frozen=True, slots=True)
class Objects:
    """The object operations over one store."""

    store: ObjectStore

    async def open(self, principal: Principal, want: ReadObject) -> OpenedObject:
        """Open an object for sending (GetObject).

        Raises:
            AccessDenied, NoSuchBucket, NoSuchKey, PreconditionFailed, NotModified.
            InvalidRange: only when the caller asked for strict ranges.
        """
        bucket = await self.store.get_bucket(want.address.bucket)
        content = await self._open(principal, want.address)
        try:
            permission.require_read(principal, bucket, content.meta)
            conditions.check(want.conditions, content.meta)
            return OpenedObject(content, _resolve(want, content.meta.size_bytes))
        except BaseException:
            await content.aclose()
            raise

    async def head(self, principal: Principal, want: ReadObject) -> ObjectMeta:
        """Describe an object (HeadObject, GetObjectMeta)."""
        bucket = await self.store.get_bucket(want.address.bucket)
        try:
            meta = await self.store.head(want.address.bucket, want.address.key)
        except NoSuchKey:
            permission.require_absence(principal, bucket, want.address.key)
            raise
        permission.require_read(principal, bucket, meta)
        conditions.check(want.conditions, meta)
        return meta

    async def put(self, principal: Principal, want: WriteObject, body: AsyncIterator[bytes]) -> ObjectMeta:
        """Store an object whole (PutObject)."""
        await reach.require_write(
            self.store, principal, Permission.PUT_OBJECT, want.address.bucket, (want.address.key,)
        )
        spec = PutSpec(
            headers=want.headers,
            acl=want.acl,
            content_md5=want.content_md5,
            size_bytes=want.size_bytes,
            forbid_overwrite=want.forbid_overwrite,
        )
        return await self.store.put(want.address.bucket, want.address.key, body, spec)

    async def copy(self, principal: Principal, want: CopyObject) -> ObjectMeta:
        """Copy an object (CopyObject)."""
        await reach.require_write(
            self.store, principal, Permission.PUT_OBJECT, want.address.bucket, (want.address.key,)
        )
        source = await reach.find_source(self.store, principal, want.source, want.conditions)
        spec = CopySpec(
            headers=want.headers,
            acl=want.acl,
            source_etag=source.etag,
            forbid_overwrite=want.forbid_overwrite,
        )
        return await self.store.copy(want.source, want.address, spec)

    async def delete(self, principal: Principal, address: Address) -> None:
        """Remove an object; one that is absent is removed already (DeleteObject)."""
        await reach.require_write(self.store, principal, Permission.DELETE_OBJECT, address.bucket, (address.key,))
        await self.store.delete(address.bucket, address.key)

    async def require_delete_many(self, principal: Principal, bucket: str) -> None:
        """Refuse strangers who may not delete here, before a body is read and understood.

        Raises:
            AccessDenied, NoSuchBucket.
        """
        found = await self.store.get_bucket(bucket)
        if principal.is_anonymous:
            permission.require_write(principal, Permission.DELETE_OBJECT, found)

    async def delete_many(self, principal: Principal, want: DeleteObjects) -> None:
        """Remove up to 1,000 objects (DeleteMultipleObjects)."""
        await reach.require_write(self.store, principal, Permission.DELETE_OBJECT, want.bucket, want.keys)
        await self.store.delete_many(want.bucket, want.keys)

    async def list(self, principal: Principal, want: ListObjects) -> ListPage:
        """List a page of a bucket (ListObjects, both versions)."""
        permission.require_list(principal, await self.store.get_bucket(want.bucket), want.prefix)
        query = ListQuery(want.prefix, want.after, want.delimiter, want.max_keys)
        return await self.store.list(want.bucket, query)

    async def acl(self, principal: Principal, address: Address) -> Acl:
        """Tell an object's own ACL (GetObjectAcl)."""
        permission.require(principal, Permission.GET_OBJECT_ACL, address.bucket, address.key)
        return (await self.store.head(address.bucket, address.key)).acl

    async def set_acl(self, principal: Principal, address: Address, acl: Acl) -> None:
        """Replace an object's ACL (PutObjectAcl)."""
        permission.require(principal, Permission.PUT_OBJECT_ACL, address.bucket, address.key)
        await self.store.set_object_acl(address.bucket, address.key, acl)

    async def _open(self, principal: Principal, address: Address) -> OpenObject:
        """Open, without telling a stranger whether a key exists in a bucket that is not public."""
        try:
            return await self.store.open(address.bucket, address.key)
        except NoSuchKey:
            permission.require_absence(principal, await self.store.get_bucket(address.bucket), address.key)
            raise


def _resolve(want: ReadObject, size_bytes: int) -> ByteRange | None:
    if want.range is None:
        return None
    edges = want.range.resolve(size_bytes)
    if edges is not None:
        return ByteRange(*edges)
    if want.strict_range:
        raise InvalidRange
    return None
