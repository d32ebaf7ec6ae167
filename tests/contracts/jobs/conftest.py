from collections.abc import Callable

import pytest

from oss_faces.jobs import Engine, LocalEngine, SerialEngine

ENGINES: dict[str, Callable[[], Engine]] = {"serial": SerialEngine, "local": lambda: LocalEngine(2)}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]()
