"""Deleted content leaves the files of the database."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from oss_faces.database import DATABASE_FILE, Database, DatabaseSettings, open_database, sqlite
from oss_faces.errors import StorageUnavailable

NEEDLE = b"an unmistakable needle"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path, DatabaseSettings(busy_timeout_s=0.1))) as database:
        with database.writing() as connection:
            connection.execute(text("CREATE TABLE hay (x TEXT)"))
            connection.execute(text("INSERT INTO hay VALUES (:needle), ('left')"), {"needle": NEEDLE.decode()})
        yield database


def holders(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if NEEDLE in path.read_bytes()]


def test_the_log_is_emptied(database: Database, tmp_path: Path) -> None:
    """After a deletion the log still has the row; after scrubbing no file has."""
    with database.writing() as connection:
        connection.execute(text("DELETE FROM hay WHERE x <> 'left'"))
    assert holders(tmp_path) == [f"{DATABASE_FILE}-wal"]
    database.scrub([NEEDLE])
    assert holders(tmp_path) == []
    with database.reading() as connection:
        assert connection.execute(text("SELECT x FROM hay")).scalars().all() == ["left"]


@pytest.mark.parametrize("needles", [[NEEDLE], None, [b"%d" % number for number in range(20_001)]])
def test_what_is_still_found_is_written_anew(database: Database, tmp_path: Path, needles: list[bytes] | None) -> None:
    """A copy in the unused part of a page, as moving rows leaves it, is found or not even looked for, and goes."""
    with database.writing() as connection:
        connection.execute(text("DELETE FROM hay WHERE x <> 'left'"))
    database.scrub(None)
    database.close()
    path = tmp_path / DATABASE_FILE
    content = bytearray(path.read_bytes())
    page = 4096 * (len(content) // 4096 - 1)
    gap = content.index(bytes(200), page)
    content[gap + 50 : gap + 50 + len(NEEDLE)] = NEEDLE
    path.write_bytes(content)
    with closing(open_database(tmp_path)) as again:
        assert holders(tmp_path) == [DATABASE_FILE]
        again.scrub([b"something else"])
        assert holders(tmp_path) == [DATABASE_FILE]
        again.scrub(needles)
        assert holders(tmp_path) == []
        with again.reading() as connection:
            assert connection.execute(text("SELECT x FROM hay")).scalars().all() == ["left"]


@pytest.mark.parametrize("said", ["a row says: an unmistakable needle", '["an unmistakable needle"]'])
def test_what_a_row_still_says_is_no_reason_to_write_anew(database: Database, tmp_path: Path, said: str) -> None:
    """A text that is deleted in one place and stands in another stays, and the file is left as it is."""
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE other (y TEXT)"))
        connection.execute(text("INSERT INTO other VALUES (:said)"), {"said": said})
        # Room that writing anew would give back.
        connection.execute(text("CREATE TABLE large AS SELECT randomblob(100000) AS z"))
        connection.execute(text("DROP TABLE large"))
        connection.execute(text("DELETE FROM hay WHERE x <> 'left'"))
    database.scrub(())
    size = (tmp_path / DATABASE_FILE).stat().st_size
    database.scrub([NEEDLE])
    assert (tmp_path / DATABASE_FILE).stat().st_size == size
    with database.writing() as connection:
        connection.execute(text("DELETE FROM other"))
    database.scrub([NEEDLE])
    assert holders(tmp_path) == []


def test_a_reader_of_an_old_state_holds_it_up(database: Database, tmp_path: Path) -> None:
    """The caller is told that the bytes are not gone, and may try again."""
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM hay").fetchall()
        with database.writing() as connection:
            connection.execute(text("DELETE FROM hay WHERE x <> 'left'"))
        with pytest.raises(StorageUnavailable) as refused:
            database.scrub([NEEDLE])
        assert "in use" in str(refused.value.context["reason"])
        reader.execute("COMMIT")
    database.scrub([NEEDLE])
    assert holders(tmp_path) == []


def told_elsewhere(folder: Path) -> list[str]:
    """What another process reads; it closes its connection properly, as every command does."""
    program = (
        "import contextlib, json, sqlite3, sys\n"
        "with contextlib.closing(sqlite3.connect(sys.argv[1])) as connection:\n"
        "    print(json.dumps([row[0] for row in connection.execute('SELECT x FROM hay ORDER BY x')]))\n"
    )
    command = [sys.executable, "-c", program, str(folder / DATABASE_FILE)]
    told: list[str] = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    return told


def test_locks_outlast_the_look(database: Database, tmp_path: Path) -> None:
    """A process that comes and goes after a scrub does not take the log away: later writes reach the file."""
    database.scrub([NEEDLE])
    assert told_elsewhere(tmp_path) == [NEEDLE.decode(), "left"]
    with database.writing() as connection:
        connection.execute(text("INSERT INTO hay VALUES ('later')"))
    assert told_elsewhere(tmp_path) == [NEEDLE.decode(), "later", "left"]


class FakeCursor:
    """Answers as SQLite does while another connection cuts the log off: busy, so many times."""

    def __init__(self, busy: int) -> None:
        self.left = busy

    def execute(self, statement: str) -> "FakeCursor":
        assert statement == "PRAGMA wal_checkpoint(TRUNCATE)"
        return self

    def fetchone(self) -> tuple[int, int, int]:
        self.left -= 1
        return (1 if self.left >= 0 else 0, 0, 0)


def test_another_that_cuts_the_log_off_is_waited_for():
    """SQLite itself does not wait for that, so the question is put again."""
    cursor = FakeCursor(busy=3)
    sqlite._empty_log(cursor)
    assert cursor.left == -1
