"""Writing into a mounted folder: a file appears under its name whole and safe on the disk, or not at all.

A new content is written under a hidden name in the mounted folder itself, because only within one file system can it
take its place in one step. What a killed process leaves there is removed after a day, by the next start.
"""

import errno
import os
import secrets
import stat
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Final

from oss_faces.errors import FileAlreadyExists, InvalidObjectName, UpstreamDenied
from oss_faces.storage.mounted_digests import Identity
from oss_faces.storage.mounted_tree import NO_SUCH_PATH, Tree, is_reachable
from oss_faces.storage.receiving import Fingerprint, Fingerprinter

_PREFIX: Final = ".oss-faces-"
_SUFFIX: Final = ".part"
_PLACE_ATTEMPTS_MAX: Final = 8
_LEFT_OVER_S: Final = 24 * 3600
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NO_PLACE: Final = NO_SUCH_PATH | {errno.EISDIR, errno.EINVAL}


class FolderWriter:
    """Changes the files of one mounted folder. Everything here blocks."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def check_place(self, key: bytes, *, forbid_overwrite: bool) -> None:
        """Refuse a key that cannot be written, before a body is read.

        Raises:
            InvalidObjectName: no file can have this name here, or a folder or a link has it.
            FileAlreadyExists: it is taken and may not be overwritten.
        """
        if not is_reachable(key):
            raise InvalidObjectName("This bucket is a folder, in which no file can have this name.")
        *steps, name = key.split(b"/")
        with _refused_places(), suppress(FileNotFoundError), self._tree.folder(steps) as folder:
            _check_name(folder, name, forbid_overwrite=forbid_overwrite)

    def stage(self) -> "StagedFile":
        """Begin a new content. Touches no file yet."""
        return StagedFile(self._tree, f"{_PREFIX}{secrets.token_hex(16)}{_SUFFIX}")

    def delete(self, keys: Iterable[bytes]) -> None:
        """Remove the files of these keys; what is no file of a key stays.

        Raises:
            UpstreamDenied: this server may not change the folder.
        """
        for key in keys:
            if is_reachable(key):
                self._delete(key)

    def sweep(self, now: datetime) -> int:
        """Remove what killed processes left more than a day ago. Return how many files."""
        removed = 0
        with self._tree.folder([]) as folder, os.scandir(folder) as entries:
            for entry in entries:
                if not (entry.name.startswith(_PREFIX) and entry.name.endswith(_SUFFIX)):
                    continue
                if now.timestamp() - entry.stat(follow_symlinks=False).st_mtime > _LEFT_OVER_S:
                    os.unlink(entry.name, dir_fd=folder)
                    removed += 1
        return removed

    def _delete(self, key: bytes) -> None:
        *steps, name = key.split(b"/")
        with _denied(), _ignoring_absent(), self._tree.folder(steps) as folder:
            if stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                os.unlink(name, dir_fd=folder)
                os.fsync(folder)
                self._prune(steps)

    def _prune(self, steps: list[bytes]) -> None:
        """Remove the folders that hold nothing any more: there are none on the wire, and a file may want the name."""
        for count in range(len(steps), 0, -1):
            try:
                with self._tree.folder(steps[: count - 1]) as parent:
                    os.rmdir(steps[count - 1], dir_fd=parent)
            except OSError:
                return


class StagedFile:
    """A content on its way into the folder. A cancelled task does not stop its thread, so every step takes a lock."""

    def __init__(self, tree: Tree, name: str) -> None:
        self._tree = tree
        self._name = name
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._has_ended = False
        self._fingerprinter = Fingerprinter()

    @property
    def fingerprint(self) -> Fingerprint:
        """Length and digests of all that was added."""
        return self._fingerprinter.result()

    def add(self, block: bytes) -> None:
        """Write the next bytes.

        Raises:
            UpstreamDenied: this server may not change the folder.
        """
        with self._lock:
            assert not self._has_ended, "nothing is added behind the end"
            rest = memoryview(block)
            while rest:
                rest = rest[os.write(self._file(), rest) :]
            self._fingerprinter.add(block)

    def publish(self, key: bytes, now: datetime, *, forbid_overwrite: bool) -> Identity:
        """Give the content its name. Return what tells this state of the file from others.

        Raises:
            InvalidObjectName, FileAlreadyExists: as for `FolderWriter.check_place`.
            UpstreamDenied: this server may not change the folder.
        """
        *steps, name = key.split(b"/")
        with self._lock, _refused_places():
            assert not self._has_ended, "a content is published once"
            descriptor = self._file()
            os.utime(descriptor, (now.timestamp(), int(now.timestamp())))
            os.fsync(descriptor)
            self._place(steps, name, forbid_overwrite=forbid_overwrite)
            return Identity.of(os.fstat(descriptor))

    def discard(self) -> None:
        """Remove what was not published, and close the file."""
        with self._lock:
            if self._descriptor is None:
                return
            os.close(self._descriptor)
            self._descriptor = None
            if not self._has_ended:
                self._has_ended = True
                with suppress(FileNotFoundError), self._tree.folder([]) as root:
                    os.unlink(self._name, dir_fd=root)

    def _place(self, steps: list[bytes], name: bytes, *, forbid_overwrite: bool) -> None:
        for attempt in range(_PLACE_ATTEMPTS_MAX):
            try:
                with self._tree.folder([]) as root, self._folder_for(steps) as folder:
                    _check_name(folder, name, forbid_overwrite=forbid_overwrite)
                    if forbid_overwrite:
                        _link(self._name, root, name, folder)
                    else:
                        os.rename(self._name, name, src_dir_fd=root, dst_dir_fd=folder)
                        self._has_ended = True
                    os.fsync(folder)
            except FileNotFoundError:
                # A folder on the way was empty, and someone who deleted removed it between two steps.
                if attempt == _PLACE_ATTEMPTS_MAX - 1:
                    raise
            else:
                return

    def _file(self) -> int:
        if self._descriptor is None:
            with _denied(), self._tree.folder([]) as root:
                # Readable by whom the process's mask allows, like any file that a program puts there.
                self._descriptor = os.open(self._name, _NEW_FILE, 0o666, dir_fd=root)
        return self._descriptor

    @contextmanager
    def _folder_for(self, steps: list[bytes]) -> Iterator[int]:
        """Open the folder of a key, with every folder on the way made when it is not there."""
        for count in range(1, len(steps) + 1):
            with self._tree.folder(steps[: count - 1]) as parent:
                try:
                    os.mkdir(steps[count - 1], dir_fd=parent)
                except FileExistsError:
                    continue
                os.fsync(parent)
        with self._tree.folder(steps) as folder:
            yield folder


def _check_name(folder: int, name: bytes, *, forbid_overwrite: bool) -> None:
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(status.st_mode):
        raise InvalidObjectName("This bucket is a folder, in which something else than a file has this name.")
    if forbid_overwrite:
        raise FileAlreadyExists


def _link(staged: str, root: int, name: bytes, folder: int) -> None:
    """Give the name only if nobody took it in between. The hidden name is removed when the content is discarded."""
    try:
        os.link(staged, name, src_dir_fd=root, dst_dir_fd=folder)
    except FileExistsError as exc:
        raise FileAlreadyExists from exc


@contextmanager
def _denied() -> Iterator[None]:
    try:
        yield
    except PermissionError as exc:
        raise UpstreamDenied(context={"reason": exc.strerror}) from exc


@contextmanager
def _refused_places() -> Iterator[None]:
    """Turn what the system says of a name that cannot be taken into InvalidObjectName."""
    with _denied():
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as exc:
            if exc.errno not in _NO_PLACE:
                raise
            raise InvalidObjectName("This bucket is a folder, in which no file can have this name.") from exc


@contextmanager
def _ignoring_absent() -> Iterator[None]:
    """A file that cannot be there is removed already."""
    try:
        yield
    except OSError as exc:
        if exc.errno not in NO_SUCH_PATH:
            raise
