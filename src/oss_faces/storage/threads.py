import sqlite3
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

    async def run(self, call: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """Run a call.

        Raises:
            StorageUnavailable: the disk or the database failed; this is the one place that says so.
        """
        try:
            return await to_thread.run_sync(call, *arguments, limiter=self._limiter)
        except (OSError, sqlite3.OperationalError) as exc:
            raise StorageUnavailable(context={"reason": str(exc)}) from exc
