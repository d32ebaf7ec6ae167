"""The stores of counts under test. A new one is added here and must pass unchanged."""

import pytest

from oss_faces.metering import DatabaseUsageStore, MemoryUsageStore, UsageStore


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def usage(request, states) -> UsageStore:
    return MemoryUsageStore() if request.param == "memory" else DatabaseUsageStore(states(request.param))
