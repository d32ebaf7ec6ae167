import sqlite3
import threading
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from anyio import CapacityLimiter, to_thread

from oss_faces.errors import StorageUnavailable

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class Threads:
    """Runs blocking calls of the store in a bounded number of threads."""

    def __init__(self, threads_max: int) -> None:
        self._limiter = CapacityLimiter(threads_max)
        self._running = 0
        self._has_ended = threading.Condition()

    async def run(self, call: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """Run a call.

        Raises:
            StorageUnavailable: the disk or the database failed; this is the one place that says so.
        """
        try:
            return await to_thread.run_sync(self._count, call, *arguments, limiter=self._limiter)
        except (OSError, sqlite3.OperationalError) as exc:
            raise StorageUnavailable(context={"reason": str(exc)}) from exc

    async def drain(self, timeout_s: float) -> bool:
        """Wait for calls that outlived their cancelled tasks. Return whether all have ended in time."""
        return await to_thread.run_sync(self._wait, timeout_s)

    def _count(self, call: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        with self._has_ended:
            self._running += 1
        try:
            return call(*arguments)
        finally:
            with self._has_ended:
                self._running -= 1
                self._has_ended.notify_all()

    def _wait(self, timeout_s: float) -> bool:
        with self._has_ended:
            return self._has_ended.wait_for(lambda: self._running == 0, timeout_s)
