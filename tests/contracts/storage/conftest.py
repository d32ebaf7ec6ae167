"""The stores under test. A new one is added here and must pass unchanged.

What a mounted bucket cannot do by its nature is named here, once; a test that is about it carries the mark `needs`. All
else holds for every store.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from oss_faces.storage import (
    MemoryStore,
    StorageLimits,
    StorageSettings,
    WholeStore,
    open_local_store,
)
from tests.contracts.storage import elsewhere
from tests.contracts.storage.shelf import BUCKET, LIMITS, OWNER, MovableClock
from tests.running import RunningServer

_MOUNTED = {"a bucket of the wire", "object ACLs", "uploads", "any key", "all or nothing of many"}
_REMOTE = _MOUNTED | {"our clock", "checksums", "every header", "whole metadata in listings", "readers that keep"}
LACKS: dict[str, set[str]] = {
    "memory": set(),
    "local": set(),
    "folder": _MOUNTED | {"metadata"},
    "s3": _REMOTE,
    "oss": _REMOTE,
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the stores that have what it needs."""
    if "store" in metafunc.fixturenames:
        needs = {need for mark in metafunc.definition.iter_markers("needs") for need in mark.args}
        unknown = needs - set().union(*LACKS.values())
        assert not unknown, f"no store lacks {unknown}"
        metafunc.parametrize("store", [kind for kind, lacks in LACKS.items() if not needs & lacks], indirect=True)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    yield from elsewhere.running_moto()


@pytest.fixture(scope="session")
def upstream(server: RunningServer) -> RunningServer:
    server.bucket(elsewhere.UPSTREAM).create_bucket()
    return server


@pytest.fixture
async def store(request, memory_disk, clock) -> AsyncIterator[WholeStore]:
    opened = await _open(request, memory_disk, clock)
    await opened.create_bucket(BUCKET, OWNER)
    yield opened
    await opened.aclose()


async def _open(request: pytest.FixtureRequest, folder: Path, clock: MovableClock) -> WholeStore:
    limits = StorageLimits(**LIMITS)
    if request.param == "memory":
        return MemoryStore(limits, clock)
    if request.param == "local":
        return await open_local_store(StorageSettings(data_dir=folder / "data", **LIMITS), clock)
    if request.param == "folder":
        return await elsewhere.mounted(elsewhere.folder_mount(folder), limits, clock)
    if request.param == "s3":
        return await elsewhere.mounted(elsewhere.s3_mount(request.getfixturevalue("moto")), limits, clock)
    return await elsewhere.mounted(elsewhere.oss_mount(request.getfixturevalue("upstream")), limits, clock)
