import fcntl
import io
import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Protocol

from oss_faces.errors import StorageUnavailable

_PAUSE_S: Final = 0.002
_PRIVATE_FOLDER: Final = 0o700
_PRIVATE_FILE: Final = 0o600


def wait_for(descriptor: int, deadline: float) -> None:
    """Take the lock of an open file, which ends at the latest with the process.

    Args:
        deadline: by the monotonic clock.

    Raises:
        StorageUnavailable: another process has held it until then.
    """
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            if time.monotonic() > deadline:
                raise StorageUnavailable(context={"reason": "another process is changing a vector index"}) from exc
            time.sleep(_PAUSE_S)
        else:
            return


class Lock(Protocol):
    """Keeps those apart that change vectors."""

    def held(self) -> AbstractContextManager[None]:
        """Run a block alone.

        Raises:
            StorageUnavailable: others did not finish in time.
        """
        ...


class SystemLock:
    """A lock between threads and between processes of one machine."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._threads = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Run a block alone.

        Raises:
            StorageUnavailable: others did not finish in time, or the file cannot be used.
        """
        deadline = time.monotonic() + self._timeout_s
        if not self._threads.acquire(timeout=self._timeout_s):
            raise StorageUnavailable(context={"reason": "a vector index is being changed"})
        try:
            with self._file() as file:
                wait_for(file.fileno(), deadline)
                yield
        finally:
            self._threads.release()

    def _file(self) -> io.FileIO:
        try:
            self._path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            return io.FileIO(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE), "r+")
        except OSError as exc:
            raise StorageUnavailable(context={"reason": str(exc)}) from exc
