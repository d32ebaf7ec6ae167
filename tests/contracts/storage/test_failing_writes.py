"""A write that fails, or is cancelled, has changed nothing in any store."""

import asyncio
from collections.abc import AsyncIterator

import anyio
import pytest

from oss_faces.errors import (
    EntityTooLarge,
    FileAlreadyExists,
    IncompleteBody,
    InvalidArgument,
    InvalidDigest,
    NoSuchBucket,
)
from oss_faces.storage import (
    PutSpec,
)
from oss_faces.values import ObjectHeaders
from tests.contracts.storage.shelf import (
    BUCKET,
    OBJECT_BYTES_MAX,
    get,
    keys_of,
    md5,
    pieces,
    put,
)

pytestmark = pytest.mark.anyio


class TransferStoppedError(Exception):
    """Stands for any error of the connection that a body comes from."""


async def stopping_body() -> AsyncIterator[bytes]:
    yield b"n" * 50
    raise TransferStoppedError


FAILING_PUTS = {
    "MD5 of something else": (lambda: pieces(b"new"), PutSpec(content_md5=bytes(16)), InvalidDigest),
    "MD5 of wrong length": (lambda: pieces(b"new"), PutSpec(content_md5=b"short"), InvalidDigest),
    "short body": (lambda: pieces(b"n" * 20, b"ew"), PutSpec(size_bytes=23), IncompleteBody),
    "empty body": (pieces, PutSpec(size_bytes=1), IncompleteBody),
    "longer than announced": (lambda: pieces(b"n" * 20, b"ew"), PutSpec(size_bytes=21), EntityTooLarge),
    "over the caller's limit": (lambda: pieces(b"n" * 20, b"ew"), PutSpec(size_bytes_max=21), EntityTooLarge),
    "over the store's limit": (lambda: pieces(b"n" * 200, b"e"), PutSpec(), EntityTooLarge),
    "caller's limit above the store's": (lambda: pieces(b"n" * 201), PutSpec(size_bytes_max=500), EntityTooLarge),
    "too much user metadata": (
        lambda: pieces(b"new"),
        PutSpec(headers=ObjectHeaders(user={"name": "v" * 61})),
        InvalidArgument,
    ),
    "too many standard headers": (
        lambda: pieces(b"new"),
        PutSpec(headers=ObjectHeaders(standard={"cache-control": "v" * 60})),
        InvalidArgument,
    ),
    "metadata that is no text": (
        lambda: pieces(b"new"),
        PutSpec(headers=ObjectHeaders(user={"name": "\ud800"})),
        InvalidArgument,
    ),
    "key taken": (lambda: pieces(b"new"), PutSpec(forbid_overwrite=True), FileAlreadyExists),
    "body raises": (stopping_body, PutSpec(), TransferStoppedError),
}


@pytest.mark.parametrize("case", FAILING_PUTS)
async def test_failed_put_leaves_the_old_object(store, case):
    """A put that raises changes nothing: the old object is there as it was."""
    make_body, spec, error = FAILING_PUTS[case]
    old = await put(store, "key", b"old")
    with pytest.raises(error):
        await store.put(BUCKET, "key", make_body(), spec)
    assert await store.head(BUCKET, "key") == old
    assert await get(store, "key") == b"old"


@pytest.mark.parametrize("case", [name for name in FAILING_PUTS if name != "key taken"])
async def test_failed_put_leaves_no_new_object(store, case):
    """A put that raises makes no object where there was none."""
    make_body, spec, error = FAILING_PUTS[case]
    with pytest.raises(error):
        await store.put(BUCKET, "key", make_body(), spec)
    assert await keys_of(store) == []


@pytest.mark.needs("metadata")
async def test_right_digest_and_length_are_accepted(store):
    """A body that is what its sender announced is stored, also exactly at the limits."""
    content = b"n" * OBJECT_BYTES_MAX
    spec = PutSpec(
        headers=ObjectHeaders(user={"name": "v" * 60}),
        content_md5=md5(content),
        size_bytes=len(content),
        size_bytes_max=len(content),
        forbid_overwrite=True,
    )
    await put(store, "key", content, spec)
    assert await get(store, "key") == content


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        (PutSpec(size_bytes=OBJECT_BYTES_MAX + 1), EntityTooLarge),
        (PutSpec(size_bytes=11, size_bytes_max=10), EntityTooLarge),
        (PutSpec(content_md5=b"short"), InvalidDigest),
        (PutSpec(forbid_overwrite=True), FileAlreadyExists),
    ],
)
async def test_hopeless_body_is_not_read(store, spec, error):
    """What can be refused beforehand is refused before a byte of the body is asked for."""
    await put(store, "key", b"old")
    pieces_read = []

    async def body() -> AsyncIterator[bytes]:
        pieces_read.append(1)
        yield b"new"

    with pytest.raises(error):
        await store.put(BUCKET, "key", body(), spec)
    assert pieces_read == []


async def test_endless_body_is_stopped_at_the_limit(store):
    """A body that never ends is given up as soon as it is over the limit."""
    sent = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            sent.append(1)
            yield bytes(10)

    with pytest.raises(EntityTooLarge):
        await store.put(BUCKET, "key", endless(), PutSpec())
    assert len(sent) == OBJECT_BYTES_MAX // 10 + 1


async def test_cancelled_put_changes_nothing(store):
    """A put cancelled in the middle of its body leaves the old object."""
    await put(store, "key", b"old")
    with anyio.CancelScope() as scope:

        async def body() -> AsyncIterator[bytes]:
            yield b"n" * 100
            scope.cancel()
            await anyio.sleep_forever()

        await store.put(BUCKET, "key", body(), PutSpec())
    assert scope.cancelled_caught
    assert await get(store, "key") == b"old"


async def test_put_cancelled_by_its_task_changes_nothing(store):
    """The same when a plain asyncio task is cancelled, as servers do when a client leaves."""
    is_halfway = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"n" * 100
        is_halfway.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(store.put(BUCKET, "key", body(), PutSpec()))
    await is_halfway.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await keys_of(store) == []


async def test_put_cancelled_at_any_moment_is_whole_or_nothing(store):
    """Wherever cancellation strikes a put, the key holds all of the old content or all of the new."""
    for steps in range(30):
        await put(store, "key", b"old")
        task = asyncio.create_task(put(store, "key", b"n" * 100))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        meta, content = await store.read(BUCKET, "key", OBJECT_BYTES_MAX)
        assert content in (b"old", b"n" * 100)
        assert meta.etag == md5(content).hex().upper()


async def test_forbid_overwrite_holds_against_a_writer_in_between(store):
    """A key that is taken while the body comes is not overwritten."""

    async def body() -> AsyncIterator[bytes]:
        await put(store, "key", b"first")
        yield b"second"

    with pytest.raises(FileAlreadyExists):
        await store.put(BUCKET, "key", body(), PutSpec(forbid_overwrite=True))
    assert await get(store, "key") == b"first"


@pytest.mark.needs("a bucket of the wire")
async def test_bucket_deleted_while_the_body_comes(store):
    """A put whose bucket goes away is refused, and does not bring it back."""

    async def body() -> AsyncIterator[bytes]:
        await store.delete_bucket(BUCKET)
        yield b"content"

    with pytest.raises(NoSuchBucket):
        await store.put(BUCKET, "key", body(), PutSpec())
    with pytest.raises(NoSuchBucket):
        await store.get_bucket(BUCKET)
