"""Every implementation of `Audit`, with a clock that goes on by a second at each look."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from oss_faces.audit import Audit, MemoryAudit, SqlAudit
from oss_faces.database import open_database

FIRST = datetime(2026, 11, 22, 18, 54, 3, 123456, tzinfo=UTC)


def ticking() -> Callable[[], datetime]:
    seconds = count()
    return lambda: FIRST + timedelta(seconds=next(seconds))


@pytest.fixture(params=["memory", "sql"])
def audit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Audit]:
    if request.param == "memory":
        yield MemoryAudit(ticking())
        return
    database = open_database(tmp_path)
    yield SqlAudit(database, ticking())
    database.close()
