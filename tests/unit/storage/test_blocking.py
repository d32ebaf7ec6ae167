"""A bucket for callers that block."""

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from anyio.from_thread import start_blocking_portal

from oss_faces.errors import NoSuchBucket, NoSuchKey, ObjectTooLarge
from oss_faces.storage import BucketReader, MemoryStore, PutSpec, StorageLimits
from tests.contracts.storage.shelf import BUCKET, OWNER, MovableClock

PAGE = 500
COUNT = 1003
"""More than one page of a listing."""


async def body(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def filled() -> MemoryStore:
    store = MemoryStore(StorageLimits(), MovableClock())
    await store.create_bucket(BUCKET, OWNER)
    for number in range(COUNT):
        await store.put(BUCKET, f"a/{number:04}", body(str(number).encode()), PutSpec())
    await store.put(BUCKET, "b", body(b"other"), PutSpec())
    return store


@pytest.fixture(scope="module")
def read() -> Iterator[BucketReader]:
    with start_blocking_portal() as portal:
        yield BucketReader(portal, portal.call(filled), BUCKET, PAGE)


def test_all_pages_are_listed(read: BucketReader) -> None:
    """Every object under the prefix once, in order."""
    assert [meta.key for meta in read.objects("a/")] == [f"a/{number:04}" for number in range(COUNT)]
    assert [meta.key for meta in read.objects("b")] == ["b"]
    assert list(read.objects("c")) == []


def test_objects_are_read_from_many_threads(read: BucketReader) -> None:
    """Each gets its own."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(partial(read.read, size_bytes_max=9), [f"a/{number:04}" for number in range(50)]))
    assert found == [str(number).encode() for number in range(50)]


def test_errors_of_the_store_pass_through(read: BucketReader) -> None:
    """Whoever asked gets them."""
    with pytest.raises(NoSuchKey):
        read.read("absent", 9)
    with pytest.raises(ObjectTooLarge):
        read.read("b", 4)
    with start_blocking_portal() as portal:
        other = BucketReader(portal, portal.call(filled), "another")
        with pytest.raises(NoSuchBucket):
            list(other.objects(""))
