from collections.abc import AsyncIterator
from typing import Protocol

from oss_faces.errors import PreconditionFailed
from oss_faces.storage.base import CopySpec, OpenObject, PutSpec
from oss_faces.values import Address, ObjectHeaders, ObjectMeta


class _Source(Protocol):
    async def open(self, bucket: str, key: str) -> OpenObject: ...


class _Target(Protocol):
    async def put(self, bucket: str, key: str, body: AsyncIterator[bytes], spec: PutSpec) -> ObjectMeta: ...


async def copy_object(
    source_store: _Source, source: Address, target_store: _Target, target: Address, spec: CopySpec
) -> ObjectMeta:
    """Copy by reading and writing: slower than sharing the content, and it can go from store to store.

    Raises:
        NoSuchKey, NoSuchBucket: there is no source.
        PreconditionFailed: the source has another ETag than `spec.source_etag`.
    """
    async with await source_store.open(source.bucket, source.key) as opened:
        meta = opened.meta
        if spec.source_etag is not None and meta.etag != spec.source_etag:
            raise PreconditionFailed
        kept = ObjectHeaders(meta.content_type, meta.user, meta.headers)
        put_spec = PutSpec(
            headers=kept if spec.headers is None else spec.headers,
            acl=spec.acl,
            size_bytes=meta.size_bytes,
            forbid_overwrite=spec.forbid_overwrite,
        )
        return await target_store.put(target.bucket, target.key, opened.chunks(), put_spec)
