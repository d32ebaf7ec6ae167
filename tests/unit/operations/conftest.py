"""A store in memory with one bucket for each ACL, and a pipeline that finds what it is told to find."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from oss_faces.grants import EVERYTHING
from oss_faces.storage import MemoryStore, PutSpec, StorageLimits
from oss_faces.values import Acl, Principal

NOON = datetime(2015, 12, 5, 12, 0, 0, tzinfo=UTC)


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    """A body in two pieces."""
    half = len(content) // 2
    for piece in (content[:half], content[half:]):
        if piece:
            yield piece


class Shelf(MemoryStore):
    """A store that notes which methods were called, to tell what was not read."""

    def __init__(self) -> None:
        super().__init__(StorageLimits(), lambda: NOON)
        self.calls: list[str] = []

    async def read(self, bucket: str, key: str, size_bytes_max: int):
        self.calls.append("read")
        return await super().read(bucket, key, size_bytes_max)

    async def open(self, bucket: str, key: str):
        self.calls.append("open")
        return await super().open(bucket, key)

    async def add(self, bucket: str, key: str, content: bytes = b"content", acl: Acl = Acl.DEFAULT) -> None:
        await self.put(bucket, key, pieces(content), PutSpec(acl=acl))


@pytest.fixture
async def shelf() -> Shelf:
    """Buckets `private`, `public-read` and `public-read-write` of their ACL, each with one object of each ACL."""
    store = Shelf()
    for bucket_acl in (Acl.PRIVATE, Acl.PUBLIC_READ, Acl.PUBLIC_READ_WRITE):
        await store.create_bucket(bucket_acl.value, "owner", bucket_acl)
        for object_acl in Acl:
            await store.add(bucket_acl.value, object_acl.value, acl=object_acl)
    return store


@pytest.fixture
def anonymous() -> Principal:
    return Principal()


@pytest.fixture
def owner() -> Principal:
    return Principal("key", EVERYTHING)
