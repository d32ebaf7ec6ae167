import os
import tempfile
from pathlib import Path
from typing import Final

from anyio import to_thread

from oss_faces.errors import StorageUnavailable

_PROBE: Final = bytes(64 * 1024)


async def check_writable(folder: Path) -> None:
    """Find out whether a folder takes files: write some bytes to its disk, into a file that nobody sees.

    Raises:
        StorageUnavailable: it does not (full, read-only, gone).
    """
    try:
        await to_thread.run_sync(_write, folder)
    except OSError as exc:
        raise StorageUnavailable(context={"reason": str(exc)}) from exc


def _write(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        file.write(_PROBE)
        os.fsync(file.fileno())
