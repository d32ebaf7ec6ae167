import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from oss_faces.errors import StorageUnavailable
from oss_faces.operations.people.erasing import Sweeper

_log: Final = logging.getLogger(__name__)
PERIOD_S: Final = 3600.0


@asynccontextmanager
async def expiring(sweeper: Sweeper, wait: Callable[[float], Awaitable[None]] = asyncio.sleep) -> AsyncIterator[None]:
    """Erase what has outlived its time, at once and then every hour, as long as the block runs.

    Args:
        wait: waits for so many seconds.
    """
    # No task group: it would wrap what the block raises, and its callers look for our own errors.
    task = asyncio.create_task(_sweep_on(sweeper, wait))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _sweep_on(sweeper: Sweeper, wait: Callable[[float], Awaitable[None]]) -> None:
    while True:
        try:
            count = await sweeper.sweep()
        except StorageUnavailable:
            # The disk may be full, or the database busy: the next time will do.
            _log.warning("faces that have outlived their time could not be erased", exc_info=True)
        else:
            if count:
                _log.info("%d files erased that had outlived their time", count)
        await wait(PERIOD_S)
