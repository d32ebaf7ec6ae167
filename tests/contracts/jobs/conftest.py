import gc
import logging
import os
import warnings
from collections.abc import Callable, Iterator

import pytest

from oss_faces.jobs import Engine, LocalEngine, RayEngine, RaySettings, SerialEngine

ENGINES: dict[str, Callable[[], Engine]] = {
    "serial": SerialEngine,
    "local": lambda: LocalEngine(2),
    "ray": lambda: RayEngine(RaySettings(workers=1, window_pictures=1_000)),
}


@pytest.fixture(scope="session")
def cluster() -> Iterator[None]:
    """Ray for all tests of the session: its start takes longer than they do."""
    RayEngine(RaySettings())
    import ray  # noqa: PLC0415  behind the engine, which keeps it quiet

    with warnings.catch_warnings():
        # Ray leaves files and sockets to the collector.
        warnings.simplefilter("ignore")
        ray.init(
            "local",
            num_cpus=2,
            include_dashboard=False,
            _node_ip_address="127.0.0.1",
            object_store_memory=100 << 20,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
        assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
        yield
        ray.shutdown()
        gc.collect()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "ray":
        request.getfixturevalue("cluster")
    return ENGINES[request.param]()
