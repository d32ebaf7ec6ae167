"""Every implementation of `Projects`, with a clock that goes on by a second at each look."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from oss_faces.database import Database
from oss_faces.projects import ImmSettings, MemoryProjects, Projects, SqlProjects

FIRST = datetime(2026, 11, 22, 18, 54, 3, 123456, tzinfo=UTC)
SETTINGS = ImmSettings(projects_max=4, attachments_max=3)


def ticking() -> Callable[[], datetime]:
    seconds = count()
    return lambda: FIRST + timedelta(seconds=next(seconds))


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def projects(request: pytest.FixtureRequest, states: Callable[[str], Database]) -> Projects:
    if request.param == "memory":
        return MemoryProjects(SETTINGS, ticking())
    return SqlProjects(states(request.param), SETTINGS, ticking())
