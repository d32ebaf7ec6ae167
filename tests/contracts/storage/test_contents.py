"""What every store does with contents, and with readers and writers at the same time."""

from collections.abc import AsyncIterator

import anyio
import pytest

from oss_faces.errors import (
    InvalidRange,
    ObjectTooLarge,
)
from oss_faces.storage import (
    ByteRange,
    CopySpec,
    ListQuery,
    PutSpec,
)
from oss_faces.values import Acl, Address, ObjectHeaders
from tests.contracts.storage.shelf import (
    BUCKET,
    CHUNK_BYTES,
    NOW_WHOLE_SECONDS,
    OBJECT_BYTES_MAX,
    get,
    keys_of,
    md5,
    pieces,
    put,
)

pytestmark = pytest.mark.anyio


# --- contents ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size_bytes", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 200])
async def test_content_comes_back_as_it_was_written(store, size_bytes):
    """A content of any length up to the limit is read back byte for byte, in pieces and whole."""
    content = bytes(range(200))[:size_bytes]
    meta = await put(store, "key", content)
    assert await get(store, "key") == content
    assert await store.read(BUCKET, "key", size_bytes) == (meta, content)


async def test_pieces_of_a_body_may_have_any_size(store):
    """How a body is cut into pieces, empty ones included, makes no difference."""
    body = pieces(b"", b"a", b"", b"b" * 50, b"c", b"d" * 15, b"")
    meta = await store.put(BUCKET, "key", body, PutSpec())
    assert meta.size_bytes == 67
    assert await get(store, "key") == b"a" + b"b" * 50 + b"c" + b"d" * 15


async def test_chunks_are_bounded_and_not_empty(store):
    """Reading gives pieces of at most the chunk size, and none for an empty object."""
    await put(store, "key", bytes(40))
    await put(store, "empty", b"")
    async with await store.open(BUCKET, "key") as opened:
        assert [len(chunk) async for chunk in opened.chunks()] == [16, 16, 8]
    async with await store.open(BUCKET, "empty") as opened:
        assert [chunk async for chunk in opened.chunks()] == []


@pytest.mark.needs("checksums")
async def test_digests_are_those_of_the_content(store):
    """ETag is the upper-case MD5, crc64 is CRC-64/XZ with its published check value."""
    meta = await put(store, "key", b"123456789")
    assert meta.etag == "25F9E794323B453885F5181F1B624D0B"
    assert meta.crc64 == 0x995DC9BBDF1939FA
    assert meta.size_bytes == 9


@pytest.mark.needs("metadata", "object ACLs", "our clock")
async def test_every_way_of_reading_gives_the_same_metadata(store):
    """What put returns is what head, open, read and list tell; the time is whole seconds of the store's clock."""
    headers = ObjectHeaders("image/jpeg", {"author": "zoë", "empty": ""}, {"cache-control": "no-cache"})
    meta = await put(store, "key", b"abc", PutSpec(headers=headers, acl=Acl.PUBLIC_READ))
    assert (meta.content_type, meta.user, meta.headers) == ("image/jpeg", headers.user, headers.standard)
    assert (meta.acl, meta.last_modified) == (Acl.PUBLIC_READ, NOW_WHOLE_SECONDS)
    assert await store.head(BUCKET, "key") == meta
    async with await store.open(BUCKET, "key") as opened:
        assert opened.meta == meta
    assert (await store.read(BUCKET, "key", 3))[0] == meta
    assert (await store.list(BUCKET, ListQuery())).objects == (meta,)


async def test_plain_put_has_the_documented_defaults(store):
    """Without anything said an object is application/octet-stream, under the bucket's ACL."""
    meta = await put(store, "key", b"")
    assert (meta.content_type, meta.acl, meta.user, meta.headers) == ("application/octet-stream", Acl.DEFAULT, {}, {})


@pytest.mark.parametrize(
    ("start", "end_exclusive"), [(0, 1), (0, 40), (39, 40), (3, 7), (10, 30), (16, 32), (38, 1_000), (0, 41)]
)
async def test_range_gives_that_part(store, start, end_exclusive):
    """A range gives exactly its bytes; one that ends behind the object gives the rest of it."""
    content = bytes(range(40))
    await put(store, "key", content)
    assert await get(store, "key", ByteRange(start, end_exclusive)) == content[start:end_exclusive]


@pytest.mark.parametrize(("size_bytes", "start"), [(40, 40), (40, 41), (0, 0)])
async def test_range_behind_the_end_is_refused(store, size_bytes, start):
    """A range without a single byte of the object is InvalidRange."""
    await put(store, "key", bytes(size_bytes))
    with pytest.raises(InvalidRange):
        await get(store, "key", ByteRange(start, start + 5))


async def test_opened_object_can_be_read_again(store):
    """One opened object gives several ranges, for instance one to sniff the format and then all of it."""
    await put(store, "key", bytes(range(40)))
    async with await store.open(BUCKET, "key") as opened:
        assert b"".join([chunk async for chunk in opened.chunks(ByteRange(30, 34))]) == bytes(range(30, 34))
        assert b"".join([chunk async for chunk in opened.chunks()]) == bytes(range(40))


async def test_closing_twice_is_fine(store):
    """`aclose` after the context has ended does nothing."""
    await put(store, "key", b"x")
    async with await store.open(BUCKET, "key") as opened:
        pass
    await opened.aclose()


async def test_read_refuses_what_is_too_large(store):
    """`read` takes exactly its limit and not a byte more."""
    await put(store, "key", bytes(10))
    assert (await store.read(BUCKET, "key", 10))[1] == bytes(10)
    with pytest.raises(ObjectTooLarge):
        await store.read(BUCKET, "key", 9)


# --- writers and readers at the same time -----------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["overwrite", "delete", "copy over it"])
async def test_reader_keeps_its_version(store, change):
    """A reader in the middle of an object reads it to its end, whatever happens to the key."""
    old = bytes(range(40))
    await put(store, "key", old)
    await put(store, "other", b"other")
    async with await store.open(BUCKET, "key") as opened:
        chunks = opened.chunks()
        received = await anext(chunks)
        if change == "overwrite":
            await put(store, "key", b"new")
        elif change == "delete":
            await store.delete(BUCKET, "key")
        else:
            await store.copy(Address(BUCKET, "other"), Address(BUCKET, "key"), CopySpec())
        async for chunk in chunks:
            received += chunk
        assert received == old
        assert opened.meta.size_bytes == len(old)


async def test_old_version_is_read_until_the_new_is_whole(store):
    """While a new version comes in, readers see the old one; when `put` returns, the new one."""
    await put(store, "key", b"old")

    async def body() -> AsyncIterator[bytes]:
        yield b"n" * 100
        assert await get(store, "key") == b"old"
        yield b"w" * 100

    await store.put(BUCKET, "key", body(), PutSpec())
    assert await get(store, "key") == b"n" * 100 + b"w" * 100


async def test_concurrent_puts_leave_one_whole_version(store):
    """Of many writers of one key one wins whole, and all of them succeed."""
    contents = [bytes([number]) * (50 + number) for number in range(8)]

    async def slowly(content: bytes) -> AsyncIterator[bytes]:
        for place in range(0, len(content), 7):
            await anyio.lowlevel.checkpoint()
            yield content[place : place + 7]

    async with anyio.create_task_group() as group:
        for content in contents:
            group.start_soon(store.put, BUCKET, "key", slowly(content), PutSpec())
    meta, content = await store.read(BUCKET, "key", OBJECT_BYTES_MAX)
    assert content in contents
    assert meta.etag == md5(content).hex().upper()
    assert await keys_of(store) == ["key"]


async def test_reads_during_overwrites_are_never_torn(store):
    """Readers racing a writer of the same key see one of its versions, whole, every time."""
    versions = {bytes([number]) * (20 + 3 * number) for number in range(12)}
    await put(store, "key", min(versions))
    seen: list[bytes] = []
    is_written = anyio.Event()

    async def read() -> None:
        while not is_written.is_set():
            meta, content = await store.read(BUCKET, "key", OBJECT_BYTES_MAX)
            assert meta.size_bytes == len(content)
            seen.append(content)
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(read)
        group.start_soon(read)
        await anyio.lowlevel.checkpoint()
        for version in sorted(versions):
            await put(store, "key", version)
        is_written.set()
    assert seen
    assert set(seen) <= versions
