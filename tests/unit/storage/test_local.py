import asyncio
import errno
import os
import resource
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import anyio
import pytest

from oss_faces.errors import FileAlreadyExists, StorageUnavailable
from oss_faces.storage import ByteRange, ListQuery, LocalStore, ObjectStore, PutSpec
from oss_faces.storage.content import ContentFolder
from oss_faces.values import Acl, ObjectHeaders

pytestmark = pytest.mark.anyio

BUCKET = "examplebucket"


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def put(store: ObjectStore, key: str, content: bytes) -> None:
    await store.put(BUCKET, key, pieces(content), PutSpec())


async def keys_of(store: ObjectStore) -> list[str]:
    return [meta.key for meta in (await store.list(BUCKET, ListQuery())).objects]


async def read_range(store: ObjectStore, byte_range: ByteRange) -> bytes:
    async with await store.open(BUCKET, "key") as opened:
        return b"".join([chunk async for chunk in opened.chunks(byte_range)])


class FailingFolder(ContentFolder):
    """A disk on which one step fails, once it is told so."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.failing = ""
        self.error = errno.ENOSPC

    def fail(self, step: str) -> None:
        if step == self.failing:
            raise OSError(self.error, os.strerror(self.error))

    def create(self, content_id: str) -> int:
        self.fail("create")
        return super().create(content_id)

    def write(self, descriptor: int, block: bytes) -> None:
        super().write(descriptor, block[:1])
        self.fail("write")
        super().write(descriptor, block[1:])

    def complete(self, content_id: str, descriptor: int) -> None:
        self.fail("complete")
        super().complete(content_id, descriptor)
        self.fail("after complete")

    def remove(self, content_id: str) -> None:
        self.fail("remove")
        super().remove(content_id)


# --- what is kept -----------------------------------------------------------------------------------------------------


async def test_everything_is_there_after_reopening(open_store):
    """Buckets, objects and all their metadata are the same in the next process."""
    store = await open_store()
    await store.create_bucket(BUCKET, "account", Acl.PUBLIC_READ)
    headers = ObjectHeaders("image/jpeg", {"name": "zoë"}, {"cache-control": "no-cache"})
    await store.put(BUCKET, "a/é", pieces(b"123456789"), PutSpec(headers=headers, acl=Acl.PRIVATE))
    before = (await store.list_buckets(), await store.list(BUCKET, ListQuery()), await store.read(BUCKET, "a/é", 9))
    await store.aclose()
    store = await open_store()
    assert before == (
        await store.list_buckets(),
        await store.list(BUCKET, ListQuery()),
        await store.read(BUCKET, "a/é", 9),
    )


async def test_overwritten_and_deleted_contents_are_removed(open_store, content_files):
    """The disk holds one file for each object that exists, and none besides."""
    store = await open_store()
    await store.create_bucket(BUCKET, "account")
    for content in (b"one", b"two", b"three"):
        await put(store, "key", content)
    assert [path.read_bytes() for path in content_files()] == [b"three"]
    await store.delete(BUCKET, "key")
    assert content_files() == []


async def test_files_and_folders_are_private(open_store, data_dir):
    """Nobody but the owner can look into the data folder, whatever the umask lets through."""
    mask = os.umask(0)
    try:
        store = await open_store()
        await store.create_bucket(BUCKET, "account")
        await put(store, "key", b"content")
    finally:
        os.umask(mask)
    for path in [data_dir, *data_dir.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


async def test_names_of_files_say_nothing_of_keys(open_store, content_files, data_dir):
    """A content file has a random name, so no key can lead out of the folder."""
    store = await open_store()
    await store.create_bucket(BUCKET, "account")
    await put(store, "../../escaped", b"one")
    first = content_files()
    await put(store, "../../escaped", b"two")
    assert content_files() != first
    for path in content_files():
        assert path.is_relative_to(data_dir / "content")
        assert "escaped" not in str(path)


# --- disks that fail --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("step", ["create", "write", "complete", "after complete"])
async def test_failing_disk_changes_nothing(open_store, content_files, data_dir, step, error):
    """A full, read-only or broken disk is StorageUnavailable; the old object stays, and so does no new file."""
    folder = FailingFolder(data_dir)
    store = await open_store(folder)
    await store.create_bucket(BUCKET, "account")
    await put(store, "key", b"old")
    folder.failing, folder.error = step, error
    for key in ("key", "new key"):
        with pytest.raises(StorageUnavailable) as caught:
            await put(store, key, b"new")
        assert isinstance(caught.value.__cause__, OSError)
        assert str(data_dir) not in caught.value.message
    assert (await store.read(BUCKET, "key", 3))[1] == b"old"
    assert await keys_of(store) == ["key"]
    assert len(content_files()) == 1
    folder.failing = ""
    await put(store, "key", b"new")
    assert (await store.read(BUCKET, "key", 3))[1] == b"new"


async def test_file_that_cannot_be_removed_is_removed_later(open_store, content_files, data_dir):
    """A write or delete that is recorded has happened, also when the old file resists; the next start removes it."""
    folder = FailingFolder(data_dir)
    store = await open_store(folder)
    await store.create_bucket(BUCKET, "account")
    await put(store, "key", b"old")
    await put(store, "other", b"other")
    folder.failing = "remove"
    await put(store, "key", b"new")
    await store.delete(BUCKET, "other")
    await store.aclose()
    assert len(content_files()) == 3
    store = await open_store()
    assert await keys_of(store) == ["key"]
    assert [path.read_bytes() for path in content_files()] == [b"new"]


async def test_failed_write_whose_file_cannot_be_removed(open_store, content_files, data_dir):
    """A refused write keeps its own error when its file cannot be removed; the next start removes it."""
    folder = FailingFolder(data_dir)
    store = await open_store(folder)
    await store.create_bucket(BUCKET, "account")

    async def body() -> AsyncIterator[bytes]:
        await put(store, "key", b"first")
        folder.failing = "remove"
        yield b"second"

    with pytest.raises(FileAlreadyExists):
        await store.put(BUCKET, "key", body(), PutSpec(forbid_overwrite=True))
    await store.aclose()
    assert len(content_files()) == 2
    await open_store()
    assert [path.read_bytes() for path in content_files()] == [b"first"]


@contextmanager
def file_size_limit(size_bytes: int) -> Iterator[None]:
    """Let the operating system refuse to make any file larger than this."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_operating_system_refuses_to_write(open_store, content_files):
    """A real refusal of the operating system in mid-content leaves the old object and no file."""
    store = await open_store()
    await store.create_bucket(BUCKET, "account")
    await put(store, "key", b"old")
    with file_size_limit(1_000_000), pytest.raises(StorageUnavailable):
        await put(store, "key", bytes(2_000_000))
    assert (await store.read(BUCKET, "key", 3))[1] == b"old"
    assert len(content_files()) == 1


async def test_commit_that_fails_in_the_middle(open_store, content_files, data_dir):
    """When nobody can know whether a record stands, its file is kept until the next start has looked."""
    store = await open_store()
    await store.create_bucket(BUCKET, "account")
    await put(store, "key", b"old")
    log_bytes = (data_dir / "objects.sqlite3-wal").stat().st_size
    with file_size_limit(log_bytes), pytest.raises(StorageUnavailable):
        await put(store, "key", b"new")
    assert (await store.read(BUCKET, "key", 3))[1] == b"old"
    assert len(content_files()) == 2
    await store.aclose()
    store = await open_store()
    assert (await store.read(BUCKET, "key", 3))[1] == b"old"
    assert len(content_files()) == 1


async def test_full_database_changes_nothing(open_store, content_files):
    """A database that cannot grow refuses the record, and the content goes too."""
    store = await open_store()
    await store.create_bucket(BUCKET, "account")
    store._records._connections._writer.execute("PRAGMA max_page_count = 1")
    stored = 0

    async def fill() -> None:
        nonlocal stored
        for number in range(100):
            await put(store, f"{number}" + "k" * 1000, b"content")
            stored += 1

    with pytest.raises(StorageUnavailable):
        await fill()
    assert len(await keys_of(store)) == stored
    assert len(content_files()) == stored


async def test_busy_database_is_unavailable_and_recovers(open_store, data_dir):
    """A foreign writer that holds the database makes writes StorageUnavailable, not reads, and only meanwhile."""
    store = await open_store(busy_timeout_s=0.01)
    await store.create_bucket(BUCKET, "account")
    await put(store, "key", b"old")
    with closing(sqlite3.connect(data_dir / "objects.sqlite3", isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable):
            await put(store, "key", b"new")
        assert (await store.read(BUCKET, "key", 3))[1] == b"old"
        foreign.execute("ROLLBACK")
    await put(store, "key", b"new")
    assert (await store.read(BUCKET, "key", 3))[1] == b"new"


@pytest.mark.parametrize("damage", ["missing", "truncated"])
async def test_damaged_content_is_told(open_store, content_files, damage):
    """A content file that is gone or too short is StorageUnavailable, never a shorter object."""
    store = await open_store(chunk_bytes=4)
    await store.create_bucket(BUCKET, "account")
    await put(store, "key", b"123456789")
    (path,) = content_files()
    if damage == "missing":
        path.unlink()
    else:
        os.truncate(path, 6)
    with pytest.raises(StorageUnavailable):
        await store.read(BUCKET, "key", 9)
    with pytest.raises(StorageUnavailable):
        await read_range(store, ByteRange(2, 9))


# --- threads ----------------------------------------------------------------------------------------------------------


class GatedFolder(ContentFolder):
    """A disk on which completing a content takes until the test opens the gate."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.gate = threading.Event()
        self.lock = threading.Lock()
        self.waiting = 0
        self.waiting_max = 0

    def complete(self, content_id: str, descriptor: int) -> None:
        with self.lock:
            self.waiting += 1
            self.waiting_max = max(self.waiting, self.waiting_max)
        assert self.gate.wait(timeout=30)
        with self.lock:
            self.waiting -= 1
        super().complete(content_id, descriptor)


@pytest.fixture
async def gated(open_store, data_dir) -> AsyncIterator[tuple[GatedFolder, LocalStore]]:
    folder = GatedFolder(data_dir)
    store = await open_store(folder, writes_max=2)
    await store.create_bucket(BUCKET, "account")
    folder.gate.set()
    await put(store, "key", b"old")
    folder.gate.clear()
    folder.waiting_max = 0
    yield folder, store
    folder.gate.set()


async def until_waiting(folder: GatedFolder, count: int) -> None:
    while folder.waiting < count:
        await anyio.lowlevel.checkpoint()


async def test_slow_writes_hold_up_no_reader(gated):
    """While as many writes as may run hang on the disk, readers are served, and no more writes than that run."""
    folder, store = gated
    async with anyio.create_task_group() as group:
        for number in range(6):
            group.start_soon(put, store, f"key {number}", b"new")
        await until_waiting(folder, 2)
        assert (await store.read(BUCKET, "key", 3))[1] == b"old"
        assert await keys_of(store) == ["key"]
        folder.gate.set()
    assert folder.waiting_max == 2
    assert len(await keys_of(store)) == 7


async def test_writer_cancelled_while_its_thread_works(gated):
    """A task cancelled while its content is being completed leaves a whole object, not a record without content."""
    folder, store = gated
    task = asyncio.create_task(put(store, "key", b"new"))
    await until_waiting(folder, 1)
    task.cancel()
    await anyio.lowlevel.checkpoint()
    folder.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await store.read(BUCKET, "key", 3))[1] == b"new"


async def test_closing_waits_for_threads_of_cancelled_tasks(gated, content_files, open_store):
    """A write whose task was cancelled by a stopping server is finished before the store is closed."""
    folder, store = gated
    task = asyncio.create_task(put(store, "key", b"new"))
    await until_waiting(folder, 1)
    task.cancel()
    async with anyio.create_task_group() as group:
        group.start_soon(store.aclose)
        await anyio.lowlevel.checkpoint()
        folder.gate.set()
    await asyncio.wait([task])
    assert [path.read_bytes() for path in content_files()] == [b"new"]
    store = await open_store()
    assert (await store.read(BUCKET, "key", 3))[1] == b"new"
