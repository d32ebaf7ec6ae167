"""Reading an embedded store beside the process that owns it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from anyio import to_thread

from oss_faces.errors import ConfigurationError, NoSuchBucket, NoSuchKey, ObjectTooLarge
from oss_faces.storage import (
    BodySpec,
    ChosenPart,
    CompleteSpec,
    ListQuery,
    LocalReader,
    PutSpec,
    StorageSettings,
    UploadSpec,
    open_local_reader,
    open_local_store,
)
from oss_faces.storage.connections import Connections
from oss_faces.storage.local_reader import DATABASE
from tests.contracts.storage.shelf import BUCKET, OWNER, MovableClock

pytestmark = pytest.mark.anyio


async def body(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[tuple[LocalReader, StorageSettings]]:
    """A store that a server holds open, with one object in one piece and one in two, and a reader of it."""
    settings = StorageSettings(data_dir=tmp_path, part_bytes_min=1)
    store = await open_local_store(settings, MovableClock())
    await store.create_bucket(BUCKET, OWNER)
    await store.put(BUCKET, "one", body(b"whole"), PutSpec())
    upload = await store.begin_upload(BUCKET, "two", UploadSpec())
    parts = [
        await store.put_part(BUCKET, "two", upload.upload_id, number, body(content), BodySpec())
        for number, content in ((1, b"first "), (2, b"second"))
    ]
    chosen = tuple(ChosenPart(part.number, part.etag) for part in parts)
    await store.complete_upload(BUCKET, "two", upload.upload_id, CompleteSpec(chosen))
    reading = await open_local_reader(settings)
    yield reading, settings
    await reading.aclose()
    await store.put(BUCKET, "three", body(b"after"), PutSpec())
    await store.aclose()


async def test_objects_are_read_beside_their_owner(reader) -> None:
    """In one piece or in many, whole, within the limit that the caller sets."""
    reading, _ = reader
    meta, content = await reading.read(BUCKET, "one", 5)
    assert (meta.key, content) == ("one", b"whole")
    assert (await reading.read(BUCKET, "two", 100))[1] == b"first second"
    with pytest.raises(ObjectTooLarge):
        await reading.read(BUCKET, "one", 4)
    with pytest.raises(NoSuchKey):
        await reading.read(BUCKET, "three", 5)
    with pytest.raises(NoSuchBucket):
        await reading.read("another", "one", 5)


async def test_objects_are_listed_beside_their_owner(reader) -> None:
    """In the order of the store, with pages."""
    reading, _ = reader
    first = await reading.list(BUCKET, ListQuery(max_keys=1))
    rest = await reading.list(BUCKET, ListQuery(marker=first.next_marker))
    assert [meta.key for meta in (*first.objects, *rest.objects)] == ["one", "two"]


async def test_reader_leaves_the_mark_of_its_owner_alone(reader) -> None:
    """Closing it does not say that the store was closed in order: only its owner knows."""
    _, settings = reader
    await (await open_local_reader(settings)).aclose()
    connections = Connections(settings.data_dir / DATABASE, 1, 1.0)
    with connections.reading() as connection:
        assert connection.execute("SELECT is_clean FROM state").fetchone() == (0,)
    connections.close()


async def test_folder_that_no_server_has_used(tmp_path: Path) -> None:
    """Nothing is made there, and the reader says why it has nothing."""
    with pytest.raises(ConfigurationError, match="nothing is stored yet"):
        await open_local_reader(StorageSettings(data_dir=tmp_path / "absent"))
    assert await to_thread.run_sync(lambda: list(tmp_path.iterdir())) == []


async def test_other_format_and_damage_are_refused(tmp_path: Path) -> None:
    """A reader neither migrates nor guesses."""
    settings = StorageSettings(data_dir=tmp_path)
    connections = Connections(tmp_path / DATABASE, 1, 1.0)
    connections.close()
    with pytest.raises(ConfigurationError, match="start its server once"):
        await open_local_reader(settings)
    (tmp_path / DATABASE).write_bytes(b"no database" * 1000)
    with pytest.raises(ConfigurationError, match="cannot read"):
        await open_local_reader(settings)
