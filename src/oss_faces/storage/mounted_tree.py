"""A folder of files as keys: finding one, and walking all in the order of their UTF-8 bytes. Everything here blocks.

What can be a key is a rule of names, and every step is opened by itself, below the one before it, without following
links. So nothing outside the folder can be named, whatever someone puts into it while it is served:

- Symbolic links, devices, pipes and sockets are not there.
- Names that begin with a dot are not there: half-written files, version control, settings of programs.
- Names that are not UTF-8 are not there, for no key can name them.
"""

import errno
import heapq
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from oss_faces.errors import NoSuchKey, StorageUnavailable, UpstreamDenied
from oss_faces.storage.mounted_digests import SteadyFile
from oss_faces.values import KEY_BYTES_MAX

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A pipe that takes the place of the file must not make the opening wait.
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# Names of one folder that are kept at a time, at least; a larger folder is read again for the next ones.
_BATCH: Final = 2000
_SLASH: Final = b"/"
NO_SUCH_PATH: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO})


def is_reachable(key: bytes) -> bool:
    """Tell whether a key can name a file of a mounted folder at all."""
    return b"\0" not in key and not any(not step or step.startswith(b".") for step in key.split(_SLASH))


class Tree:
    """One mounted folder. The folder itself is looked up anew by every call, so that it may be replaced."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def folder(self, steps: list[bytes]) -> Iterator[int]:
        """Open a folder below the root, for the time of the context. Gives a descriptor.

        Raises:
            OSError: as the system says it, when a step is not there or is no folder.
            StorageUnavailable: the mounted folder itself is not there.
        """
        try:
            descriptor = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as exc:
            raise StorageUnavailable(context={"reason": f"mounted folder: {exc.strerror}"}) from exc
        try:
            for step in steps:
                inner = os.open(step, _FOLDER, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = inner
            yield descriptor
        finally:
            os.close(descriptor)

    def open(self, key: bytes) -> SteadyFile:
        """Open the file of a key for reading.

        Raises:
            NoSuchKey: there is no such file.
            UpstreamDenied: this server may not read it.
        """
        if not is_reachable(key):
            raise NoSuchKey
        *steps, name = key.split(_SLASH)
        with missing_is_no_such_key(), self.folder(steps) as folder:
            # Looked at first, because only to open some devices does something.
            require_file(os.stat(name, dir_fd=folder, follow_symlinks=False))
            file = SteadyFile(os.open(name, _FILE, dir_fd=folder))
        try:
            require_file(os.fstat(file.fileno()))
        except NoSuchKey:
            file.close()
            raise
        return file

    def walk(self, lower: bytes, upper: bytes | None, names_max: int, batch: int = 0) -> "Walk":
        """Begin a walk over the keys from `lower` to before `upper`.

        Args:
            names_max: names that may be looked at.
            batch: keys that are wanted; of a larger folder more are kept at a time then.
        """
        return Walk(self, lower, upper, names_max, max(batch, _BATCH))


class Walk:
    """Keys in the order of their bytes. Raise `lower` on the way to leave out what lies before it.

    Nothing is held open between two keys, and no more names of a folder than a batch are held in memory.

    Attributes:
        is_whole: whether no folder so far was closed to this server.
    """

    def __init__(self, tree: Tree, lower: bytes, upper: bytes | None, names_max: int, batch: int) -> None:
        self.lower = lower
        self.is_whole = True
        self._tree = tree
        self._upper = upper
        self._names_left = names_max
        self._batch_names = batch

    def __iter__(self) -> Iterator[bytes]:
        return self._folder(b"")

    def _folder(self, folder: bytes) -> Iterator[bytes]:
        after = b""
        while True:
            batch = self._batch(folder, after)
            for name in batch:
                place = folder + name
                if self._is_left_out(place):
                    continue
                if name.endswith(_SLASH):
                    yield from self._folder(place)
                else:
                    yield place
            if len(batch) < self._batch_names:
                return
            after = batch[-1]

    def _batch(self, folder: bytes, after: bytes) -> list[bytes]:
        """Give the next names in a folder; those of folders end with a slash, which is their place in the order."""
        wanted = (name for name in self._names(folder) if name > after and not self._is_left_out(folder + name))
        try:
            return heapq.nsmallest(self._batch_names, wanted)
        except PermissionError:
            # There is nothing in it that could be read.
            self.is_whole = False
            return []
        except (FileNotFoundError, NotADirectoryError):
            # Gone in between.
            return []

    def _names(self, folder: bytes) -> Iterator[bytes]:
        steps = folder.split(_SLASH)[:-1]
        with self._tree.folder(steps) as descriptor, os.scandir(descriptor) as entries:
            for entry in entries:
                self._names_left -= 1
                if self._names_left < 0:
                    raise StorageUnavailable(
                        "The folder behind this bucket has too many names to be listed.",
                        context={"reason": "mounts.listing_names_max"},
                    )
                name = _key_step(entry)
                if name is not None:
                    yield name

    def _is_left_out(self, place: bytes) -> bool:
        if len(place) > KEY_BYTES_MAX or (self._upper is not None and place >= self._upper):
            return True
        if place >= self.lower:
            return False
        # A folder before the lower end may still hold keys behind it.
        return not place.endswith(_SLASH) or not self.lower.startswith(place)


def require_file(status: os.stat_result) -> None:
    """Refuse what is no ordinary file.

    Raises:
        NoSuchKey.
    """
    if not stat.S_ISREG(status.st_mode):
        raise NoSuchKey


@contextmanager
def missing_is_no_such_key() -> Iterator[None]:
    """Turn what the system says of a path that leads nowhere, or to a link, into NoSuchKey."""
    try:
        yield
    except PermissionError as exc:
        raise UpstreamDenied(context={"reason": exc.strerror}) from exc
    except OSError as exc:
        if exc.errno in NO_SUCH_PATH:
            raise NoSuchKey from exc
        raise


def _key_step(entry: "os.DirEntry[str]") -> bytes | None:
    name = os.fsencode(entry.name)
    if name.startswith(b"."):
        return None
    try:
        name.decode("utf-8")
        if entry.is_dir(follow_symlinks=False):
            return name + _SLASH
        return name if entry.is_file(follow_symlinks=False) else None
    except (UnicodeDecodeError, OSError):
        return None
