import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from oss_faces.errors import StorageUnavailable
from oss_faces.storage.uploads import MultipartUploads

_log: Final = logging.getLogger(__name__)
PERIOD_S: Final = 3600.0


@asynccontextmanager
async def sweeping(
    uploads: MultipartUploads, wait: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AsyncIterator[None]:
    """Abort uploads that are too old, at once and then every hour, as long as the block runs.

    Args:
        wait: waits for so many seconds.
    """
    # No task group: it would wrap what the block raises, and its callers look for our own errors.
    task = asyncio.create_task(_sweep_on(uploads, wait))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _sweep_on(uploads: MultipartUploads, wait: Callable[[float], Awaitable[None]]) -> None:
    while True:
        try:
            count = await uploads.expire_uploads()
        except StorageUnavailable:
            # The disk may be full, or the database busy: the next time will do.
            _log.warning("old uploads could not be removed", exc_info=True)
        else:
            if count:
                _log.info("%d uploads removed that were too old", count)
        await wait(PERIOD_S)
