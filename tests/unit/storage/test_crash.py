"""What a killed process leaves behind, and what the next one makes of it."""

import hashlib
import random
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from oss_faces.errors import NoSuchKey
from oss_faces.storage import ListQuery, LocalStore

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


def acknowledged_before_kill(data_dir: Path, first: int, count: int) -> list[tuple[str, str, int]]:
    """Run writers until they have acknowledged that many writes, kill them, and return all that they acknowledged."""
    with start(data_dir, "loop", str(first)) as process:
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
    assert meta.etag == hashlib.md5(content, usedforsecurity=False).hexdigest().upper()
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
