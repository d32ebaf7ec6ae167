"""Contents of objects as files, each under a random id that says nothing about its key. Everything here blocks.

    incoming/<id>           being written
    content/<id[:2]>/<id>   complete, synced to the disk; never changed again, but for what appending adds to its end

A content counts only once a record names it, so whatever a crash leaves here can be told apart and removed.
"""

import enum
import io
import os
import re
import secrets
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final, TypeVar

from oss_faces.storage.connections import CommitUncertain
from oss_faces.storage.receiving import Fingerprint, Fingerprinter

_PRIVATE_FOLDER: Final = 0o700
_PRIVATE_FILE: Final = 0o600
_ID_BYTES: Final = 16
_COPY_BYTES: Final = 1024 * 1024
_ID: Final = re.compile(r"[0-9a-f]{32}")
SHARDS: Final = tuple(f"{number:02x}" for number in range(256))

Recorded = TypeVar("Recorded")


class _State(enum.Enum):
    WRITING = enum.auto()
    KEPT = enum.auto()
    DISCARDED = enum.auto()


class ContentFolder:
    """All content files of one store."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / "incoming"
        self._content = root / "content"
        self._shards_lock = threading.Lock()
        self._synced_shards: set[Path] = set()

    def prepare(self) -> None:
        """Make the folders that are missing, and make sure that they outlast a power cut."""
        for folder in (self._incoming, self._content):
            folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        self.sync(self.root)

    def is_empty(self) -> bool:
        """Tell whether no complete content is here."""
        return not any(self._ids(self._content / shard) for shard in SHARDS)

    def stage(self) -> "StagedContent":
        """Begin a new content. Touches no file yet, so a cancelled caller loses nothing."""
        return StagedContent(self, secrets.token_hex(_ID_BYTES))

    def open(self, content_id: str) -> io.FileIO:
        """Open a complete content for reading.

        Raises:
            FileNotFoundError: it has been removed.
        """
        return io.FileIO(self.path(content_id), "rb")

    def remove(self, content_id: str) -> None:
        """Remove a complete content; whoever has it open can go on reading."""
        self.path(content_id).unlink(missing_ok=True)

    def sweep(self, shard: str, known: Collection[str]) -> int:
        """Remove the complete contents of a shard that no record names. Return how many."""
        orphans = [content_id for content_id in self._ids(self._content / shard) if content_id not in known]
        for content_id in orphans:
            self.remove(content_id)
        return len(orphans)

    def sweep_incoming(self) -> int:
        """Remove what was being written when the last process ended. Return how many."""
        found = self._ids(self._incoming)
        for content_id in found:
            self.incoming_path(content_id).unlink(missing_ok=True)
        return len(found)

    def path(self, content_id: str) -> Path:
        """Tell where a complete content lies."""
        return self._content / content_id[:2] / content_id

    def incoming_path(self, content_id: str) -> Path:
        """Tell where a content lies while it is written."""
        return self._incoming / content_id

    # The steps that a full or failing disk can break. Tests put a failing disk here.

    def create(self, content_id: str) -> int:
        """Make the file of a new content and return its descriptor."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        return os.open(self.incoming_path(content_id), flags, _PRIVATE_FILE)

    def write(self, descriptor: int, block: bytes) -> None:
        """Append a block."""
        rest = memoryview(block)
        while rest:
            rest = rest[os.write(descriptor, rest) :]

    def complete(self, content_id: str, descriptor: int) -> None:
        """Put a written file, safe on the disk, where complete contents lie."""
        os.fsync(descriptor)
        path = self.path(content_id)
        self._make_shard(path.parent)
        self.incoming_path(content_id).rename(path)
        self.sync(path.parent)

    def extend(self, content_id: str, length: int, incoming_id: str) -> None:
        """Add a written file to a complete content of that length, safe on the disk.

        Bytes behind the length, which only a crash or a failing disk leaves there, are no record's and are cut off.
        Whoever reads the content up to the length is not disturbed.
        """
        with self.path(content_id).open("r+b", buffering=0) as content:
            content.truncate(length)
            content.seek(length)
            with self.incoming_path(incoming_id).open("rb", buffering=0) as incoming:
                while block := incoming.read(_COPY_BYTES):
                    self.write(content.fileno(), block)
            os.fsync(content.fileno())

    def sync(self, folder: Path) -> None:
        """Write the names in a folder to the disk."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _make_shard(self, shard: Path) -> None:
        # Under the lock, so that nobody relies on a folder that another thread has made and not yet synced.
        with self._shards_lock:
            if shard not in self._synced_shards:
                shard.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
                self.sync(self._content)
                self._synced_shards.add(shard)

    def _ids(self, folder: Path) -> list[str]:
        # Foreign names (backup tools, network file systems) are not ours to remove.
        return [entry for entry in _names(folder) if _ID.fullmatch(entry)]


class StagedContent:
    """A content that is being written.

    A cancelled task does not stop the thread that works for it, so `discard` may come while another step still
    runs, or even before it begins. Hence the lock: `discard` waits for a running step, spares a content that became
    a record's, and lets no step begin afterwards.
    """

    def __init__(self, folder: ContentFolder, content_id: str) -> None:
        self.content_id = content_id
        self._folder = folder
        self._lock = threading.Lock()
        self._fingerprinter = Fingerprinter()
        self._descriptor: int | None = None
        self._state = _State.WRITING

    @property
    def fingerprint(self) -> Fingerprint:
        """Length and digests of what was written."""
        return self._fingerprinter.result()

    def add(self, block: bytes) -> None:
        """Append a block."""
        with self._lock:
            self._folder.write(self._open_file(), block)
            self._fingerprinter.add(block)

    def keep(self, record: Callable[[], Recorded]) -> Recorded:
        """Put the file where complete contents lie, then write the record that makes it count.

        Args:
            record: its result is handed on. When it raises, the content is left to `discard`, unless it raises
                CommitUncertain: then the record may stand, and only a sweep can judge.
        """
        with self._lock:
            self._folder.complete(self.content_id, self._open_file())
            self._close_file()
            try:
                recorded = record()
            except CommitUncertain:
                self._state = _State.KEPT
                raise
            self._state = _State.KEPT
            return recorded

    def add_to(self, content_id: str, length: int) -> None:
        """Add what was written to the end of a complete content of that length; this one is then to be discarded."""
        with self._lock:
            self._open_file()
            self._folder.extend(content_id, length, self.content_id)

    def discard(self) -> None:
        """Remove the content unless it is kept. May be called more than once, and at any time."""
        with self._lock:
            self._close_file()
            if self._state is _State.WRITING:
                self._state = _State.DISCARDED
                self._folder.incoming_path(self.content_id).unlink(missing_ok=True)
                self._folder.remove(self.content_id)

    def _open_file(self) -> int:
        if self._state is not _State.WRITING:
            raise DiscardedError
        if self._descriptor is None:
            self._descriptor = self._folder.create(self.content_id)
        return self._descriptor

    def _close_file(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


class DiscardedError(Exception):
    """The content was discarded before this step began; nobody waits for its result any more."""


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        # A shard that no content has needed yet.
        return []
