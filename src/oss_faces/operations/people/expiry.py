import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from oss_faces.hourly import Told, hourly
from oss_faces.operations.people.erasing import Sweeper

_TOLD: Final = Told(
    logging.getLogger(__name__),
    "%d files erased that had outlived their time",
    "faces that have outlived their time could not be erased",
)


def expiring(
    sweeper: Sweeper, wait: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AbstractAsyncContextManager[None]:
    """Erase what has outlived its time, at once and then every hour, as long as the block runs.

    Args:
        wait: waits for so many seconds.
    """
    return hourly(sweeper.sweep, _TOLD, wait)
