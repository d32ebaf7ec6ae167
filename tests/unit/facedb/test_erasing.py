"""What was erased is in no file of the data folder: searched for byte by byte, with other connections open."""

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oss_faces.database import DATABASE_FILE, Database, DatabaseSettings, open_database
from oss_faces.datasets import ClusterSpec, FileSpec
from oss_faces.errors import StorageUnavailable
from oss_faces.facedb import FaceDbSettings, SqlFaceDatabase
from oss_faces.vectors import FileVectorIndexes, VectorSettings
from tests.contracts.facedb.faces import REF, SPACE, album, direction, figure, put

pytestmark = pytest.mark.anyio
NAME = "Zacharias Unmistakable"
URI = "oss://bucket/zacharias-unmistakable.jpg"
LABEL = "Größe Unmistakable"
DIMENSIONS = 128


def now() -> datetime:
    return datetime(2026, 11, 22, tzinfo=UTC)


def everywhere(folder: Path, needle: bytes) -> list[str]:
    """Name the files of a folder that hold these bytes."""
    return [path.name for path in sorted(folder.rglob("*")) if path.is_file() and needle in path.read_bytes()]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path, DatabaseSettings(busy_timeout_s=0.2))) as database:
        yield database


@pytest.fixture
async def faces(database: Database, tmp_path: Path) -> AsyncIterator[SqlFaceDatabase]:
    """Give a database with a person on two pictures, one of them with another person, and a crowd."""
    with closing(FileVectorIndexes(tmp_path / "vectors", VectorSettings())) as indexes:
        faces = SqlFaceDatabase(database, indexes, FaceDbSettings(), now)
        await album(faces)
        for number in range(40):
            await put(faces, f"oss://bucket/crowd/{number:04d}.jpg", [face_of(1000 + number)])
        yield faces


def face_of(seed: int):
    made = figure(f"figure {seed}", 1)
    return type(made)(made.figure_id, made.face, direction(seed, DIMENSIONS))


async def enrol(faces: SqlFaceDatabase) -> str:
    """Put the person, and give the id of the cluster; everything is in files then."""
    alone = await put(faces, URI, [face_of(1)], FileSpec(custom_labels={"k": LABEL}))
    both = await put(faces, "oss://bucket/both.jpg", [face_of(2), face_of(3)])
    numbers = [alone.figures[0].number, both.figures[0].number]
    cluster = await faces.found_cluster(REF, ClusterSpec(NAME, custom_labels={"k": LABEL}), numbers)
    await faces.search(REF, direction(1, DIMENSIONS)[None], SPACE, 5)
    return cluster.cluster_id


def needles() -> list[bytes]:
    vectors = [direction(seed, DIMENSIONS).tobytes() for seed in (1, 2)]
    return [*vectors, NAME.encode(), URI.encode(), LABEL.encode(), json.dumps(LABEL)[1:-1].encode()]


async def test_an_erased_person_is_in_no_file(faces: SqlFaceDatabase, tmp_path: Path) -> None:
    """Vectors, name, label and URI are in files before and in none afterwards, while another program has it open."""
    cluster_id = await enrol(faces)
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as other:
        other.execute("SELECT count(*) FROM face_figures").fetchall()
        assert all(everywhere(tmp_path, needle) for needle in needles()[:2])
        assert all(everywhere(tmp_path, needle) for needle in needles()[2:4])
        await faces.erase_cluster(REF, cluster_id)
        assert [everywhere(tmp_path, needle) for needle in needles()] == [[]] * len(needles())
        assert everywhere(tmp_path, direction(3, DIMENSIONS).tobytes())
    (found,) = await faces.search(REF, direction(3, DIMENSIONS)[None], SPACE, 1)
    assert found[0].figure.uri == "oss://bucket/both.jpg"
    assert await faces.gallery_size(REF) == 41


async def test_names_in_merges_are_erased_too(faces: SqlFaceDatabase, tmp_path: Path) -> None:
    """The name of a cluster that was merged into the person's is as gone as the person's own."""
    cluster_id = await enrol(faces)
    (stranger,) = (await faces.get_files(REF, ["oss://bucket/crowd/0000.jpg"]))[0].figures
    other = await faces.found_cluster(REF, ClusterSpec("Another Unmistakable"), [stranger.number])
    await faces.merge(REF, cluster_id, [other.cluster_id])
    assert everywhere(tmp_path, b"Another Unmistakable")
    await faces.erase_cluster(REF, cluster_id)
    assert everywhere(tmp_path, b"Another Unmistakable") == []
    assert everywhere(tmp_path, direction(1000, DIMENSIONS).tobytes()) == []


async def test_a_deleted_file_is_in_no_file(faces: SqlFaceDatabase, tmp_path: Path) -> None:
    """The picture's URI and vectors are gone, and so is the cluster that it stood for alone."""
    await put(faces, URI, [face_of(1)])
    await faces.search(REF, direction(1, DIMENSIONS)[None], SPACE, 5)
    assert everywhere(tmp_path, URI.encode())
    assert await faces.delete_file(REF, URI)
    assert everywhere(tmp_path, URI.encode()) == []
    assert everywhere(tmp_path, direction(1, DIMENSIONS).tobytes()) == []


async def test_a_deleted_dataset_is_in_no_file(faces: SqlFaceDatabase, tmp_path: Path) -> None:
    """Everything of it is gone, the folder of its index included."""
    await enrol(faces)
    await faces.delete_dataset(REF)
    assert [everywhere(tmp_path, needle) for needle in needles()] == [[]] * len(needles())
    assert everywhere(tmp_path, direction(1001, DIMENSIONS).tobytes()) == []
    assert [path for path in (tmp_path / "vectors").rglob("*") if path.is_file()] == []


async def test_vectors_of_a_space_that_was_left_are_in_no_file(faces: SqlFaceDatabase, tmp_path: Path) -> None:
    """After the switch the old space's vectors are gone from the database and from the indexes."""
    await enrol(faces)
    lacking = await faces.without_vector(REF, "made-up@2", 99)
    await faces.add_vectors(REF, "made-up@2", {one.number: direction(one.number, 64) for one in lacking})
    await faces.switch_space(REF, "made-up@2")
    assert everywhere(tmp_path, direction(1, DIMENSIONS).tobytes()) == []
    (found,) = await faces.search(REF, direction(lacking[7].number, 64)[None], "made-up@2", 1)
    assert found[0].figure.number == lacking[7].number
    assert everywhere(tmp_path, direction(lacking[7].number, 64).tobytes())


async def test_an_erasure_that_was_held_up_is_finished_later(
    faces: SqlFaceDatabase, database: Database, tmp_path: Path
) -> None:
    """While somebody reads an old state the bytes cannot go: the caller is told, and the next start sees to it."""
    cluster_id = await enrol(faces)
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM face_figures").fetchall()
        with pytest.raises(StorageUnavailable):
            await faces.erase_cluster(REF, cluster_id)
        reader.execute("COMMIT")
    assert await faces.get_clusters(REF, [cluster_id]) == ()
    assert everywhere(tmp_path, NAME.encode())
    # Another process: it does not know what to look for.
    with closing(FileVectorIndexes(tmp_path / "vectors", VectorSettings())) as indexes:
        await SqlFaceDatabase(database, indexes, FaceDbSettings(), now).finish_erasing()
    assert [everywhere(tmp_path, needle) for needle in needles()] == [[]] * len(needles())


async def test_nothing_to_finish_touches_nothing(faces: SqlFaceDatabase, tmp_path: Path) -> None:
    """A start without anything left behind leaves the database's file as it is."""
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (tmp_path / DATABASE_FILE).read_bytes()
    await faces.finish_erasing()
    assert (tmp_path / DATABASE_FILE).read_bytes() == before
