import sqlite3
from contextlib import closing

import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.storage import ListQuery, PutSpec

pytestmark = pytest.mark.anyio

BUCKET = "examplebucket"
ORPHAN = "ab" * 16


async def body():
    yield b"content"


async def make_store_with_an_object(open_store):
    store = await open_store()
    await store.create_bucket(BUCKET, "account")
    await store.put(BUCKET, "key", body(), PutSpec())
    return store


async def test_folder_is_made(open_store, data_dir):
    """A data folder that does not exist is made, with its parents."""
    await open_store()
    assert (data_dir / "objects.sqlite3").is_file()


async def test_second_opening_is_refused(open_store):
    """A folder that is in use is refused; once closed it can be opened again."""
    store = await open_store()
    with pytest.raises(ConfigurationError, match="another process"):
        await open_store()
    await store.aclose()
    await open_store()


async def test_settings_are_checked(open_store):
    """Settings that make no sense are refused before anything is touched."""
    with pytest.raises(ConfigurationError, match="reads_max"):
        await open_store(reads_max=0)


async def test_file_in_place_of_the_folder(open_store, data_dir):
    """A data folder that is a file is an error of configuration that names it."""
    data_dir.write_text("not a folder")
    with pytest.raises(ConfigurationError, match="cannot use the data folder"):
        await open_store()


async def test_damaged_database(open_store, data_dir):
    """A database that is none is refused, and left as it is."""
    data_dir.mkdir()
    damaged = b"this is no database" * 100
    (data_dir / "objects.sqlite3").write_bytes(damaged)
    with pytest.raises(ConfigurationError, match="cannot use the data folder"):
        await open_store()
    assert (data_dir / "objects.sqlite3").read_bytes() == damaged


async def test_database_of_a_later_version(open_store, data_dir):
    """A store written by a later version is not touched."""
    await (await open_store()).aclose()
    with closing(sqlite3.connect(data_dir / "objects.sqlite3")) as database:
        database.execute("PRAGMA user_version = 999")
    with pytest.raises(ConfigurationError, match="format 999"):
        await open_store()


async def test_sqlite_that_is_too_old(open_store, monkeypatch):
    """An SQLite without what the tables need is named, instead of an error in some statement."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(ConfigurationError, match=r"3\.37 or later"):
        await open_store()


async def test_contents_without_database_are_never_swept(open_store, data_dir, content_files):
    """When the database is lost, its contents are not taken for orphans, however often one tries."""
    await (await make_store_with_an_object(open_store)).aclose()
    for path in data_dir.glob("objects.sqlite3*"):
        path.unlink()
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="put that file back"):
            await open_store()
    assert [path.read_bytes() for path in content_files()] == [b"content"]


async def test_refused_opening_lets_go_of_the_folder(open_store, data_dir):
    """After an opening that failed, the next can succeed."""
    await (await make_store_with_an_object(open_store)).aclose()
    database = (data_dir / "objects.sqlite3").read_bytes()
    (data_dir / "objects.sqlite3").unlink()
    with pytest.raises(ConfigurationError):
        await open_store()
    (data_dir / "objects.sqlite3").write_bytes(database)
    store = await open_store()
    assert [meta.key for meta in (await store.list(BUCKET, ListQuery())).objects] == ["key"]


@pytest.mark.parametrize("was_closed", [True, False])
async def test_sweep_after_a_crash_only(open_store, data_dir, was_closed):
    """Orphans are looked for when the last process did not close the store, and only then; other files stay."""
    await (await make_store_with_an_object(open_store)).aclose()
    if not was_closed:
        with closing(sqlite3.connect(data_dir / "objects.sqlite3")) as database, database:
            database.execute("UPDATE state SET is_clean = 0")
    orphans = [data_dir / "content" / ORPHAN[:2] / ORPHAN, data_dir / "incoming" / ORPHAN]
    foreign = data_dir / "content" / "ab" / "notes.txt"
    foreign.parent.mkdir(exist_ok=True)
    for path in [*orphans, foreign]:
        path.write_text("left over")
    store = await open_store()
    assert [path.exists() for path in orphans] == [was_closed, was_closed]
    assert foreign.exists()
    assert (await store.read(BUCKET, "key", 7))[1] == b"content"
