"""Embedded stores for the tests of this folder."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oss_faces.storage import LocalStore, StorageSettings, open_local_store
from oss_faces.storage.content import ContentFolder

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OpenStore = Callable[..., Awaitable[LocalStore]]


@pytest.fixture
def data_dir(memory_disk: Path) -> Path:
    return memory_disk / "data"


@pytest.fixture
async def open_store(data_dir: Path) -> AsyncIterator[OpenStore]:
    """Open stores in `data_dir`, with the given settings and content folder, and close them after the test."""
    async with AsyncExitStack() as stack:

        async def open_one(content: ContentFolder | None = None, **values: object) -> LocalStore:
            store = await open_local_store(StorageSettings(data_dir=data_dir, **values), lambda: NOW, content)
            stack.push_async_callback(store.aclose)
            return store

        yield open_one


@pytest.fixture
def content_files(data_dir: Path) -> Callable[[], list[Path]]:
    """List all files of contents, complete or not."""

    def find() -> list[Path]:
        folders = (data_dir / "content", data_dir / "incoming")
        return [path for folder in folders for path in folder.rglob("*") if path.is_file()]

    return find
