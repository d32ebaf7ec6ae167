"""Every implementation of `FaceDatabase`, with a clock that goes on by a second at each look."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from oss_faces.database import DATABASE_FILE, open_database
from oss_faces.facedb import FaceDatabase, FaceDbSettings, MemoryFaceDatabase, SqlFaceDatabase
from oss_faces.vectors import MemoryVectorIndexes
from tests.contracts.facedb.faces import FIRST

SETTINGS = FaceDbSettings(datasets_max=4, files_max=6, figures_max=3, merges_max=3)


def ticking() -> Callable[[], datetime]:
    seconds = count()
    return lambda: FIRST + timedelta(seconds=next(seconds))


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the tables once: each test begins with a copy."""
    folder = tmp_path_factory.mktemp("empty")
    open_database(folder).close()
    return folder / DATABASE_FILE


@pytest.fixture(params=["memory", "sql"])
def faces(request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path) -> Iterator[FaceDatabase]:
    if request.param == "memory":
        yield MemoryFaceDatabase(SETTINGS, ticking())
        return
    shutil.copy(empty_database, tmp_path)
    database = open_database(tmp_path)
    indexes = MemoryVectorIndexes()
    yield SqlFaceDatabase(database, indexes, SETTINGS, ticking())
    indexes.close()
    database.close()
