"""Both crews, each with two workers that have the real networks; made once, since a process takes a while to start."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from oss_faces.child.wire import Hello
from oss_faces.config import Settings
from oss_faces.stages import StageSettings, load_stages
from oss_faces.workers import Crew, ProcessCrew, ThreadCrew

ROOT = Path(__file__).parents[3]
MEMORY_BYTES_MAX = 1 << 30


def hello(stages: StageSettings, memory_bytes_max: int = MEMORY_BYTES_MAX, niceness: int = 0) -> Hello:
    """Give what a process is told first."""
    return Hello(stages, memory_bytes_max, niceness, os.getpid())


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The event loop that the server has; it has its own way to wait for processes."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="module", params=["threads", "processes"])
async def crew(request: pytest.FixtureRequest) -> AsyncIterator[Crew]:
    stages = Settings().stages
    with pytest.MonkeyPatch.context() as patch:
        # So that the processes find the calls of these tests.
        patch.setenv("PYTHONPATH", str(ROOT))
        if request.param == "threads":
            made: Crew = ThreadCrew(2, load_stages(stages))
        else:
            made = ProcessCrew(2, hello(stages))
        await made.start()
        yield made
        await made.aclose()
