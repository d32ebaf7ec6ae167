"""What every object store must do. A new store is added to `store` and must pass unchanged."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oss_faces.errors import (
    BucketAlreadyExists,
    BucketNotEmpty,
    EntityTooLarge,
    FileAlreadyExists,
    IncompleteBody,
    InvalidArgument,
    InvalidBucketName,
    InvalidDigest,
    InvalidObjectName,
    InvalidRange,
    NoSuchBucket,
    NoSuchKey,
    ObjectTooLarge,
    OssFacesError,
    PreconditionFailed,
    TooManyBuckets,
)
from oss_faces.storage import (
    ByteRange,
    CopySpec,
    ListPage,
    ListQuery,
    MemoryStore,
    ObjectStore,
    PutSpec,
    StorageLimits,
    StorageSettings,
    open_local_store,
)
from oss_faces.values import Acl, Address, BucketMeta, ObjectHeaders, ObjectMeta

pytestmark = pytest.mark.anyio

BUCKET = "examplebucket"
OWNER = "account"
NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
NOW_WHOLE_SECONDS = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
# Small, so that small contents already take several pieces.
CHUNK_BYTES = 16
OBJECT_BYTES_MAX = 200
LIMITS = {"chunk_bytes": CHUNK_BYTES, "object_bytes_max": OBJECT_BYTES_MAX, "buckets_max": 4, "metadata_bytes_max": 64}


@pytest.fixture(params=["memory", "local"])
async def store(request, memory_disk) -> AsyncIterator[ObjectStore]:
    if request.param == "memory":
        opened: ObjectStore = MemoryStore(StorageLimits(**LIMITS), lambda: NOW)
    else:
        opened = await open_local_store(StorageSettings(data_dir=memory_disk / "data", **LIMITS), lambda: NOW)
    await opened.create_bucket(BUCKET, OWNER)
    yield opened
    await opened.aclose()


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()


async def put(store: ObjectStore, key: str, content: bytes, spec: PutSpec | None = None) -> ObjectMeta:
    return await store.put(BUCKET, key, pieces(content), spec or PutSpec())


async def get(store: ObjectStore, key: str, byte_range: ByteRange | None = None) -> bytes:
    async with await store.open(BUCKET, key) as opened:
        return b"".join([chunk async for chunk in opened.chunks(byte_range)])


async def keys_of(store: ObjectStore) -> list[str]:
    page = await store.list(BUCKET, ListQuery(max_keys=1000))
    return [meta.key for meta in page.objects]


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


async def test_digests_are_those_of_the_content(store):
    """ETag is the upper-case MD5, crc64 is CRC-64/XZ with its published check value."""
    meta = await put(store, "key", b"123456789")
    assert meta.etag == "25F9E794323B453885F5181F1B624D0B"
    assert meta.crc64 == 0x995DC9BBDF1939FA
    assert meta.size_bytes == 9


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


# --- writes that fail -------------------------------------------------------------------------------------------------


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


async def test_bucket_deleted_while_the_body_comes(store):
    """A put whose bucket goes away is refused, and does not bring it back."""

    async def body() -> AsyncIterator[bytes]:
        await store.delete_bucket(BUCKET)
        yield b"content"

    with pytest.raises(NoSuchBucket):
        await store.put(BUCKET, "key", body(), PutSpec())
    with pytest.raises(NoSuchBucket):
        await store.get_bucket(BUCKET)


# --- keys -------------------------------------------------------------------------------------------------------------

AWKWARD_KEYS = [
    "..",
    ".",
    "../../../../etc/passwd",
    "/",
    "//",
    "/leading",
    "a//b",
    "a/",
    "a/./b",
    "a/../b",
    "a\\b",
    "照片/臉.jpg",
    "👩‍👩‍👧‍👦.png",
    "e\u0301",
    "\u00e9",
    "new\nline",
    "tab\tand\rreturn",
    "nul\0inside",
    "%2F",
    "a b+c",
    "'\"; DROP TABLE objects; --",
    "%_like*glob?",
    "\U0010ffff",
    "x" * 1023,
    "é" * 511,
    "a/" * 511,
]


async def test_awkward_keys_are_only_names(store):
    """Keys that mean something to file systems, SQL or URLs are told apart, kept as they are, and found again."""
    for key in AWKWARD_KEYS:
        await put(store, key, hashlib.sha256(key.encode()).digest())
    for key in AWKWARD_KEYS:
        assert await get(store, key) == hashlib.sha256(key.encode()).digest()
        assert (await store.head(BUCKET, key)).key == key
    assert await keys_of(store) == sorted(AWKWARD_KEYS, key=lambda key: key.encode())
    await store.delete_many(BUCKET, AWKWARD_KEYS)
    assert await keys_of(store) == []


Call = Callable[[ObjectStore, str], Awaitable[object]]
ON_A_KEY: dict[str, Call] = {
    "put": lambda store, key: put(store, key, b""),
    "head": lambda store, key: store.head(BUCKET, key),
    "open": lambda store, key: store.open(BUCKET, key),
    "read": lambda store, key: store.read(BUCKET, key, 1),
    "set_object_acl": lambda store, key: store.set_object_acl(BUCKET, key, Acl.PRIVATE),
    "delete": lambda store, key: store.delete(BUCKET, key),
    "delete_many": lambda store, key: store.delete_many(BUCKET, ["good", key]),
    "copy from": lambda store, key: store.copy(Address(BUCKET, key), Address(BUCKET, "good"), CopySpec()),
    "copy to": lambda store, key: store.copy(Address(BUCKET, "good"), Address(BUCKET, key), CopySpec()),
}


@pytest.mark.parametrize("call", ON_A_KEY)
@pytest.mark.parametrize("key", ["", "x" * 1024, "é" * 512, "\ud800"], ids=["empty", "ascii", "utf-8", "surrogate"])
async def test_impossible_keys_are_refused(store, call, key):
    """Empty keys, keys of more than 1,023 bytes and keys outside UTF-8 are InvalidObjectName for every call."""
    await put(store, "good", b"")
    with pytest.raises(InvalidObjectName):
        await ON_A_KEY[call](store, key)
    assert await keys_of(store) == ["good"]


@pytest.mark.parametrize("call", ["head", "open", "read", "set_object_acl", "copy from"])
async def test_missing_key_is_told(store, call):
    """Whatever needs an object says NoSuchKey when there is none."""
    with pytest.raises(NoSuchKey):
        await ON_A_KEY[call](store, "missing")
    assert await keys_of(store) == []


ON_A_BUCKET: dict[str, Call] = {
    "get_bucket": lambda store, bucket: store.get_bucket(bucket),
    "set_bucket_acl": lambda store, bucket: store.set_bucket_acl(bucket, Acl.PRIVATE),
    "delete_bucket": lambda store, bucket: store.delete_bucket(bucket),
    "list": lambda store, bucket: store.list(bucket, ListQuery()),
    "put": lambda store, bucket: store.put(bucket, "key", pieces(b""), PutSpec()),
    "head": lambda store, bucket: store.head(bucket, "key"),
    "open": lambda store, bucket: store.open(bucket, "key"),
    "read": lambda store, bucket: store.read(bucket, "key", 1),
    "set_object_acl": lambda store, bucket: store.set_object_acl(bucket, "key", Acl.PRIVATE),
    "delete": lambda store, bucket: store.delete(bucket, "key"),
    "delete_many": lambda store, bucket: store.delete_many(bucket, ["key"]),
    "copy from": lambda store, bucket: store.copy(Address(bucket, "key"), Address(BUCKET, "key"), CopySpec()),
    "copy to": lambda store, bucket: store.copy(Address(BUCKET, "key"), Address(bucket, "key"), CopySpec()),
}


@pytest.mark.parametrize("call", ON_A_BUCKET)
@pytest.mark.parametrize("bucket", ["missing", "", "..", "Not A Name", "桶\0", "\ud800"])
async def test_missing_bucket_is_told(store, call, bucket):
    """Every call on a bucket that does not exist, or could not, says NoSuchBucket."""
    await put(store, "key", b"x")
    with pytest.raises(NoSuchBucket):
        await ON_A_BUCKET[call](store, bucket)


# --- copying, deleting, ACL -------------------------------------------------------------------------------------------


async def test_copy_keeps_content_and_headers_but_not_the_acl(store):
    """A copy has the content, digests and headers of its source, and the ACL that was asked for."""
    headers = ObjectHeaders("image/png", {"a": "b"}, {"cache-control": "no-cache"})
    await store.create_bucket("otherbucket", OWNER)
    source = await put(store, "key", bytes(100), PutSpec(headers=headers, acl=Acl.PUBLIC_READ))
    copy = await store.copy(Address(BUCKET, "key"), Address("otherbucket", "copy"), CopySpec())
    assert (copy.key, copy.acl) == ("copy", Acl.DEFAULT)
    assert (copy.etag, copy.crc64, copy.size_bytes) == (source.etag, source.crc64, source.size_bytes)
    assert (copy.content_type, copy.user, copy.headers) == (source.content_type, source.user, source.headers)
    assert await store.read("otherbucket", "copy", 100) == (copy, bytes(100))
    assert await store.head(BUCKET, "key") == source


async def test_copy_onto_itself_changes_the_headers(store):
    """Copying an object over itself with new headers replaces all of them and keeps the content."""
    headers = ObjectHeaders("text/plain", {"old": "1"}, {"expires": "0"})
    await put(store, "key", bytes(100), PutSpec(headers=headers))
    spec = CopySpec(headers=ObjectHeaders("image/jpeg", {"new": "2"}), acl=Acl.PRIVATE)
    copy = await store.copy(Address(BUCKET, "key"), Address(BUCKET, "key"), spec)
    assert (copy.content_type, copy.user, copy.headers, copy.acl) == ("image/jpeg", {"new": "2"}, {}, Acl.PRIVATE)
    assert await store.read(BUCKET, "key", 100) == (copy, bytes(100))


async def test_copy_of_an_empty_object(store):
    """An object without content can be copied."""
    await put(store, "key", b"")
    copy = await store.copy(Address(BUCKET, "key"), Address(BUCKET, "copy"), CopySpec())
    assert copy.size_bytes == 0


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        (CopySpec(source_etag="0" * 32), PreconditionFailed),
        (CopySpec(forbid_overwrite=True), FileAlreadyExists),
        (CopySpec(headers=ObjectHeaders(user={"a": "v" * 64})), InvalidArgument),
    ],
)
async def test_refused_copy_changes_nothing(store, spec, error):
    """A copy that may not be made leaves the target as it was."""
    await put(store, "key", b"source")
    await put(store, "target", b"target")
    with pytest.raises(error):
        await store.copy(Address(BUCKET, "key"), Address(BUCKET, "target"), spec)
    assert await get(store, "target") == b"target"


async def test_copy_with_the_right_etag_and_a_free_key(store):
    """Conditions that hold do not stand in the way."""
    source = await put(store, "key", b"source")
    spec = CopySpec(source_etag=source.etag, forbid_overwrite=True)
    await store.copy(Address(BUCKET, "key"), Address(BUCKET, "target"), spec)
    assert await get(store, "target") == b"source"


async def test_object_acl_can_be_replaced(store):
    """Setting the ACL changes it and nothing else."""
    meta = await put(store, "key", b"content")
    await store.set_object_acl(BUCKET, "key", Acl.PUBLIC_READ_WRITE)
    changed = await store.head(BUCKET, "key")
    assert changed.acl == Acl.PUBLIC_READ_WRITE
    await store.set_object_acl(BUCKET, "key", Acl.DEFAULT)
    assert await store.head(BUCKET, "key") == meta
    assert await get(store, "key") == b"content"


async def test_deleted_object_is_gone(store):
    """A deleted object cannot be found, and deleting it again is no error."""
    await put(store, "key", b"content")
    await store.delete(BUCKET, "key")
    await store.delete(BUCKET, "key")
    with pytest.raises(NoSuchKey):
        await store.head(BUCKET, "key")
    assert await keys_of(store) == []


async def test_many_objects_are_deleted_together(store):
    """`delete_many` removes those that exist, takes missing and repeated keys, and leaves the others."""
    for key in ("a", "b", "c"):
        await put(store, key, b"content")
    await store.delete_many(BUCKET, [])
    await store.delete_many(BUCKET, ["a", "missing", "c", "a"])
    assert await keys_of(store) == ["b"]


# --- buckets ----------------------------------------------------------------------------------------------------------


async def test_new_bucket_is_private(store):
    """A bucket is created private, with its owner and the time in whole seconds."""
    expected = BucketMeta(BUCKET, Acl.PRIVATE, NOW_WHOLE_SECONDS, OWNER)
    assert await store.get_bucket(BUCKET) == expected
    assert (await store.list_buckets()).buckets == (expected,)


async def test_creating_ones_own_bucket_again_keeps_it(store):
    """Creating a bucket again is no error, keeps its objects, and changes the ACL only when one is given."""
    await put(store, "key", b"content")
    created = await store.create_bucket(BUCKET, OWNER, Acl.PUBLIC_READ)
    assert created.acl == Acl.PUBLIC_READ
    assert await store.create_bucket(BUCKET, OWNER) == created
    assert await store.get_bucket(BUCKET) == created
    assert await keys_of(store) == ["key"]


async def test_bucket_of_another_owner_is_refused(store):
    """A name that someone else has cannot be taken."""
    with pytest.raises(BucketAlreadyExists):
        await store.create_bucket(BUCKET, "someone else", Acl.PUBLIC_READ)
    assert (await store.get_bucket(BUCKET)).acl == Acl.PRIVATE


@pytest.mark.parametrize("name", ["abc", "123", "a-b", "x" * 63])
async def test_good_bucket_names(store, name):
    """Names within the rules are taken."""
    assert (await store.create_bucket(name, OWNER)).name == name


@pytest.mark.parametrize(
    "name", ["", "ab", "x" * 64, "Abc", "a_b", "a.b", "-ab", "ab-", "a b", "abc\n", "äbc", "../x", "a/b"]
)
async def test_bad_bucket_names(store, name):
    """Names outside the rules are InvalidBucketName."""
    with pytest.raises(InvalidBucketName):
        await store.create_bucket(name, OWNER)


async def test_buckets_are_limited(store):
    """Beyond the limit no bucket is made, but one's own is still found."""
    for name in ("aaa", "bbb", "ccc"):
        await store.create_bucket(name, OWNER)
    with pytest.raises(TooManyBuckets):
        await store.create_bucket("ddd", OWNER)
    assert (await store.create_bucket("aaa", OWNER)).name == "aaa"
    assert len((await store.list_buckets()).buckets) == 4


async def test_buckets_are_listed_by_name_in_pages(store):
    """Buckets come by name, behind the marker, with the prefix, in pages that join without gap or repetition."""
    for name in ("b-two", "a-one", "b-one"):
        await store.create_bucket(name, OWNER)

    async def names(prefix: str = "", marker: str = "", limit: int = 1000) -> tuple[list[str], str]:
        page = await store.list_buckets(prefix, marker, limit)
        assert page.is_truncated == bool(page.next_marker)
        return [bucket.name for bucket in page.buckets], page.next_marker

    assert await names() == (["a-one", "b-one", "b-two", BUCKET], "")
    assert await names(limit=3) == (["a-one", "b-one", "b-two"], "b-two")
    assert await names(marker="b-two") == ([BUCKET], "")
    assert await names(prefix="b-") == (["b-one", "b-two"], "")
    assert await names(prefix="b-", limit=1) == (["b-one"], "b-one")
    assert await names(prefix="b-", marker="b-one", limit=1) == (["b-two"], "")
    assert await names(prefix="\0") == ([], "")
    assert await names(prefix="\ud800", marker="\ud800") == ([], "")


async def test_bucket_acl_can_be_replaced(store):
    """Setting the ACL of a bucket changes it and nothing else."""
    before = await store.get_bucket(BUCKET)
    await store.set_bucket_acl(BUCKET, Acl.PUBLIC_READ_WRITE)
    after = await store.get_bucket(BUCKET)
    assert after == BucketMeta(before.name, Acl.PUBLIC_READ_WRITE, before.created, before.owner)


async def test_only_empty_buckets_are_deleted(store):
    """A bucket with objects stays; an empty one goes, and its name is free for anyone."""
    await put(store, "key", b"content")
    with pytest.raises(BucketNotEmpty):
        await store.delete_bucket(BUCKET)
    await store.delete(BUCKET, "key")
    await store.delete_bucket(BUCKET)
    with pytest.raises(NoSuchBucket):
        await store.get_bucket(BUCKET)
    assert (await store.create_bucket(BUCKET, "someone else")).owner == "someone else"


async def test_buckets_do_not_share_keys(store):
    """The same key in two buckets is two objects."""
    await store.create_bucket("otherbucket", OWNER)
    await put(store, "key", b"one")
    await store.put("otherbucket", "key", pieces(b"two"), PutSpec())
    await store.delete(BUCKET, "key")
    assert (await store.read("otherbucket", "key", 3))[1] == b"two"


# --- listing ----------------------------------------------------------------------------------------------------------


def naive_page(keys: set[str], query: ListQuery) -> tuple[list[str], list[str], str]:
    """Build a page by the definition: all entries in order, those behind the marker, cut off; then the next marker."""
    entries: dict[bytes, bool] = {}
    for key in keys:
        if key.startswith(query.prefix):
            rest = key[len(query.prefix) :]
            is_folded = bool(query.delimiter) and query.delimiter in rest
            entry = query.prefix + rest.partition(query.delimiter)[0] + query.delimiter if is_folded else key
            # A key that equals a common prefix is folded into it too.
            entries[entry.encode()] = is_folded
    behind = sorted(entry for entry in entries if entry > query.marker.encode())
    shown = behind[: query.max_keys]
    objects = [entry.decode() for entry in shown if not entries[entry]]
    prefixes = [entry.decode() for entry in shown if entries[entry]]
    return objects, prefixes, shown[-1].decode() if len(behind) > len(shown) else ""


def summary(page: ListPage) -> tuple[list[str], list[str], str]:
    return [meta.key for meta in page.objects], list(page.common_prefixes), page.next_marker


# Few letters, so that prefixes, delimiters and markers meet; two of them differ in UTF-8 and UTF-16 order.
LETTERS = st.sampled_from(["a", "b", "/", "//", "\0", "é", "\uffff", "\U0001f600"])
TEXTS = st.lists(LETTERS, max_size=5).map("".join)
KEYS = st.sets(TEXTS.filter(bool), max_size=8)
QUERIES = st.builds(
    ListQuery,
    prefix=st.one_of(st.just(""), TEXTS),
    marker=st.one_of(st.just(""), TEXTS),
    delimiter=st.sampled_from(["", "/", "/", "//", "a", "é"]),
    max_keys=st.integers(1, 9),
)


@settings(
    max_examples=25,
    deadline=None,
    # The same store serves all examples; each leaves it empty.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(keys=KEYS, queries=st.lists(QUERIES, min_size=10, max_size=30))
async def test_pages_are_those_of_the_definition(store, keys, queries):
    """Every page equals the one built by the definition, for any keys, prefix, marker, delimiter and size."""
    try:
        for key in keys:
            await put(store, key, b"")
        for query in queries:
            assert summary(await store.list(BUCKET, query)) == naive_page(keys, query), query
    finally:
        await store.delete_many(BUCKET, list(keys))


@pytest.mark.parametrize("delimiter", ["", "/", "b"])
@pytest.mark.parametrize("prefix", ["", "a", "a/"])
@pytest.mark.parametrize("max_keys", [1, 2, 3, 1000])
async def test_pages_join_without_gap_or_repetition(store, prefix, delimiter, max_keys):
    """Following the next marker to the end gives each entry once, in order, whatever the size of the pages."""
    keys = {"a", "a/", "a/b", "a/b/c", "a/c", "ab", "a-", "b/a", "b", "c/", "c//", "z"}
    for key in sorted(keys):
        await put(store, key, b"")
    found: list[str] = []
    marker = ""
    while True:
        page = await store.list(BUCKET, ListQuery(prefix, marker, delimiter, max_keys))
        entries = [*(meta.key for meta in page.objects), *page.common_prefixes]
        assert len(entries) <= max_keys
        found += sorted(entries)
        marker = page.next_marker
        if not page.is_truncated:
            break
    objects, prefixes, _ = naive_page(keys, ListQuery(prefix, "", delimiter, 1000))
    assert found == sorted(objects + prefixes)


async def test_listing_what_is_not_text_is_refused(store):
    """Prefixes, markers and delimiters outside UTF-8 are InvalidArgument."""
    for query in (ListQuery(prefix="\ud800"), ListQuery(marker="\ud800"), ListQuery(delimiter="\ud800")):
        with pytest.raises(InvalidArgument):
            await store.list(BUCKET, query)


async def test_errors_are_those_of_the_wire(store):
    """Every error of a store has a wire code of its own and a message without paths."""
    with pytest.raises(OssFacesError) as caught:
        await store.head(BUCKET, "missing")
    assert (caught.value.code, caught.value.http_status) == ("NoSuchKey", 404)
    assert "/" not in caught.value.message
