"""The stores under test. A new one is added here and must pass unchanged."""

from collections.abc import AsyncIterator

import pytest

from oss_faces.storage import (
    MemoryStore,
    ObjectStore,
    StorageLimits,
    StorageSettings,
    open_local_store,
)
from tests.contracts.storage.shelf import BUCKET, LIMITS, OWNER, MovableClock


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(params=["memory", "local"])
async def store(request, memory_disk, clock) -> AsyncIterator[ObjectStore]:
    if request.param == "memory":
        opened: ObjectStore = MemoryStore(StorageLimits(**LIMITS), clock)
    else:
        opened = await open_local_store(StorageSettings(data_dir=memory_disk / "data", **LIMITS), clock)
    await opened.create_bucket(BUCKET, OWNER)
    yield opened
    await opened.aclose()
