import random
from collections.abc import AsyncIterator

import pytest

from oss_faces.workers import Workers, WorkerSettings
from tests.working import LateCrew


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    """One place to work, one to wait."""
    made = Workers(WorkerSettings(running=1, waiting=1), LateCrew(1), chance=random.Random(1))  # noqa: S311  no secret
    yield made
    await made.aclose()
