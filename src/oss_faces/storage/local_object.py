import threading
from collections.abc import AsyncIterator
from io import FileIO
from types import TracebackType
from typing import Self

from anyio import CancelScope

from oss_faces.errors import InvalidRange, StorageUnavailable
from oss_faces.storage.base import ByteRange
from oss_faces.storage.threads import Threads
from oss_faces.values import ObjectMeta


class LocalObject:
    """An `OpenObject` over a file, which keeps its content even when its name is removed."""

    def __init__(self, meta: ObjectMeta, file: FileIO, threads: Threads, chunk_bytes: int) -> None:
        self._meta = meta
        self._file = file
        self._threads = threads
        self._chunk_bytes = chunk_bytes
        # A cancelled reader's thread may still be at work when the file is closed.
        self._lock = threading.Lock()

    @property
    def meta(self) -> ObjectMeta:
        """See `OpenObject`."""
        return self._meta

    async def chunks(self, byte_range: ByteRange | None = None) -> AsyncIterator[bytes]:
        """See `OpenObject`."""
        size_bytes = self._meta.size_bytes
        place, end = (0, size_bytes) if byte_range is None else (byte_range.start, byte_range.end_exclusive)
        if byte_range is not None and place >= size_bytes:
            raise InvalidRange
        end = min(end, size_bytes)
        while place < end:
            chunk = await self._threads.run(self._read, place, min(self._chunk_bytes, end - place))
            place += len(chunk)
            yield chunk

    async def aclose(self) -> None:
        """See `OpenObject`."""
        with CancelScope(shield=True):
            await self._threads.run(self._close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _read(self, place: int, size_bytes: int) -> bytes:
        with self._lock:
            self._file.seek(place)
            chunk = self._file.read(size_bytes)
        if not chunk:
            raise StorageUnavailable(context={"reason": "the content file is too short"})
        return chunk

    def _close(self) -> None:
        with self._lock:
            self._file.close()
