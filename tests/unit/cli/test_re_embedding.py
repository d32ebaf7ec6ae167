"""`oss-faces re-embed`: with the real network, beside a store that is in use."""

import io
from contextlib import aclosing, closing
from pathlib import Path

import anyio
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image as PillowImage

from oss_faces.app import open_state, utc_now
from oss_faces.cli.commands import cli
from oss_faces.config import Settings
from oss_faces.datasets import Dataset, DatasetRef, DatasetSpec, FileFacts, FileSpec, NewFigure
from oss_faces.facedb import SqlFaceDatabase
from oss_faces.storage import PutSpec, StorageSettings, open_local_store
from oss_faces.values import Box, Face, ImageSize
from oss_faces.vectors import FileVectorIndexes
from tests.unit.operations.conftest import pieces

REF = DatasetRef("project", "album")
OLD = "old@1"


def settings(folder: Path) -> Settings:
    return Settings(storage=StorageSettings(data_dir=folder))


def picture() -> bytes:
    buffer = io.BytesIO()
    PillowImage.effect_noise((120, 120), 60).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


async def fill(folder: Path) -> None:
    """Store two pictures, and put each with one face in an old space."""
    own = settings(folder)
    store = await open_local_store(own.storage, utc_now)
    database = open_state(own)
    points = np.array([[40, 40], [80, 40], [60, 60], [45, 80], [75, 80]], np.float32)
    async with aclosing(store):
        await store.create_bucket("photos", "owner")
        with closing(database), closing(FileVectorIndexes(folder / "vectors", own.vectors)) as indexes:
            faces = SqlFaceDatabase(database, indexes, own.facedb, utc_now)
            await faces.create_dataset(REF, DatasetSpec())
            for key in ("a.png", "b.png"):
                meta = await store.put("photos", key, pieces(picture()), PutSpec())
                known = FileFacts(meta.etag, meta.size_bytes, "image/png", utc_now(), ImageSize(120, 120), 1, ("m@1",))
                figure = NewFigure(key, Face(Box(20, 20, 100, 100), 0.9, points), np.eye(2, dtype=np.float32)[0])
                await faces.put_file(REF, f"oss://photos/{key}", FileSpec(), known, [figure], OLD)


async def described(folder: Path) -> Dataset:
    with closing(open_state(settings(folder))) as database:
        indexes = FileVectorIndexes(folder / "vectors", settings(folder).vectors)
        with closing(indexes):
            return await SqlFaceDatabase(database, indexes, settings(folder).facedb, utc_now).get_dataset(REF)


async def delete(folder: Path, key: str) -> None:
    async with aclosing(await open_local_store(settings(folder).storage, utc_now)) as store:
        await store.delete("photos", key)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    anyio.run(fill, tmp_path)
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["re-embed", "project", *arguments, "--data", str(folder)], catch_exceptions=False)


def test_a_dataset_goes_to_the_network_of_the_settings(data: Path) -> None:
    """Faces are read off their pictures again while a server holds the store, and the dataset is switched."""

    async def beside_a_server() -> Result:
        async with aclosing(await open_local_store(settings(data).storage, utc_now)):
            return await anyio.to_thread.run_sync(run, data, "album")

    done = anyio.run(beside_a_server)
    assert done.exit_code == 0, done.output
    assert "project/album: 2 faces embedded; searched in dlib" in done.output
    assert anyio.run(described, data).space.startswith("dlib")
    again = run(data, "album")
    assert "project/album: 0 faces embedded" in again.output


def test_a_missing_picture_is_told_or_dropped(data: Path) -> None:
    """Without the option nothing is switched and nothing erased; with it the file goes and the rest is switched."""
    anyio.run(delete, data, "b.png")
    refused = run(data, "album")
    assert refused.exit_code == 1
    assert "1 figures of the dataset have no vector" in refused.output
    assert anyio.run(described, data).space == OLD
    done = run(data, "album", "--drop-unreadable")
    assert done.exit_code == 0, done.output
    assert "0 faces embedded, 1 files erased" in done.output
    assert anyio.run(described, data).file_count == 1


def test_a_dataset_that_is_not_there_is_an_error(data: Path) -> None:
    """The command says which one it did not find."""
    refused = run(data, "another")
    assert refused.exit_code == 1
    assert "another is not found" in refused.output
