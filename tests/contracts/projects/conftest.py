"""Every implementation of `Projects`, with a clock that goes on by a second at each look."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from oss_faces.database import open_database
from oss_faces.projects import ImmSettings, MemoryProjects, Projects, SqlProjects

FIRST = datetime(2026, 11, 22, 18, 54, 3, 123456, tzinfo=UTC)
SETTINGS = ImmSettings(projects_max=4, attachments_max=3)


def ticking() -> Callable[[], datetime]:
    seconds = count()
    return lambda: FIRST + timedelta(seconds=next(seconds))


@pytest.fixture(params=["memory", "sql"])
def projects(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Projects]:
    if request.param == "memory":
        yield MemoryProjects(SETTINGS, ticking())
        return
    database = open_database(tmp_path)
    yield SqlProjects(database, SETTINGS, ticking())
    database.close()
