"""A bucket of S3 or OSS as a bucket here.

OpenDAL takes keys for paths: it folds `//`, drops a leading slash and blanks at both ends, and lets `..` climb out of
the bucket. So only keys that it leaves as they are can be named (`is_plain_path`); all others are not there.

Every request names the ETag that was looked at first. A content that is replaced meanwhile is told, never mixed.
"""

import re
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from types import TracebackType
from typing import IO, Final, Self

import anyio

from oss_faces.errors import (
    FileAlreadyExists,
    InvalidObjectName,
    InvalidRange,
    NoSuchKey,
    NotImplementedOnServer,
    ObjectTooLarge,
    StorageUnavailable,
)
from oss_faces.storage.base import ByteRange, CopySpec, ListPage, ListQuery, PutSpec
from oss_faces.storage.copying import copy_object
from oss_faces.storage.listing import Window
from oss_faces.storage.mounted_listing import remote_page
from oss_faces.storage.mounted_settings import MountsSettings, is_plain_path
from oss_faces.storage.mounted_types import require_no_acl
from oss_faces.storage.mounted_upstream import Facts, Replaced, Upstream
from oss_faces.storage.naming import check_delete, check_headers, key_bytes
from oss_faces.storage.receiving import Fingerprinter, blocks, check_announced, check_received
from oss_faces.storage.settings import MIB, StorageLimits
from oss_faces.storage.threads import Threads
from oss_faces.values import Acl, Address, ObjectHeaders, ObjectMeta

# What one upstream request reads: a picture as a rule, and never more than this in memory for one reader.
_BLOCK_BYTES: Final = 8 * MIB
_DELETES_MAX: Final = 8
# A reader that meets a writer looks again, each time after twice the pause; so many in a row mean that something is
# wrong. All pauses together are 1.3 s.
_READ_ATTEMPTS_MAX: Final = 8
_READ_PAUSE_S: Final = 0.01
_DRAIN_S_MAX: Final = 30.0
_MD5_LIKE: Final = re.compile(r"[0-9a-fA-F]{32}(-[0-9]+)?", re.ASCII)
# Stored headers that the service keeps and OpenDAL can send. It tells all but Cache-Control again.
_KEPT_HEADERS: Final = frozenset({"cache-control", "content-disposition", "content-encoding"})


class RemoteObject:
    """An `OpenObject` that reads from the service as it goes, by the ETag it was opened with."""

    def __init__(self, upstream: Upstream, facts: Facts, chunk_bytes: int) -> None:
        self._upstream = upstream
        self._facts = facts
        self._chunk_bytes = chunk_bytes

    @property
    def meta(self) -> ObjectMeta:
        """See `OpenObject`."""
        return describe(self._facts)

    async def chunks(self, byte_range: ByteRange | None = None) -> AsyncIterator[bytes]:
        """See `OpenObject`. StorageUnavailable also says that the object was replaced in between."""
        size_bytes = self._facts.size_bytes
        place, end = (0, size_bytes) if byte_range is None else (byte_range.start, byte_range.end_exclusive)
        if byte_range is not None and place >= size_bytes:
            raise InvalidRange
        end = min(end, size_bytes)
        while place < end:
            block = await self._read(place, min(_BLOCK_BYTES, end - place))
            for start in range(0, len(block), self._chunk_bytes):
                yield block[start : start + self._chunk_bytes]
            place += len(block)

    async def whole(self) -> bytes:
        """Read all of it into memory."""
        return b"".join([chunk async for chunk in self.chunks()])

    async def aclose(self) -> None:
        """See `OpenObject`."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _read(self, place: int, size_bytes: int) -> bytes:
        try:
            block = await self._upstream.read(self._facts.path, place, size_bytes, self._facts.etag)
        except NoSuchKey as exc:
            raise Replaced from exc
        if len(block) != size_bytes:
            raise StorageUnavailable(context={"reason": "the service sent another length"})
        return block


class RemoteStore:
    """The object part of a store, for one bucket; bucket names are not looked at. Made for one event loop."""

    def __init__(self, upstream: Upstream, settings: MountsSettings, limits: StorageLimits) -> None:
        self._upstream = upstream
        self._settings = settings
        self._limits = limits
        self._threads = Threads(settings.calls_max)

    async def head(self, bucket: str, key: str) -> ObjectMeta:
        """See `ObjectReader`."""
        del bucket
        return describe(await self._facts(key))

    async def open(self, bucket: str, key: str) -> RemoteObject:
        """See `ObjectReader`."""
        del bucket
        return RemoteObject(self._upstream, await self._facts(key), self._limits.chunk_bytes)

    async def read(self, bucket: str, key: str, size_bytes_max: int) -> tuple[ObjectMeta, bytes]:
        """See `ObjectReader`."""
        for attempt in range(_READ_ATTEMPTS_MAX):
            if attempt:
                await anyio.sleep(_READ_PAUSE_S * 2 ** (attempt - 1))
            opened = await self.open(bucket, key)
            if opened.meta.size_bytes > size_bytes_max:
                raise ObjectTooLarge(context={"size_bytes": opened.meta.size_bytes})
            with suppress(Replaced):
                return opened.meta, await opened.whole()
        raise Replaced

    async def list(self, bucket: str, query: ListQuery) -> ListPage:
        """See `ObjectLister`. The service's listing tells neither content types nor metadata."""
        del bucket
        return await remote_page(self._upstream, Window.of(query), self._settings.listing_names_max, describe)

    async def put(self, bucket: str, key: str, body: AsyncIterator[bytes], spec: PutSpec) -> ObjectMeta:
        """See `ObjectWriter`. The body waits in a temporary file until it is whole and right."""
        key_bytes(key)
        check_headers(spec.headers, self._limits.metadata_bytes_max)
        check_announced(spec, self._limits.object_bytes_max)
        _require_kept(spec.headers)
        require_no_acl(spec.acl)
        if not is_plain_path(key):
            raise InvalidObjectName("This bucket is mounted, and an object in it cannot have this name.")
        if spec.forbid_overwrite:
            await self._require_free(bucket, key)
        with tempfile.TemporaryFile() as spool:
            size_bytes = await self._receive(body, spec, spool)
            await self._upstream.write(key, spool, size_bytes, spec)
        return await self.head(bucket, key)

    async def copy(self, source: Address, target: Address, spec: CopySpec) -> ObjectMeta:
        """See `ObjectWriter`."""
        return await copy_object(self, source, self, target, spec)

    async def set_object_acl(self, bucket: str, key: str, acl: Acl) -> None:
        """See `ObjectWriter`. The ACLs of the service are not ours to change."""
        await self.head(bucket, key)
        require_no_acl(acl)

    async def delete(self, bucket: str, key: str) -> None:
        """See `ObjectWriter`."""
        del bucket
        key_bytes(key)
        await self._delete(key)

    async def delete_many(self, bucket: str, keys: Sequence[str]) -> None:
        """See `ObjectWriter`. When it raises, some objects may be gone already; asking again removes the others."""
        del bucket
        check_delete(keys)
        for start in range(0, len(keys), _DELETES_MAX):
            async with anyio.create_task_group() as group:
                for key in keys[start : start + _DELETES_MAX]:
                    group.start_soon(self._delete, key)

    async def aclose(self) -> None:
        """Wait for what is still under way."""
        await self._threads.drain(_DRAIN_S_MAX)
        await self._upstream.aclose()

    async def _facts(self, key: str) -> Facts:
        key_bytes(key)
        if not is_plain_path(key):
            raise NoSuchKey(details={"Key": key})
        try:
            return await self._upstream.stat(key)
        except NoSuchKey as exc:
            raise NoSuchKey(details={"Key": key}) from exc

    async def _delete(self, key: str) -> None:
        if is_plain_path(key):
            await self._upstream.delete(key)

    async def _require_free(self, bucket: str, key: str) -> None:
        try:
            await self.head(bucket, key)
        except NoSuchKey:
            return
        raise FileAlreadyExists

    async def _receive(self, body: AsyncIterator[bytes], spec: PutSpec, spool: IO[bytes]) -> int:
        fingerprinter = Fingerprinter()
        received = blocks(body, spec, self._limits.object_bytes_max, self._limits.chunk_bytes)
        async with aclosing(received):
            async for block in received:
                fingerprinter.add(block)
                await self._threads.run(spool.write, block)
        fingerprint = fingerprinter.result()
        check_received(fingerprint, spec)
        await self._threads.run(spool.seek, 0)
        return fingerprint.size_bytes


def describe(facts: Facts) -> ObjectMeta:
    """Tell what the service tells; its checksums are of other kinds than ours, or are not told."""
    return ObjectMeta(
        key=facts.path,
        size_bytes=facts.size_bytes,
        etag=etag_of(facts.etag),
        crc64=None,
        content_type=facts.content_type,
        last_modified=facts.last_modified,
        user=facts.user,
        headers=facts.headers,
    )


def etag_of(sent: str) -> str:
    """Take the service's ETag over: without quotes; an MD5, also one of parts, in upper case."""
    etag = sent.removeprefix("W/").strip('"')
    return etag.upper() if _MD5_LIKE.fullmatch(etag) else etag


def _require_kept(headers: ObjectHeaders) -> None:
    lost = sorted(set(headers.standard) - _KEPT_HEADERS)
    if lost:
        raise NotImplementedOnServer(f"This bucket is mounted, and these headers cannot be kept: {', '.join(lost)}.")
