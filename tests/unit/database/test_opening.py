"""What a data folder must be like to hold the state database."""

import os
import stat
import subprocess
import sys

import pytest
from sqlalchemy import text

from oss_faces.database import DATABASE_FILE, DatabaseSettings, open_database
from oss_faces.errors import ConfigurationError


def test_folder_and_files_are_private(tmp_path) -> None:
    """Folder 0700, and the file and the logs beside it 0600, whatever the umask."""
    before = os.umask(0)
    try:
        database = open_database(tmp_path / "new" / "data")
        with database.reading() as connection:
            connection.execute(text("SELECT 1"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new" / "data").iterdir()}
        database.close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new" / "data").stat().st_mode) == 0o700
    assert modes == dict.fromkeys((DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm"), 0o600)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_open_to_others_is_refused(tmp_path, mode) -> None:
    """It holds secrets; the message says what to do."""
    open_database(tmp_path).close()
    (tmp_path / DATABASE_FILE).chmod(mode)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        open_database(tmp_path)


def test_what_is_no_file_is_refused(tmp_path) -> None:
    """Neither a link to elsewhere nor a folder is opened."""
    (tmp_path / "elsewhere").touch(0o600)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / DATABASE_FILE).symlink_to(tmp_path / "elsewhere")
    (tmp_path / "b" / DATABASE_FILE).mkdir(parents=True)
    for folder in ("a", "b"):
        with pytest.raises(ConfigurationError, match="cannot be used"):
            open_database(tmp_path / folder)


def test_a_damaged_file_is_refused(tmp_path) -> None:
    """Other content ends the start with the path, and is left as it is."""
    path = tmp_path / DATABASE_FILE
    path.touch(0o600)
    path.write_bytes(b"no database, but longer than the head of one" * 20)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="damaged"):
        open_database(tmp_path)
    assert path.read_bytes() == before


def test_what_was_written_is_found_again(tmp_path) -> None:
    """A second opening finds the first one's rows."""
    first = open_database(tmp_path)
    with first.writing() as connection:
        connection.execute(text("CREATE TABLE kept (x INTEGER)"))
        connection.execute(text("INSERT INTO kept VALUES (42)"))
    first.close()
    second = open_database(tmp_path)
    with second.reading() as connection:
        assert connection.execute(text("SELECT x FROM kept")).scalar_one() == 42
    second.close()


def test_two_programs_starting_at_once(tmp_path) -> None:
    """Both find whole tables: one makes them, the other waits."""
    program = (
        "import sys, pathlib; from oss_faces.database import open_database;"
        "sys.stdin.read(); open_database(pathlib.Path(sys.argv[1])).close()"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE) for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    assert [process.wait(110) for process in processes] == [0, 0]


@pytest.mark.parametrize(
    "settings",
    [
        DatabaseSettings(connections_max=0),
        DatabaseSettings(connections_max=1025),
        DatabaseSettings(busy_timeout_s=0),
        DatabaseSettings(busy_timeout_s=601),
    ],
)
def test_settings_that_cannot_work(tmp_path, settings) -> None:
    """Limits are checked before anything is made."""
    with pytest.raises(ConfigurationError):
        open_database(tmp_path / "data", settings)
    assert not (tmp_path / "data").exists()
