import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from oss_faces.storage.connections import CommitUncertain, Connections


@pytest.fixture
def connections(tmp_path: Path) -> Iterator[Connections]:
    opened = Connections(tmp_path / "test.sqlite3", readers_max=2, busy_timeout_s=0.01)
    with opened.writing() as connection:
        connection.execute("CREATE TABLE numbers (number INTEGER NOT NULL) STRICT")
    yield opened
    opened.close()


def insert(connections: Connections, number: int) -> None:
    with connections.writing() as connection:
        connection.execute("INSERT INTO numbers VALUES (?)", [number])


def numbers(connection: sqlite3.Connection) -> list[int]:
    return [number for (number,) in connection.execute("SELECT number FROM numbers ORDER BY number")]


def test_commits_reach_the_disk_before_they_return(connections):
    """The database runs with a write-ahead log that is synced at every commit, the promise behind every write."""
    with connections.writing() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_transaction_that_raises_is_undone(connections):
    """An exception in the block undoes what it wrote, and the next transaction works."""

    def insert_and_fail() -> None:
        with connections.writing() as connection:
            connection.execute("INSERT INTO numbers VALUES (1)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        insert_and_fail()
    insert(connections, 2)
    with connections.reading() as connection:
        assert numbers(connection) == [2]


def test_reader_sees_one_state(connections):
    """A reading block sees the database as it was at its first look, whatever is committed meanwhile."""
    with connections.reading() as connection:
        assert numbers(connection) == []
        insert(connections, 1)
        assert numbers(connection) == []
    with connections.reading() as connection:
        assert numbers(connection) == [1]


def test_more_readers_than_are_kept(connections):
    """More readers at a time than idle connections are kept for all get one, also after some failed."""

    def fail() -> None:
        with connections.reading() as connection:
            connection.execute("SELECT nonsense")

    insert(connections, 1)
    with pytest.raises(sqlite3.OperationalError):
        fail()
    with connections.reading() as one, connections.reading() as two, connections.reading() as three:
        assert numbers(one) == numbers(two) == numbers(three) == [1]


def test_waiting_for_the_writer_ends(connections):
    """A second writer gives up after the busy timeout instead of waiting for ever."""
    with connections.writing(), pytest.raises(sqlite3.OperationalError, match="waited too long"):
        insert(connections, 1)


class FailingAtCommit:
    """A connection whose disk fails when it is to commit."""

    def __init__(self, connection: sqlite3.Connection, error_code: int) -> None:
        self.connection = connection
        self.error = sqlite3.OperationalError("the disk failed")
        self.error.sqlite_errorcode = error_code

    @property
    def in_transaction(self) -> bool:
        return self.connection.in_transaction

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        if statement == "COMMIT":
            raise self.error
        return self.connection.execute(statement, *values)

    def close(self) -> None:
        self.connection.close()


@pytest.mark.parametrize(
    ("error_code", "is_uncertain"),
    [(sqlite3.SQLITE_FULL, False), (sqlite3.SQLITE_BUSY, False), (sqlite3.SQLITE_IOERR_FSYNC, True)],
)
def test_failed_commit_is_undone_or_uncertain(connections, error_code, is_uncertain):
    """A full disk or a busy database has certainly not committed; after any other failure nobody can know."""
    connections._writer = FailingAtCommit(connections._writer, error_code)
    with pytest.raises(sqlite3.OperationalError) as caught:
        insert(connections, 1)
    assert isinstance(caught.value, CommitUncertain) == is_uncertain
    assert connections.has_uncertain_commit == is_uncertain
    with connections.reading() as connection:
        assert numbers(connection) == []
