"""The stores of counts under test. A new one is added here and must pass unchanged."""

from collections.abc import Iterator

import pytest

from oss_faces.database import open_database
from oss_faces.metering import DatabaseUsageStore, MemoryUsageStore, UsageStore


@pytest.fixture(params=["memory", "database"])
def usage(request, memory_disk) -> Iterator[UsageStore]:
    if request.param == "memory":
        yield MemoryUsageStore()
        return
    database = open_database(memory_disk / "data")
    yield DatabaseUsageStore(database)
    database.close()
