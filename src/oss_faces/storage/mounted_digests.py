"""ETags of files that nobody wrote through this server: computed once, remembered as long as the file is the same."""

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from typing import Final, Self

from oss_faces.errors import StorageUnavailable
from oss_faces.storage.receiving import Fingerprinter
from oss_faces.storage.settings import MIB

# A file may be changed twice within one tick of its file system's clock, and then looks the same after the second
# change. Only a file that has rested this long is remembered. The coarsest clock in use (FAT) ticks every 2 seconds.
_RESTED_NS: Final = 2_000_000_000
_BLOCK_BYTES: Final = MIB
_ATTEMPTS_MAX: Final = 3
_TAG_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class Digest:
    """ETag of a file, and its CRC-64 when the content was read for it."""

    etag: str
    crc64: int | None


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one state of a file from another without reading it. `changed_ns` cannot be set back by a program."""

    device: int
    inode: int
    size_bytes: int
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """Take the identity out of what the system says of a file."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def has_content_of(self, other: Self) -> bool:
        """Whether nothing has been written in between. The name and the rights may have changed."""
        return (self.size_bytes, self.modified_ns) == (other.size_bytes, other.modified_ns)

    def has_rested(self, now_ns: int) -> bool:
        """Whether a further change would show."""
        return now_ns - max(self.modified_ns, self.changed_ns) > _RESTED_NS

    def tag(self) -> str:
        """Name this state of the content without having read it, in the form of OSS for what is no MD5."""
        text = f"{self.inode}:{self.size_bytes}:{self.modified_ns}"
        return f"{hashlib.sha256(text.encode()).hexdigest()[:_TAG_DIGITS].upper()}-1"


class Digests:
    """Digests of open files, for any number of threads.

    Args:
        bytes_max: largest file that is read for its ETag.
        remembered_max: most digests that are kept; the one that was longest not asked for goes first.
        now_ns: wall clock in nanoseconds since 1970.
    """

    def __init__(self, bytes_max: int, remembered_max: int, now_ns: Callable[[], int]) -> None:
        self._bytes_max = bytes_max
        self._remembered_max = remembered_max
        self._now_ns = now_ns
        self._remembered: OrderedDict[Identity, Digest] = OrderedDict()
        self._lock = threading.Lock()

    def cost_bytes(self, status: os.stat_result) -> int:
        """Tell how many bytes `of` would have to read."""
        identity = Identity.of(status)
        if identity.size_bytes > self._bytes_max or self._find(identity) is not None:
            return 0
        return identity.size_bytes

    def of(self, file: FileIO) -> tuple[Identity, Digest]:
        """Tell the digest of an open file, and the state of the file that it belongs to.

        Raises:
            StorageUnavailable: the file is being written at this moment.
        """
        for _ in range(_ATTEMPTS_MAX):
            identity = Identity.of(os.fstat(file.fileno()))
            if identity.size_bytes > self._bytes_max:
                return identity, Digest(identity.tag(), None)
            known = self._find(identity)
            if known is not None:
                return identity, known
            digest = _compute(file, identity.size_bytes)
            if digest is not None and Identity.of(os.fstat(file.fileno())).has_content_of(identity):
                self._remember(identity, digest)
                return identity, digest
        raise StorageUnavailable("The file is being changed at this moment.", context={"reason": "file changing"})

    def _find(self, identity: Identity) -> Digest | None:
        with self._lock:
            if identity in self._remembered:
                self._remembered.move_to_end(identity)
            return self._remembered.get(identity)

    def _remember(self, identity: Identity, digest: Digest) -> None:
        if not identity.has_rested(self._now_ns()):
            return
        with self._lock:
            self._remembered[identity] = digest
            while len(self._remembered) > self._remembered_max:
                self._remembered.popitem(last=False)


class SteadyFile(FileIO):
    """A file that is read only as long as it is in the state in which it was described."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "rb")
        self.identity = Identity.of(os.fstat(descriptor))

    def read(self, size: int | None = -1, /) -> bytes:
        """Read like any file.

        Raises:
            StorageUnavailable: the file was written to since it was described.
        """
        content = super().read(size) or b""
        if not Identity.of(os.fstat(self.fileno())).has_content_of(self.identity):
            raise StorageUnavailable("The file was changed while it was read.", context={"reason": "file changed"})
        return content


def _compute(file: FileIO, size_bytes: int) -> Digest | None:
    """Read a whole file, or return `None` when it is no longer of this size."""
    fingerprinter = Fingerprinter()
    place = 0
    while place < size_bytes:
        block = os.pread(file.fileno(), min(_BLOCK_BYTES, size_bytes - place), place)
        if not block:
            return None
        fingerprinter.add(block)
        place += len(block)
    result = fingerprinter.result()
    return Digest(result.etag, result.crc64)
