"""Every implementation of `Audit`, with a clock that goes on by a second at each look."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from oss_faces.audit import Audit, MemoryAudit, SqlAudit
from oss_faces.database import Database

FIRST = datetime(2026, 11, 22, 18, 54, 3, 123456, tzinfo=UTC)


def ticking() -> Callable[[], datetime]:
    seconds = count()
    return lambda: FIRST + timedelta(seconds=next(seconds))


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def audit(request: pytest.FixtureRequest, states: Callable[[str], Database]) -> Audit:
    return MemoryAudit(ticking()) if request.param == "memory" else SqlAudit(states(request.param), ticking())
