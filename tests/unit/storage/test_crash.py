"""What a killed process leaves behind, and what the next one makes of it."""

import hashlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from fastcrc import crc64

from oss_faces.errors import NoSuchKey
from oss_faces.storage import AppendSpec, ListQuery, LocalStore, PartQuery, UploadQuery
from tests.contracts.storage.shelf import pieces
from tests.unit.storage.writer_process import appended_pattern

pytestmark = pytest.mark.anyio

WRITER = Path(__file__).parent / "writer_process.py"
BUCKET = "examplebucket"
KILLS = 5
ACKNOWLEDGED_MIN = 200


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Use a real disk here."""
    return tmp_path / "data"


def start(data_dir: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, WRITER, data_dir, *arguments], stdout=subprocess.PIPE, text=True, bufsize=1
    )


def acknowledged_before_kill(data_dir: Path, first: int, count: int, what: str = "loop") -> list[tuple[str, str, int]]:
    """Run writers until they have acknowledged that many writes, kill them, and return all that they acknowledged."""
    with start(data_dir, what, str(first)) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(count)]
        process.kill()
        lines += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    return [(what, key, int(version)) for what, key, version in (line.split() for line in lines)]


async def check_whole(store: LocalStore, key: str) -> int:
    """Check that an object is what one write of this key wrote, to the last byte. Return the write's number."""
    meta, content = await store.read(BUCKET, key, 1_000_000)
    assert meta.size_bytes == len(content)
    assert meta.crc64 == crc64.xz(content)
    found = re.match(rb"(?P<key>[^:]*):(?P<version>[0-9]+):", content)
    assert found is not None
    assert found["key"].decode() == key
    filler = content[found.end() :]
    assert filler == hashlib.shake_128(found.group()).digest(len(filler))
    return int(found["version"])


async def test_acknowledged_writes_survive_kill(open_store, data_dir, content_files):
    """Killed five times among 200 writes: every acknowledged one stands, none is half there, no file is left over."""
    chance = random.Random(2026)  # noqa: S311  chance that can be repeated is wanted, not secrecy
    versions: dict[str, int] = {}
    deleted: list[str] = []
    count = 0
    for kill in range(KILLS):
        wanted = ACKNOWLEDGED_MIN // KILLS + chance.randrange(20)
        for what, key, version in acknowledged_before_kill(data_dir, kill * 1_000, wanted):
            count += 1
            if what == "put":
                versions[key] = version
            else:
                deleted.append(key)
        store = await open_store()
        page = await store.list(BUCKET, ListQuery(max_keys=1000))
        listed = {meta.key for meta in page.objects}
        assert set(versions) <= listed
        for key in (key for key in listed if key.startswith("writer-")):
            # A write in flight may have been recorded without being acknowledged.
            assert await check_whole(store, key) >= versions.get(key, 0)
        assert not listed.intersection(deleted)
        assert len(content_files()) == len(listed)
        await store.aclose()
    assert count >= ACKNOWLEDGED_MIN


async def test_acknowledged_parts_and_pieces_survive_kill(open_store, data_dir, content_files):
    """Killed among uploads and appends: every acknowledged part, object and piece stands, and no file is left over."""
    completed: dict[str, int] = {}
    length = 0
    for kill in range(KILLS):
        parts: dict[str, int] = {}
        for what, name, number in acknowledged_before_kill(data_dir, kill * 1_000, 60, "pieces"):
            if what == "part":
                parts[name] = number
            elif what == "complete":
                completed[name] = number
            else:
                length = number
        store = await open_store(part_bytes_min=1)
        for key, version in completed.items():
            assert await check_whole(store, key) >= version
        meta, content = await store.read(BUCKET, "log", 10_000_000)
        assert length <= meta.size_bytes == len(content)
        assert content == appended_pattern(0, len(content))
        assert crc64.xz(content) == meta.crc64
        uploads = (await store.list_uploads(BUCKET, UploadQuery())).uploads
        for upload in uploads:
            page = await store.list_parts(BUCKET, upload.key, upload.upload_id, PartQuery())
            assert len(page.parts) >= parts.get(upload.upload_id, 0)
        await store.aclose()
        assert len(content_files()) == recorded_contents(data_dir)
    assert length > 0
    assert completed


def recorded_contents(data_dir: Path) -> int:
    """Count the contents that the records speak of."""
    with closing(sqlite3.connect(data_dir / "objects.sqlite3")) as connection:
        (count,) = connection.execute(
            "SELECT (SELECT count(*) FROM objects WHERE object_type != 'Multipart')"
            " + (SELECT count(*) FROM pieces) + (SELECT count(*) FROM parts)"
        ).fetchone()
    return int(count)


@pytest.mark.parametrize("step", ["before-extend", "after-extend"])
async def test_kill_at_each_step_of_an_append(open_store, data_dir, step):
    """A piece whose record was not written is as if it had never come, and the next one takes its place."""
    with start(data_dir, step) as process:
        assert process.stdout is not None
        assert process.stdout.read() == "put key 1\n"
    store = await open_store()
    assert (await store.read(BUCKET, "key", 100))[1] == b"old"
    await store.append(BUCKET, "key", 3, pieces(b"er"), AppendSpec())
    assert (await store.read(BUCKET, "key", 100))[1] == b"older"


@pytest.mark.parametrize(
    ("step", "content"),
    [
        ("after-create", b"old"),
        ("in-write", b"old"),
        ("before-complete", b"old"),
        ("after-complete", b"old"),
        ("before-remove", b"new" * 10_000),
        ("after-remove", b"new" * 10_000),
    ],
)
async def test_kill_at_each_step_of_a_write(open_store, data_dir, content_files, step, content):
    """A write killed before its record is as if it had never been; after it, it stands. Left-over files go."""
    with start(data_dir, step) as process:
        assert process.stdout is not None
        assert process.stdout.read() == "put key 1\n"
    assert process.returncode == -signal.SIGKILL
    store = await open_store()
    assert (await store.read(BUCKET, "key", 1_000_000))[1] == content
    assert len(content_files()) == 1


async def test_killed_while_nothing_was_written(open_store, data_dir):
    """A fresh store that was killed opens again, empty."""
    acknowledged_before_kill(data_dir, 0, 1)
    store = await open_store()
    with pytest.raises(NoSuchKey):
        await store.head(BUCKET, "never written")
