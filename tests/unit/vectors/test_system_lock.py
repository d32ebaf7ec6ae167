"""One at a time, whichever thread or process; nobody waits for ever."""

import threading
from pathlib import Path

import pytest

from oss_faces.errors import StorageUnavailable
from oss_faces.vectors.system_lock import SystemLock


def test_another_file_handle_has_to_wait(tmp_path: Path) -> None:
    """A lock on the same file, as of another process, is refused while the first is held, and given after."""
    first, second = (SystemLock(tmp_path / "new" / "lock", timeout_s=0.01) for _ in range(2))
    with first.held(), pytest.raises(StorageUnavailable), second.held():
        pass
    with second.held():
        pass


def test_another_thread_has_to_wait(tmp_path: Path) -> None:
    """Of one lock, a second thread is refused as well."""
    lock = SystemLock(tmp_path / "lock", timeout_s=0.01)
    refused = []

    def try_it() -> None:
        try:
            with lock.held():
                pass
        except StorageUnavailable as exc:
            refused.append(exc)

    with lock.held():
        other = threading.Thread(target=try_it)
        other.start()
        other.join()
    assert len(refused) == 1


def test_a_place_that_cannot_be_used(tmp_path: Path) -> None:
    """A file where the folder should be is told as the storage failing."""
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable), SystemLock(tmp_path / "file" / "lock", timeout_s=1).held():
        pass
