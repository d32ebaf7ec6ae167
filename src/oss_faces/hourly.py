"""Cleaning that a server does beside its requests, at once and then every hour."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from oss_faces.errors import StorageUnavailable

PERIOD_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Told:
    """What the log says of it.

    Attributes:
        log: whose.
        done: with a place for how much was removed; said when it is more than nothing.
        failed: when the storage refused; the next time will do.
    """

    log: logging.Logger
    done: str
    failed: str


@asynccontextmanager
async def hourly(
    clean: Callable[[], Awaitable[int]], told: Told, wait: Callable[[float], Awaitable[None]]
) -> AsyncIterator[None]:
    """Clean as long as the block runs.

    Args:
        clean: returns how much it removed.
        wait: waits for so many seconds.
    """
    # No task group: it would wrap what the block raises, and its callers look for our own errors.
    task = asyncio.create_task(_clean_on(clean, told, wait))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _clean_on(clean: Callable[[], Awaitable[int]], told: Told, wait: Callable[[float], Awaitable[None]]) -> None:
    while True:
        try:
            count = await clean()
        except StorageUnavailable:
            # The disk may be full, or the database busy: the next time will do.
            told.log.warning(told.failed, exc_info=True)
        else:
            if count:
                told.log.info(told.done, count)
        await wait(PERIOD_S)
