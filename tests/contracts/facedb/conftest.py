"""Every implementation of `FaceDatabase`, with a clock that goes on by a second at each look."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from oss_faces.facedb import FaceDatabase, FaceDbSettings, MemoryFaceDatabase
from tests.contracts.facedb.faces import FIRST

SETTINGS = FaceDbSettings(datasets_max=4, files_max=6, figures_max=3, merges_max=3)


def ticking() -> Callable[[], datetime]:
    seconds = count()
    return lambda: FIRST + timedelta(seconds=next(seconds))


@pytest.fixture(params=["memory"])
def faces(request: pytest.FixtureRequest, tmp_path: Path) -> FaceDatabase:
    return MemoryFaceDatabase(SETTINGS, ticking())
