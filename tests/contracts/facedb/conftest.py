"""Every implementation of `FaceDatabase`, with a clock that goes on by a second at each look."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count

import pytest

from oss_faces.database import Database
from oss_faces.facedb import FaceDatabase, FaceDbSettings, MemoryFaceDatabase, SqlFaceDatabase
from oss_faces.vectors import MemoryVectorIndexes
from tests.contracts.facedb.faces import FIRST

SETTINGS = FaceDbSettings(datasets_max=4, files_max=6, figures_max=3, merges_max=3)


def ticking() -> Callable[[], datetime]:
    seconds = count()
    return lambda: FIRST + timedelta(seconds=next(seconds))


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def faces(request: pytest.FixtureRequest, states: Callable[[str], Database]) -> Iterator[FaceDatabase]:
    if request.param == "memory":
        yield MemoryFaceDatabase(SETTINGS, ticking())
        return
    indexes = MemoryVectorIndexes()
    yield SqlFaceDatabase(states(request.param), indexes, SETTINGS, ticking())
    indexes.close()
