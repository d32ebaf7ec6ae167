"""What uploads and appends leave on the disk of the embedded store."""

import sqlite3
from contextlib import closing

import pytest

from oss_faces.errors import StorageUnavailable
from oss_faces.storage import AppendSpec, BodySpec, ChosenPart, CompleteSpec, PutSpec, UploadSpec
from oss_faces.storage.content import ContentFolder
from tests.contracts.storage.shelf import md5, pieces

pytestmark = pytest.mark.anyio

BUCKET = "examplebucket"


@pytest.fixture
async def store(open_store):
    opened = await open_store(part_bytes_min=1)
    await opened.create_bucket(BUCKET, "account")
    return opened


async def upload(store, *contents: bytes, key: str = "key") -> str:
    begun = await store.begin_upload(BUCKET, key, UploadSpec())
    for number, content in enumerate(contents, 1):
        await store.put_part(BUCKET, key, begun.upload_id, number, pieces(content), BodySpec())
    return begun.upload_id


async def test_completing_moves_no_byte(store, content_files):
    """The files of the parts are those of the object."""
    upload_id = await upload(store, b"a", b"b")
    before = content_files()
    await store.complete_upload(BUCKET, "key", upload_id, CompleteSpec())
    assert sorted(content_files()) == sorted(before)
    assert len(before) == 2


async def replace_part(store, upload_id):
    await store.put_part(BUCKET, "key", upload_id, 1, pieces(b"c"), BodySpec())


async def choose_one_part(store, upload_id):
    await store.complete_upload(BUCKET, "key", upload_id, CompleteSpec((ChosenPart(2, md5(b"b").hex().upper()),)))


async def abort(store, upload_id):
    await store.abort_upload(BUCKET, "key", upload_id)


async def overwrite(store, upload_id):
    await store.complete_upload(BUCKET, "key", upload_id, CompleteSpec())
    await store.put(BUCKET, "key", pieces(b"one"), PutSpec())


async def delete(store, upload_id):
    await store.complete_upload(BUCKET, "key", upload_id, CompleteSpec())
    await store.delete(BUCKET, "key")


@pytest.mark.parametrize(
    ("what", "left"), [(replace_part, 2), (choose_one_part, 1), (abort, 0), (overwrite, 1), (delete, 0)]
)
async def test_files_that_are_no_longer_needed_go(store, content_files, what, left):
    """Whatever takes a part or an object of parts away takes its files away."""
    await what(store, await upload(store, b"a", b"b"))
    assert len(content_files()) == left


async def test_pieces_in_use_go_with_their_last_reader(store, content_files):
    """The files of an object that was deleted while it is open stay until it is closed, and no longer."""
    await store.complete_upload(BUCKET, "key", await upload(store, b"a", b"b"), CompleteSpec())
    first, second = await store.open(BUCKET, "key"), await store.open(BUCKET, "key")
    await store.delete(BUCKET, "key")
    await first.aclose()
    await first.aclose()
    assert len(content_files()) == 2
    await second.aclose()
    assert content_files() == []


async def test_a_store_closed_over_open_pieces_is_swept(open_store, content_files):
    """Files that still waited for a reader at the end are removed at the next start."""
    store = await open_store(part_bytes_min=1)
    await store.create_bucket(BUCKET, "account")
    await store.complete_upload(BUCKET, "key", await upload(store, b"a", b"b"), CompleteSpec())
    await store.open(BUCKET, "key")
    await store.delete(BUCKET, "key")
    await store.aclose()
    assert len(content_files()) == 2
    await open_store()
    assert content_files() == []


async def test_an_object_of_many_parts_takes_few_open_files(store):
    """An object of more parts than a process may have files open is read."""
    upload_id = await upload(store, *[b"%05d" % number for number in range(1_500)])
    await store.complete_upload(BUCKET, "key", upload_id, CompleteSpec())
    _, content = await store.read(BUCKET, "key", 10_000)
    assert content == b"".join(b"%05d" % number for number in range(1_500))


class FullFolder(ContentFolder):
    """Has room for the first half of a piece."""

    is_full = False

    def extend(self, content_id: str, length: int, incoming_id: str) -> None:
        super().extend(content_id, length, incoming_id)
        if self.is_full:
            raise OSError(28, "No space left on device")


async def test_a_failed_append_is_overwritten_by_the_next(open_store, data_dir):
    """Bytes that a failing disk left behind the end are no part of the object, nor of what is appended next."""
    folder = FullFolder(data_dir)
    store = await open_store(folder)
    await store.create_bucket(BUCKET, "account")
    await store.append(BUCKET, "log", 0, pieces(b"first"), AppendSpec())
    folder.is_full = True
    with pytest.raises(StorageUnavailable):
        await store.append(BUCKET, "log", 5, pieces(b"a long second piece"), AppendSpec())
    folder.is_full = False
    assert (await store.read(BUCKET, "log", 100))[1] == b"first"
    await store.append(BUCKET, "log", 5, pieces(b"second"), AppendSpec())
    assert (await store.read(BUCKET, "log", 100))[1] == b"firstsecond"


async def test_a_store_of_the_first_format_is_brought_up(open_store, data_dir):
    """A database from before there were parts gets their tables, and its objects are ordinary ones."""
    store = await open_store()
    await store.create_bucket(BUCKET, "account")
    meta = await store.put(BUCKET, "key", pieces(b"content"), PutSpec())
    await store.aclose()
    with closing(sqlite3.connect(data_dir / "objects.sqlite3")) as connection:
        for statement in (
            "ALTER TABLE objects DROP COLUMN object_type",
            *(f"DROP TABLE {table}" for table in ("pieces", "parts", "uploads")),
            "PRAGMA user_version = 1",
        ):
            connection.execute(statement)
        connection.commit()
    store = await open_store(part_bytes_min=1)
    assert await store.read(BUCKET, "key", 100) == (meta, b"content")
    await store.complete_upload(BUCKET, "key", await upload(store, b"a"), CompleteSpec())
