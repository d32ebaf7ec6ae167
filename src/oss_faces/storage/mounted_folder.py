"""An existing folder as a bucket. Its files are the truth; nothing is kept beside them.

What a file cannot hold is refused, not dropped: user metadata, stored headers and an ACL of an object's own. The
content type follows from the name. An ETag is the MD5 of the content, as for an object that was stored here (decision
0405).
"""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from anyio import CancelScope

from oss_faces.errors import NoSuchKey, ObjectTooLarge, StorageUnavailable, UpstreamDenied
from oss_faces.storage.base import Clock, CopySpec, ListPage, ListQuery, PutSpec
from oss_faces.storage.copying import copy_object
from oss_faces.storage.listing import Window
from oss_faces.storage.local_object import LocalObject, WholeContent
from oss_faces.storage.mounted_digests import Digest, Digests, Identity, SteadyFile
from oss_faces.storage.mounted_settings import MountsSettings
from oss_faces.storage.mounted_staging import FolderWriter, StagedFile
from oss_faces.storage.mounted_tree import Tree
from oss_faces.storage.mounted_types import content_type_of, require_plain_write
from oss_faces.storage.naming import check_delete, check_headers, key_bytes
from oss_faces.storage.receiving import blocks, check_announced, check_received
from oss_faces.storage.settings import StorageLimits
from oss_faces.storage.threads import Threads
from oss_faces.values import Acl, Address, ObjectMeta

# Longest wait, at the end, for threads whose tasks were cancelled.
_DRAIN_S_MAX: Final = 30.0
_LAST_SECOND: Final = int(datetime(9998, 12, 31, tzinfo=UTC).timestamp())


class FolderStore:
    """The object part of a store, for one bucket; bucket names are not looked at. Made for one event loop."""

    def __init__(self, tree: Tree, settings: MountsSettings, limits: StorageLimits, clock: Clock) -> None:
        self._tree = tree
        self._settings = settings
        self._limits = limits
        self._clock = clock
        self._digests = Digests(settings.digest_bytes_max, settings.digests_max, lambda: int(clock().timestamp() * 1e9))
        self._writer = FolderWriter(tree)
        self._threads = Threads(settings.calls_max)

    async def head(self, bucket: str, key: str) -> ObjectMeta:
        """See `ObjectReader`."""
        del bucket
        return await self._threads.run(self._head, key)

    async def open(self, bucket: str, key: str) -> LocalObject:
        """See `ObjectReader`."""
        del bucket
        meta, file = await self._threads.run(self._open, key)
        return LocalObject(meta, WholeContent(file), self._threads, self._limits.chunk_bytes)

    async def read(self, bucket: str, key: str, size_bytes_max: int) -> tuple[ObjectMeta, bytes]:
        """See `ObjectReader`."""
        del bucket
        return await self._threads.run(self._read, key, size_bytes_max)

    async def list(self, bucket: str, query: ListQuery) -> ListPage:
        """See `ObjectLister`. A page ends early when too much would have to be read for its ETags."""
        del bucket
        return await self._threads.run(self._list, Window.of(query))

    async def put(self, bucket: str, key: str, body: AsyncIterator[bytes], spec: PutSpec) -> ObjectMeta:
        """See `ObjectWriter`."""
        del bucket
        encoded = key_bytes(key)
        check_headers(spec.headers, self._limits.metadata_bytes_max)
        check_announced(spec, self._limits.object_bytes_max)
        require_plain_write(spec.headers, spec.acl)
        await self._threads.run(partial(self._writer.check_place, encoded, forbid_overwrite=spec.forbid_overwrite))
        staged = self._writer.stage()
        try:
            received = blocks(body, spec, self._limits.object_bytes_max, self._limits.chunk_bytes)
            async with aclosing(received):
                async for block in received:
                    await self._threads.run(staged.add, block)
            check_received(staged.fingerprint, spec)
            return await self._threads.run(self._publish, key, staged, spec)
        finally:
            with CancelScope(shield=True):
                await self._threads.run(staged.discard)

    async def copy(self, source: Address, target: Address, spec: CopySpec) -> ObjectMeta:
        """See `ObjectWriter`."""
        return await copy_object(self, source, self, target, spec)

    async def set_object_acl(self, bucket: str, key: str, acl: Acl) -> None:
        """See `ObjectWriter`. A file has no ACL of the wire."""
        await self.head(bucket, key)
        require_plain_write(None, acl)

    async def delete(self, bucket: str, key: str) -> None:
        """See `ObjectWriter`."""
        await self.delete_many(bucket, [key])

    async def delete_many(self, bucket: str, keys: Sequence[str]) -> None:
        """See `ObjectWriter`. When it raises, some files may be gone already; asking again removes the others."""
        del bucket
        encoded = check_delete(keys)
        await self._threads.run(self._writer.delete, encoded)

    async def aclose(self) -> None:
        """Wait for the threads of cancelled calls."""
        with CancelScope(shield=True):
            await self._threads.drain(_DRAIN_S_MAX)

    # --- in threads ----------------------------------------------------------------------------------------

    def _head(self, key: str) -> ObjectMeta:
        meta, file = self._open(key)
        file.close()
        return meta

    def _open(self, key: str) -> tuple[ObjectMeta, SteadyFile]:
        encoded = key_bytes(key)
        try:
            file = self._tree.open(encoded)
        except NoSuchKey as exc:
            raise NoSuchKey(details={"Key": key}) from exc
        try:
            return self._describe(key, file), file
        except BaseException:
            file.close()
            raise

    def _describe(self, key: str, file: SteadyFile) -> ObjectMeta:
        file.identity, digest = self._digests.of(file)
        return _meta(key, file.identity, digest)

    def _read(self, key: str, size_bytes_max: int) -> tuple[ObjectMeta, bytes]:
        meta, file = self._open(key)
        with file:
            if meta.size_bytes > size_bytes_max:
                raise ObjectTooLarge(context={"size_bytes": meta.size_bytes})
            content = bytearray()
            while len(content) < meta.size_bytes:
                piece = file.read(meta.size_bytes - len(content))
                if not piece:
                    raise StorageUnavailable(context={"reason": "the file is shorter than it was"})
                content += piece
        return meta, bytes(content)

    def _list(self, window: Window) -> ListPage:
        walk = self._tree.walk(window.lower, window.upper, self._settings.listing_names_max, window.max_keys + 1)
        entries: list[ObjectMeta | bytes] = []
        is_whole = True
        bytes_left = self._settings.listing_bytes_max
        for key in walk:
            folded = window.fold(key)
            if folded is not None:
                walk.lower = window.behind(folded)
                entries.append(folded)
            # What goes away, is closed to this server or is being written at this moment is left out.
            try:
                if folded is None:
                    with self._tree.open(key) as file:
                        cost_bytes = self._digests.cost_bytes(os.fstat(file.fileno()))
                        if entries and cost_bytes > bytes_left:
                            return _page(window, entries, is_whole=is_whole and walk.is_whole, has_more=True)
                        bytes_left -= cost_bytes
                        entries.append(self._describe(key.decode(), file))
            except NoSuchKey:
                continue
            except (UpstreamDenied, StorageUnavailable):
                is_whole = False
            # One entry more than asked for tells whether there is more.
            if len(entries) > window.max_keys:
                break
        return _page(window, entries, is_whole=is_whole and walk.is_whole)

    def _publish(self, key: str, staged: StagedFile, spec: PutSpec) -> ObjectMeta:
        identity = staged.publish(key_bytes(key), self._clock(), forbid_overwrite=spec.forbid_overwrite)
        if identity.size_bytes > self._settings.digest_bytes_max:
            return _meta(key, identity, Digest(identity.tag(), None))
        return _meta(key, identity, Digest(staged.fingerprint.etag, staged.fingerprint.crc64))


def _page(window: Window, entries: list[ObjectMeta | bytes], *, is_whole: bool, has_more: bool = False) -> ListPage:
    return replace(window.page(entries, has_more=has_more), is_whole=is_whole)


def _meta(key: str, identity: Identity, digest: Digest) -> ObjectMeta:
    # The time of a file may be any number; HTTP dates have four digits for the year.
    second = min(max(identity.modified_ns // 1_000_000_000, 0), _LAST_SECOND)
    return ObjectMeta(
        key=key,
        size_bytes=identity.size_bytes,
        etag=digest.etag,
        crc64=digest.crc64,
        content_type=content_type_of(key),
        last_modified=datetime.fromtimestamp(second, UTC),
    )
