import bisect
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from io import FileIO
from itertools import accumulate
from types import TracebackType
from typing import Protocol, Self

from anyio import CancelScope

from oss_faces.errors import InvalidRange, StorageUnavailable
from oss_faces.storage.base import ByteRange
from oss_faces.storage.rows import Piece
from oss_faces.storage.threads import Threads
from oss_faces.values import ObjectMeta


class ContentReader(Protocol):
    """The bytes of an object. All of it blocks, and is used by one thread at a time."""

    def read(self, place: int, size_bytes: int) -> bytes:
        """Read up to so many bytes from there; none only at the end."""
        ...

    def close(self) -> None:
        """Let go. May be called more than once."""
        ...


class WholeContent:
    """A content in one file, which keeps its bytes even when its name is removed."""

    def __init__(self, file: FileIO) -> None:
        self._file = file

    def read(self, place: int, size_bytes: int) -> bytes:
        """See `ContentReader`."""
        self._file.seek(place)
        return self._file.read(size_bytes)

    def close(self) -> None:
        """See `ContentReader`."""
        self._file.close()


class PiecedContent:
    """A content in many files, of which one is open at a time.

    Args:
        let_go: called once, when nobody needs the files by name any more.
    """

    def __init__(
        self, pieces: Sequence[Piece], open_content: Callable[[str], FileIO], let_go: Callable[[], None]
    ) -> None:
        self._pieces = pieces
        self._starts = [0, *accumulate(piece.size_bytes for piece in pieces)]
        self._open_content = open_content
        self._let_go = let_go
        self._is_closed = False
        self._open: tuple[int, FileIO] | None = None

    def read(self, place: int, size_bytes: int) -> bytes:
        """See `ContentReader`."""
        if self._is_closed:
            raise ValueError("the content was closed before this step began; nobody waits for its bytes any more")
        if place >= self._starts[-1]:
            return b""
        # The last piece that begins here or before: an empty one before it is passed over.
        number = bisect.bisect_right(self._starts, place) - 1
        file = self._file(number)
        file.seek(place - self._starts[number])
        return file.read(min(size_bytes, self._starts[number + 1] - place))

    def close(self) -> None:
        """See `ContentReader`."""
        if not self._is_closed:
            self._is_closed = True
            self._close_file()
            self._let_go()

    def _file(self, number: int) -> FileIO:
        if self._open is None or self._open[0] != number:
            self._close_file()
            self._open = (number, self._open_content(self._pieces[number].content_id))
        return self._open[1]

    def _close_file(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            opened[1].close()


class LocalObject:
    """An `OpenObject` over files."""

    def __init__(self, meta: ObjectMeta, content: ContentReader, threads: Threads, chunk_bytes: int) -> None:
        self._meta = meta
        self._content = content
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
            chunk = self._content.read(place, size_bytes)
        if not chunk:
            raise StorageUnavailable(context={"reason": "the content file is too short"})
        return chunk

    def _close(self) -> None:
        with self._lock:
            self._content.close()
