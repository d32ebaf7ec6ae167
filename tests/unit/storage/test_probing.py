"""Whether a folder takes files."""

from functools import partial
from pathlib import Path

import anyio
import pytest

from oss_faces.errors import StorageUnavailable
from oss_faces.storage import check_writable


def test_folder_that_takes_files_is_left_as_it_was(tmp_path: Path) -> None:
    """The probe leaves nothing behind."""
    anyio.run(partial(check_writable, tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_folder_that_takes_none_is_told(tmp_path: Path) -> None:
    """One that is gone, or is none."""
    (tmp_path / "file").touch()
    for folder in (tmp_path / "absent", tmp_path / "file"):
        with pytest.raises(StorageUnavailable):
            anyio.run(partial(check_writable, folder))
