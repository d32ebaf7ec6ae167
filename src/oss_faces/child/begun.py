import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final, Self

from oss_faces.errors import WorkerLost

# What a worker needs of the environment; there may be secrets in the rest.
_KEPT: Final = frozenset({"PATH", "HOME", "LANG", "TMPDIR", "TZ", "VIRTUAL_ENV"})
_KEPT_PREFIXES: Final = ("LC_", "LD_", "PYTHON", "ORT_", "MALLOC_")
# The networks have one thread each; so have the libraries below them.
_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class BegunProcess:
    """A worker process from its first moment on: it imports what it needs, and waits to be told what to load.

    It ends when `connection` is closed, by whoever ends first, and has nothing else of the process that began it.

    Attributes:
        connection: the one way to it; it has the other end as its input and its output.
    """

    def __init__(self, process: subprocess.Popen[bytes], connection: socket.socket) -> None:
        self.connection = connection
        self._process = process

    @classmethod
    def begin(cls) -> Self:
        """Begin one.

        Raises:
            WorkerLost: no process can be started.
        """
        # `-P`: nothing is imported from where the server happens to have been started.
        command = (sys.executable, "-P", "-m", "oss_faces.child")
        ours, theirs = socket.socketpair()
        with theirs:
            fd = theirs.fileno()
            try:
                # In a group of its own: a terminal's Ctrl-C is for the server alone. Not in a session of its own: where
                # the kernel shares the processors among sessions (`sched_autogroup_enabled`), it could not step back
                # behind the server. Source: sched(7), "The autogroup feature".
                process = subprocess.Popen(  # noqa: S603  (our own program, by its own interpreter)
                    command, stdin=fd, stdout=fd, process_group=0, env=_environment(os.environ)
                )
            except OSError as exc:
                ours.close()
                raise WorkerLost(context={"reason": f"no process could be started: {exc}"}) from exc
        return cls(process, ours)

    @property
    def status(self) -> int | None:
        """Its exit status, or the signal that ended it as a negative number; `None` while it is there."""
        return self._process.poll()

    def kill(self) -> None:
        """Begin its end."""
        self._process.kill()

    def wait(self) -> int:
        """Wait for the end that was begun; gives the exit status."""
        return self._process.wait()

    def end(self) -> None:
        """Kill it, if it has not ended, and wait for that."""
        self.kill()
        self.wait()
        self.connection.close()

    def tell(self, frame: bytes) -> None:
        """Send what fits between two processes at once; one that has ended meanwhile is found out later."""
        with suppress(ConnectionError):
            self.connection.sendall(frame)


@contextmanager
def begun_process() -> Iterator[BegunProcess]:
    """Begin a process that is gone in the end, whatever comes between.

    Raises:
        WorkerLost: no process can be started.
    """
    begun = BegunProcess.begin()
    try:
        yield begun
    finally:
        begun.end()


def _environment(whole: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in whole.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)}
    return {**kept, **_ONE_THREAD}
