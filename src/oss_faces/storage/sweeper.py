import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from oss_faces.hourly import Told, hourly
from oss_faces.storage.uploads import MultipartUploads

_TOLD: Final = Told(
    logging.getLogger(__name__), "%d uploads removed that were too old", "old uploads could not be removed"
)


def sweeping(
    uploads: MultipartUploads, wait: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AbstractAsyncContextManager[None]:
    """Abort uploads that are too old, at once and then every hour, as long as the block runs.

    Args:
        wait: waits for so many seconds.
    """
    return hourly(uploads.expire_uploads, _TOLD, wait)
