"""An existing folder as a bucket, beyond what the contract asks of every store."""

import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oss_faces.errors import InvalidObjectName, NoSuchKey, NotImplementedOnServer, StorageUnavailable
from oss_faces.storage import CopySpec, ListQuery, MountsSettings, PutSpec, StorageLimits
from oss_faces.storage.mounted_folder import FolderStore
from oss_faces.storage.mounted_staging import FolderWriter
from oss_faces.storage.mounted_tree import Tree
from oss_faces.values import Acl, Address, ObjectHeaders

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
BUCKET = "photos"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


def store_of(root: Path, now: datetime = LATER, **settings: int) -> FolderStore:
    """A store over a folder; at a `LATER` time every file of today has rested."""
    return FolderStore(Tree(root), MountsSettings(**settings), StorageLimits(), lambda: now)


async def body(content: bytes) -> AsyncIterator[bytes]:
    yield content


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest().upper()


async def test_file_is_described_as_an_object(root):
    """Length, MD5, checksum, time in whole seconds, and the type by the name."""
    (root / "a").mkdir()
    (root / "a" / "face.JPG").write_bytes(b"123456789")
    os.utime(root / "a" / "face.JPG", ns=(0, 1_449_315_029_999_999_999))
    meta = await store_of(root).head(BUCKET, "a/face.JPG")
    assert (meta.key, meta.size_bytes, meta.content_type) == ("a/face.JPG", 9, "image/jpeg")
    assert (meta.etag, meta.crc64) == ("25F9E794323B453885F5181F1B624D0B", 0x995DC9BBDF1939FA)
    assert meta.last_modified == datetime(2015, 12, 5, 11, 30, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.png", "image/png"),
        ("a.webp", "image/webp"),
        ("a.HEIC", "image/heic"),
        ("a.avif", "image/avif"),
        ("a.tar.gz", "application/gzip"),
        ("a", "application/octet-stream"),
        ("data:x.jpg", "image/jpeg"),
        ("a.unknown", "application/octet-stream"),
    ],
)
async def test_content_type_follows_the_name(root, name, content_type):
    """The extension decides, the same on every machine."""
    (root / name).write_bytes(b"")
    assert (await store_of(root).head(BUCKET, name)).content_type == content_type


@pytest.mark.parametrize("seconds", [-1, 10**11])
async def test_times_outside_http_dates_are_moved_inside(root, seconds):
    """A file from before 1970 or after 9999 can be served; some file systems cannot even hold such a time."""
    (root / "a").write_bytes(b"")
    os.utime(root / "a", (seconds, seconds))
    assert 1970 <= (await store_of(root).head(BUCKET, "a")).last_modified.year <= 9998


async def test_page_ends_early_when_much_must_be_read(root):
    """A page reads at most so much for ETags; following the markers gives everything, and the second time at once."""
    for name in "abcdef":
        (root / name).write_bytes(b"0123456789")
    store = store_of(root, listing_bytes_max=25)
    pages = []
    marker = ""
    while True:
        page = await store.list(BUCKET, ListQuery(marker=marker))
        pages.append([meta.key for meta in page.objects])
        marker = page.next_marker
        if not marker:
            break
    assert pages == [["a", "b"], ["c", "d"], ["e", "f"]]
    assert len((await store.list(BUCKET, ListQuery())).objects) == 6


async def test_page_has_at_least_one_file(root):
    """A file larger than the limit alone is still listed, so that a listing gets on."""
    (root / "a").write_bytes(bytes(100))
    (root / "b").write_bytes(bytes(100))
    store = store_of(root, listing_bytes_max=0)
    page = await store.list(BUCKET, ListQuery())
    assert ([meta.key for meta in page.objects], page.next_marker) == (["a"], "a")


async def test_what_goes_away_during_a_listing_is_left_out(root):
    """A file that is removed between the walk and the look at it is no error."""
    for name in "abc":
        (root / name).write_bytes(b"x")

    class Vanishing(Tree):
        def open(self, key: bytes):
            if key == b"b":
                (root / "b").unlink()
            return super().open(key)

    store = FolderStore(Vanishing(root), MountsSettings(), StorageLimits(), lambda: NOW)
    assert [meta.key for meta in (await store.list(BUCKET, ListQuery())).objects] == ["a", "c"]


async def test_file_written_while_it_is_sent_ends_the_sending(root):
    """A download never joins two contents: it breaks off."""
    (root / "a").write_bytes(bytes(600_000))
    async with await store_of(root).open(BUCKET, "a") as opened:
        chunks = opened.chunks()
        await anext(chunks)
        with (root / "a").open("r+b") as writer:
            writer.write(b"new")
            writer.truncate(500_000)
        with pytest.raises(StorageUnavailable):
            _ = [chunk async for chunk in chunks]


# --- writing ------------------------------------------------------------------------------------------------------


async def test_put_writes_through_and_leaves_nothing_beside(root):
    """The file is there with its content, in folders made for it, and no temporary file remains."""
    store = store_of(root, NOW)
    meta = await store.put(BUCKET, "new/folder/face.jpg", body(b"content"), PutSpec())
    assert (root / "new" / "folder" / "face.jpg").read_bytes() == b"content"
    assert files(root) == ["new", "new/folder", "new/folder/face.jpg"]
    assert meta == await store.head(BUCKET, "new/folder/face.jpg")
    assert meta.last_modified == NOW


async def test_refused_put_leaves_nothing(root):
    """A body that is not what was announced leaves neither file nor folder."""
    with pytest.raises(Exception, match="Content-MD5"):
        await store_of(root).put(BUCKET, "a/b", body(b"content"), PutSpec(content_md5=bytes(16)))
    assert files(root) == []


@pytest.mark.parametrize(
    "key", ["../a", "a/../../b", ".hidden", "a/", "a//b", "folder", "file/below", "link", "link/a", "n" * 300]
)
async def test_keys_that_cannot_be_written(root, key, tmp_path):
    """Names that no file can have, that climb or that are taken by something else are refused; nothing is changed."""
    (root / "folder").mkdir()
    (root / "folder" / "x").write_bytes(b"x")
    (root / "file").write_bytes(b"file")
    (root / "link").symlink_to(tmp_path)
    before = files(root)
    with pytest.raises(InvalidObjectName):
        await store_of(root).put(BUCKET, key, body(b"new"), PutSpec())
    assert files(root) == before
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "spec",
    [
        PutSpec(headers=ObjectHeaders(user={"author": "me"})),
        PutSpec(headers=ObjectHeaders(standard={"cache-control": "no-cache"})),
        PutSpec(acl=Acl.PUBLIC_READ),
    ],
)
async def test_what_a_file_cannot_hold_is_refused(root, spec):
    """Nothing is acknowledged that would be lost."""
    with pytest.raises(NotImplementedOnServer):
        await store_of(root).put(BUCKET, "a", body(b"new"), spec)
    assert files(root) == []


async def test_object_acl_is_refused(root):
    """An ACL cannot be set on a file; one that is not there is told first."""
    (root / "a").write_bytes(b"")
    with pytest.raises(NotImplementedOnServer):
        await store_of(root).set_object_acl(BUCKET, "a", Acl.PRIVATE)
    with pytest.raises(NoSuchKey):
        await store_of(root).set_object_acl(BUCKET, "b", Acl.PRIVATE)


async def test_delete_removes_files_only(root, tmp_path):
    """Keys that climb, links, folders and hidden files stay as they are; nothing is said, as for any absent key."""
    outside = tmp_path / "outside"
    outside.write_bytes(b"x")
    (root / "folder").mkdir()
    (root / "link").symlink_to(outside)
    (root / ".hidden").write_bytes(b"x")
    before = files(root)
    await store_of(root).delete_many(BUCKET, ["../outside", "link", "folder", "folder/", ".hidden", "absent/x"])
    assert files(root) == before
    assert outside.exists()


async def test_last_delete_removes_the_empty_folders(root):
    """A folder that held only deleted objects goes, so that its name is free; one with a hidden file stays."""
    store = store_of(root)
    for key in ("a/b/c", "x/y"):
        await store.put(BUCKET, key, body(b"1"), PutSpec())
    (root / "x" / ".kept").write_bytes(b"")
    await store.delete_many(BUCKET, ["a/b/c", "x/y"])
    assert files(root) == ["x", "x/.kept"]
    await store.put(BUCKET, "a", body(b"1"), PutSpec())


async def test_copy_within_the_folder(root):
    """A copy is a file of its own."""
    (root / "a").write_bytes(b"content")
    await store_of(root).copy(Address(BUCKET, "a"), Address(BUCKET, "b/c"), CopySpec())
    assert (root / "b" / "c").read_bytes() == b"content"


async def test_left_over_files_are_swept_after_a_day(root):
    """What a killed process left is removed once it is old; what another process writes now stays."""
    for name in (".oss-faces-1.part", ".oss-faces-2.part", ".other"):
        (root / name).write_bytes(b"half")
    os.utime(root / ".oss-faces-1.part", (NOW.timestamp() - 90_000,) * 2)
    os.utime(root / ".oss-faces-2.part", (NOW.timestamp() - 80_000,) * 2)
    os.utime(root / ".other", (0, 0))
    assert FolderWriter(Tree(root)).sweep(NOW) == 1
    assert files(root) == [".oss-faces-2.part", ".other"]


async def test_large_file_written_here_has_the_etag_it_keeps(root):
    """Above the digest limit the answer to a put tells what every later answer tells."""
    store = store_of(root, NOW, digest_bytes_max=3)
    meta = await store.put(BUCKET, "a", body(b"content"), PutSpec())
    assert meta == await store.head(BUCKET, "a")
    assert meta.etag != md5(b"content")
