"""Appending to objects in every store that can."""

import asyncio
from datetime import timedelta

import anyio
import pytest
from fastcrc import crc64

from oss_faces.errors import (
    EntityTooLarge,
    IncompleteBody,
    InvalidArgument,
    InvalidDigest,
    InvalidObjectName,
    NoSuchBucket,
    ObjectNotAppendable,
    PositionNotEqualToLength,
)
from oss_faces.storage import AppendSpec, ObjectStore
from oss_faces.values import Acl, ObjectHeaders, ObjectMeta, ObjectType
from tests.contracts.storage.shelf import BUCKET, OBJECT_BYTES_MAX, get, keys_of, md5, pieces, put

pytestmark = [pytest.mark.anyio, pytest.mark.needs("uploads")]


async def append(
    store: ObjectStore, position: int, content: bytes, spec: AppendSpec | None = None, key: str = "log"
) -> ObjectMeta:
    return await store.append(BUCKET, key, position, pieces(content), spec or AppendSpec())


async def test_pieces_add_up(store, clock):
    """Each piece is at the end of what was there; length, checksum, ETag and time follow."""
    first = await append(store, 0, b"first")
    clock.now += timedelta(seconds=3)
    second = await append(store, 5, b"second")
    assert (first.size_bytes, second.size_bytes) == (5, 11)
    assert (first.crc64, second.crc64) == (crc64.xz(b"first"), crc64.xz(b"firstsecond"))
    assert first.etag != second.etag
    assert second.last_modified - first.last_modified == timedelta(seconds=3)
    assert second.object_type is ObjectType.APPENDABLE
    assert await store.read(BUCKET, "log", 100) == (second, b"firstsecond")
    assert await keys_of(store) == ["log"]


async def test_the_first_piece_gives_headers_and_acl(store):
    """What a later piece says of the object does not count; an ACL that was set meanwhile stays."""
    headers = ObjectHeaders("text/plain", {"a": "b"}, {"cache-control": "no-cache"})
    await append(store, 0, b"a", AppendSpec(headers, Acl.PUBLIC_READ))
    await store.set_object_acl(BUCKET, "log", Acl.PRIVATE)
    meta = await append(store, 1, b"b", AppendSpec(ObjectHeaders("image/png"), Acl.PUBLIC_READ))
    assert (meta.content_type, meta.user, meta.headers) == (headers.content_type, headers.user, headers.standard)
    assert meta.acl is Acl.PRIVATE


@pytest.mark.parametrize("position", [0, 4, 6, 10**15])
async def test_another_position_is_refused(store, position):
    """A piece that does not begin at the end is refused, and the error tells where the end is."""
    await append(store, 0, b"first")
    with pytest.raises(PositionNotEqualToLength) as caught:
        await append(store, position, b"second")
    assert caught.value.context == {"length": 5}
    assert await get(store, "log") == b"first"


async def test_an_absent_object_ends_at_zero(store):
    """The first piece must begin at 0."""
    with pytest.raises(PositionNotEqualToLength) as caught:
        await append(store, 1, b"first")
    assert caught.value.context == {"length": 0}
    assert await keys_of(store) == []


async def test_other_objects_take_no_piece(store):
    """An object that was put is not appendable, and one that is appendable can be replaced by one that is not."""
    await append(store, 0, b"first")
    await put(store, "log", b"other")
    with pytest.raises(ObjectNotAppendable):
        await append(store, 5, b"second")
    assert await get(store, "log") == b"other"


async def test_empty_pieces(store):
    """An empty piece makes an empty object, and adds nothing to another."""
    assert (await append(store, 0, b"")).size_bytes == 0
    assert (await append(store, 0, b"a")).size_bytes == 1
    assert (await append(store, 1, b"")).size_bytes == 1
    assert await get(store, "log") == b"a"


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        (AppendSpec(content_md5=bytes(16)), InvalidDigest),
        (AppendSpec(content_md5=b"short"), InvalidDigest),
        (AppendSpec(size_bytes=7), IncompleteBody),
        (AppendSpec(size_bytes=5), EntityTooLarge),
        (AppendSpec(size_bytes=OBJECT_BYTES_MAX - 4), EntityTooLarge),
        (AppendSpec(ObjectHeaders(user={"a": "v" * 64})), InvalidArgument),
    ],
)
async def test_a_refused_piece_changes_nothing(store, spec, error):
    """A piece that is not the announced one leaves the object as it was."""
    before = await append(store, 0, b"first")
    with pytest.raises(error):
        await append(store, 5, b"second", spec)
    assert await store.read(BUCKET, "log", 100) == (before, b"first")
    assert await append(store, 5, b"second", AppendSpec(content_md5=md5(b"second"), size_bytes=6))


async def test_the_whole_is_bounded(store):
    """The pieces together are no longer than an object may be."""
    await append(store, 0, b"a" * (OBJECT_BYTES_MAX - 1))
    with pytest.raises(EntityTooLarge):
        await append(store, OBJECT_BYTES_MAX - 1, b"bc")
    assert (await append(store, OBJECT_BYTES_MAX - 1, b"b")).size_bytes == OBJECT_BYTES_MAX


async def test_names_and_buckets_are_checked(store):
    """What could never be an object is refused."""
    with pytest.raises(InvalidObjectName):
        await append(store, 0, b"a", key="")
    with pytest.raises(NoSuchBucket):
        await store.append("nosuchbucket", "log", 0, pieces(b"a"), AppendSpec())


async def test_a_reader_sees_the_object_as_it_was(store):
    """Whoever opened the object before a piece came reads it without the piece."""
    await append(store, 0, b"a" * 40)
    async with await store.open(BUCKET, "log") as opened:
        await append(store, 40, b"b" * 40)
        assert b"".join([chunk async for chunk in opened.chunks()]) == b"a" * 40


async def test_of_two_pieces_for_one_place_one_is_refused(store):
    """Pieces that come together for the same place do not mix: one is there whole, the others are refused."""
    for start in (0, 20):
        results = await asyncio.gather(
            *[append(store, start, bytes([number]) * 20) for number in range(5)], return_exceptions=True
        )
        refused = [result for result in results if isinstance(result, PositionNotEqualToLength)]
        assert len(refused) == 4
        content = await get(store, "log")
        assert len(content) == start + 20
        assert len(set(content[start:])) == 1


async def test_a_piece_whose_object_is_deleted_meanwhile(store):
    """A piece for an object that goes away while it comes in finds no object of its length."""
    await append(store, 0, b"first")

    async def body():
        await store.delete(BUCKET, "log")
        yield b"second"

    with pytest.raises(PositionNotEqualToLength):
        await store.append(BUCKET, "log", 5, body(), AppendSpec())
    assert await keys_of(store) == []


async def test_a_cancelled_piece_is_whole_or_nothing(store):
    """Wherever cancellation strikes, the object has all of a piece or nothing of it, and takes the next one."""
    length = (await append(store, 0, b"a")).size_bytes
    for steps in range(12):
        task = asyncio.create_task(append(store, length, b"n" * 10))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        # A thread may still be finishing what its cancelled task began.
        with anyio.fail_after(10):
            while not await _takes(store, length := len(await get(store, "log"))):
                pass
        length += 1
        assert (length - 1 - (steps + 1)) % 10 == 0
    assert (await store.head(BUCKET, "log")).size_bytes == length


async def _takes(store: ObjectStore, length: int) -> bool:
    try:
        await append(store, length, b"s")
    except PositionNotEqualToLength:
        return False
    return True
