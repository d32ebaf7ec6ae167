"""A process that writes to an embedded store until it is killed, and tells each write that was acknowledged.

Run as `writer_process.py DATA_DIR loop FIRST` for whole objects, `writer_process.py DATA_DIR pieces FIRST` for parts
and appends, or `writer_process.py DATA_DIR STEP`, STEP being a method of `ContentFolder` in which the process kills
itself, before or after the step is done.
"""

import hashlib
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import anyio

from oss_faces.errors import NoSuchKey
from oss_faces.storage import (
    AppendSpec,
    BodySpec,
    CompleteSpec,
    LocalStore,
    PutSpec,
    StorageSettings,
    UploadSpec,
    open_local_store,
)
from oss_faces.storage.content import ContentFolder

WRITERS = 4
BUCKET = "examplebucket"


def content_of(key: str, version: int, size_bytes: int) -> bytes:
    """Build a content that tells which write it is of."""
    pattern = f"{key}:{version}:".encode()
    return pattern + hashlib.shake_128(pattern).digest(size_bytes)


async def body(content: bytes) -> AsyncIterator[bytes]:
    """Send a content in many pieces."""
    for place in range(0, len(content), 5_000):
        yield content[place : place + 5_000]


def acknowledge(*words: object) -> None:
    # One short write to a pipe is never split.
    os.write(sys.stdout.fileno(), (" ".join(map(str, words)) + "\n").encode())


async def write_on(store: LocalStore, writer: int, first: int) -> None:
    """Write new keys, overwrite some, delete some, without end."""
    chance = random.Random(first * WRITERS + writer)  # noqa: S311  repeatable sizes are wanted, not secrecy
    version = first
    while True:
        version += 1
        key = f"writer-{writer}/{version % 7}"
        await store.put(BUCKET, key, body(content_of(key, version, chance.randrange(60_000))), PutSpec())
        acknowledge("put", key, version)
        if version % 5 == 0:
            passing = f"passing-{writer}/{version}"
            await store.put(BUCKET, passing, body(b"soon gone"), PutSpec())
            await store.delete(BUCKET, passing)
            acknowledge("delete", passing, version)


async def loop(data_dir: Path, first: int) -> None:
    store = await open_local_store(StorageSettings(data_dir=data_dir, chunk_bytes=8_192), lambda: datetime.now(UTC))
    await store.create_bucket(BUCKET, "account")
    async with anyio.create_task_group() as group:
        for writer in range(WRITERS):
            group.start_soon(write_on, store, writer, first)


async def upload_on(store: LocalStore, first: int) -> None:
    """Write keys in parts, some of them one over the other, and leave every fourth upload unfinished."""
    version = first
    while True:
        version += 1
        key = f"parts/{version % 3}"
        upload = await store.begin_upload(BUCKET, key, UploadSpec())
        content = content_of(key, version, 30_000)
        for number, place in enumerate(range(0, len(content), 8_000), 1):
            part = content[place : place + 8_000]
            await store.put_part(BUCKET, key, upload.upload_id, number, body(part), BodySpec())
            acknowledge("part", upload.upload_id, number)
        if version % 4:
            await store.complete_upload(BUCKET, key, upload.upload_id, CompleteSpec())
            acknowledge("complete", key, version)


async def append_on(store: LocalStore) -> None:
    """Append the same pattern to one key, piece by piece."""
    try:
        length = (await store.head(BUCKET, "log")).size_bytes
    except NoSuchKey:
        length = 0
    while True:
        meta = await store.append(BUCKET, "log", length, body(appended_pattern(length, 700)), AppendSpec())
        length = meta.size_bytes
        acknowledge("append", "log", length)


def appended_pattern(start: int, size_bytes: int) -> bytes:
    """Give the bytes that belong at this place of the log."""
    return bytes((start + place) * 31 % 251 for place in range(size_bytes))


async def pieces(data_dir: Path, first: int) -> None:
    settings = StorageSettings(data_dir=data_dir, chunk_bytes=4_096, part_bytes_min=1)
    store = await open_local_store(settings, lambda: datetime.now(UTC))
    await store.create_bucket(BUCKET, "account")
    async with anyio.create_task_group() as group:
        group.start_soon(upload_on, store, first)
        group.start_soon(append_on, store)


class DeadlyFolder(ContentFolder):
    """Kills its process at one step."""

    def __init__(self, root: Path, step: str) -> None:
        super().__init__(root)
        self.when, self.step = step.split("-")
        self.is_armed = False

    def die(self, when: str, step: str) -> None:
        if self.is_armed and (when, step) == (self.when, self.step):
            os.kill(os.getpid(), signal.SIGKILL)

    def create(self, content_id: str) -> int:
        descriptor = super().create(content_id)
        self.die("after", "create")
        return descriptor

    def write(self, descriptor: int, block: bytes) -> None:
        super().write(descriptor, block[: len(block) // 2])
        self.die("in", "write")
        super().write(descriptor, block[len(block) // 2 :])

    def complete(self, content_id: str, descriptor: int) -> None:
        self.die("before", "complete")
        super().complete(content_id, descriptor)
        self.die("after", "complete")

    def extend(self, content_id: str, length: int, incoming_id: str) -> None:
        self.die("before", "extend")
        super().extend(content_id, length, incoming_id)
        self.die("after", "extend")

    def remove(self, content_id: str) -> None:
        self.die("before", "remove")
        super().remove(content_id)
        self.die("after", "remove")


async def die(data_dir: Path, step: str) -> None:
    folder = DeadlyFolder(data_dir, step)
    store = await open_local_store(StorageSettings(data_dir=data_dir), lambda: datetime.now(UTC), folder)
    await store.create_bucket(BUCKET, "account")
    if step.endswith("extend"):
        await store.append(BUCKET, "key", 0, body(b"old"), AppendSpec())
        acknowledge("put", "key", 1)
        folder.is_armed = True
        await store.append(BUCKET, "key", 3, body(b"new"), AppendSpec())
        return
    await store.put(BUCKET, "key", body(b"old"), PutSpec())
    acknowledge("put", "key", 1)
    folder.is_armed = True
    await store.put(BUCKET, "key", body(b"new" * 10_000), PutSpec())
    acknowledge("put", "key", 2)


if __name__ == "__main__":
    if sys.argv[2] == "loop":
        anyio.run(loop, Path(sys.argv[1]), int(sys.argv[3]))
    elif sys.argv[2] == "pieces":
        anyio.run(pieces, Path(sys.argv[1]), int(sys.argv[3]))
    else:
        anyio.run(die, Path(sys.argv[1]), sys.argv[2])
