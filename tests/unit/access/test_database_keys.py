"""What only keys in a database have: other processes, and what is left in the file."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from oss_faces.access import DatabaseKeyStore, KeyIssuer, Secret
from oss_faces.database import DATABASE_FILE, open_database
from oss_faces.grants import Grant

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, tzinfo=UTC)


async def test_another_process_sees_each_change_at_once(tmp_path) -> None:
    """The command line and the server each have the database open; neither holds anything back."""
    here, there = open_database(tmp_path), open_database(tmp_path)
    server, command = DatabaseKeyStore(here), KeyIssuer(DatabaseKeyStore(there), lambda: NOW)
    key = await command.create("", [Grant(("*",))])
    assert (await server.find(key.access_key_id)) is not None
    await command.set_enabled(key.access_key_id, is_enabled=False)
    found = await server.find(key.access_key_id)
    assert found is not None
    assert not found.is_enabled
    await command.delete(key.access_key_id)
    assert await server.find(key.access_key_id) is None
    here.close()
    there.close()


async def test_a_lookup_is_one_statement(tmp_path) -> None:
    """Known or not, lasting or temporary: the database is asked the same once, so the answer takes as long."""
    database = open_database(tmp_path)
    store = DatabaseKeyStore(database)
    issuer = KeyIssuer(store, lambda: NOW)
    key = await issuer.create("", [Grant(("*",))])
    lent = await issuer.assume(key.access_key_id, timedelta(hours=1), [])
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_others) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    for access_key_id in (key.access_key_id, lent.access_key_id, "OSSFnobody"):
        await store.find(access_key_id)
    database.close()
    selects = [statement for statement in asked if not statement.startswith("BEGIN")]
    assert len(selects) == 3
    assert len(set(selects)) == 1


async def test_keys_outlast_the_process(tmp_path) -> None:
    """What was made is there after the database was closed and opened."""
    first = open_database(tmp_path)
    key = await KeyIssuer(DatabaseKeyStore(first), lambda: NOW).create("kept", [Grant(("*",))])
    first.close()
    second = open_database(tmp_path)
    found = await DatabaseKeyStore(second).find(key.access_key_id)
    second.close()
    assert found is not None
    assert found.secret.matches(key.secret.reveal())


async def test_a_deleted_secret_is_in_no_file(tmp_path) -> None:
    """Once the database is closed, nothing of a removed key can be read from the disk."""
    database = open_database(tmp_path)
    issuer = KeyIssuer(DatabaseKeyStore(database), lambda: NOW)
    kept, gone = await issuer.create("", [Grant(("*",))]), await issuer.create("", [Grant(("*",))])
    await issuer.delete(gone.access_key_id)
    database.close()
    assert [path.name for path in tmp_path.iterdir()] == [DATABASE_FILE]
    content = (tmp_path / DATABASE_FILE).read_bytes()
    assert kept.secret.reveal().encode() in content
    assert gone.secret.reveal().encode() not in content


async def test_no_key_shows_its_secret_when_printed(tmp_path) -> None:
    """A key in a traceback or a log line tells neither secret nor token."""
    database = open_database(tmp_path)
    issuer = KeyIssuer(DatabaseKeyStore(database), lambda: NOW)
    key = await issuer.create("", [Grant(("*",))])
    found = await DatabaseKeyStore(database).find(key.access_key_id)
    database.close()
    assert isinstance(key.secret, Secret)
    assert key.secret.reveal() not in repr(key) + repr(found)
