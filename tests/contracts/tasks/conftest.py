"""Every implementation of `Tasks`, with a clock that stands until it is moved."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from oss_faces.database import Database
from oss_faces.tasks import MemoryTasks, SqlTasks, Tasks, TaskSettings

SETTINGS = TaskSettings(waiting_max=5)


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 18, 54, 3, 123456, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def added() -> list[str]:
    """Grows with each time that somebody is told of new work."""
    return []


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def tasks(request: pytest.FixtureRequest, clock: Hands, added: list[str], states: Callable[[str], Database]) -> Tasks:
    def tell() -> None:
        added.append("told")

    if request.param == "memory":
        return MemoryTasks(SETTINGS, clock.now, tell)
    return SqlTasks(states(request.param), SETTINGS, clock.now, tell)
