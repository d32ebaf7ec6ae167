"""What holds in PostgreSQL only: many servers at once, an address without a password, and what erasing leaves."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import IntegrityError

from oss_faces.database import Database, DatabaseSettings, open_database
from oss_faces.database.postgresql import turn_key
from oss_faces.errors import ConfigurationError, InvalidArgument, StorageUnavailable
from tests.postgresql import GUEST, GUEST_PASSWORD, Cluster, run_beside

NEEDLE = "an unmistakable needle"


@pytest.fixture
def url(postgresql: Cluster) -> Iterator[str]:
    with postgresql.empty() as made:
        yield made


@pytest.fixture
def database(url: str, tmp_path) -> Iterator[Database]:
    with closing(open_database(tmp_path, DatabaseSettings(url=url))) as opened:
        with opened.writing() as connection:
            connection.execute(text("CREATE TABLE numbers (value INTEGER NOT NULL)"))
            connection.execute(text("INSERT INTO numbers VALUES (0)"))
        yield opened


def test_programs_that_start_at_once_migrate_once(url: str, tmp_path) -> None:
    """One makes the tables, the others wait for it and find them."""
    program = (
        "import sys, pathlib; from oss_faces.database import DatabaseSettings, open_database;"
        "sys.stdin.read(); open_database(pathlib.Path(), DatabaseSettings(url=sys.argv[1], busy_timeout_s=60)).close()"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program, url], stdin=subprocess.PIPE) for _ in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    assert [process.wait(110) for process in processes] == [0, 0, 0]
    assert list(tmp_path.iterdir()) == []


def test_the_password_comes_from_the_environment(postgresql: Cluster, url: str, tmp_path, monkeypatch) -> None:
    """With it the database opens; with a wrong one the start ends, and the message repeats none."""
    name = str(make_url(url).database)
    postgresql.run(f"GRANT ALL ON SCHEMA public TO {GUEST}", database=name)
    settings = DatabaseSettings(url=postgresql.url(name, GUEST))
    monkeypatch.setenv("PGPASSWORD", "wrong-and-secret")
    with pytest.raises(ConfigurationError, match="cannot be used") as refused:
        open_database(tmp_path, settings)
    assert "wrong-and-secret" not in str(refused.value)
    monkeypatch.delenv("PGPASSWORD")
    file = tmp_path / "passwords"
    file.write_text(f"*:*:*:{GUEST}:{GUEST_PASSWORD}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    open_database(tmp_path, settings).close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://user:pa55word@host/name", "must not hold the password"),
        ("postgresql://user@host/name?password=pa55word", "must not hold the password"),
        ("postgresql://user@host/name?sslpassword=pa55word", "must not hold the password"),
        ("mysql://user:pa55word@host/name", "begin with postgresql://"),
        ("pa55word", "must be like"),
        ("postgresql://user:pa55word@host:port/name", "must be like"),
    ],
)
def test_addresses_that_are_refused(url: str, said: str) -> None:
    """Settings are read by others than keys are; the message names the way, and not the password."""
    with pytest.raises(ConfigurationError, match=said) as refused:
        DatabaseSettings(url=url).validate()
    assert "pa55word" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_server_that_is_not_there_is_told(tmp_path) -> None:
    """The start ends with the reason."""
    with pytest.raises(ConfigurationError, match="state database cannot be used"):
        open_database(tmp_path, DatabaseSettings(url=f"postgresql://nobody@/name?host={tmp_path}"))


def test_a_silent_end_is_noticed(database: Database) -> None:
    """A machine that goes away without a word is noticed in seconds: connections are watched by the system."""
    with database.reading() as connection:
        driver: Any = connection.connection.driver_connection
        held = driver.info.get_parameters()
    assert (held["tcp_user_timeout"], held["keepalives_idle"], held["keepalives_count"]) == ("15000", "5", "3")


def test_parameters_of_the_address_hold(postgresql: Cluster, url: str, tmp_path) -> None:
    """What the address says goes before what is usual, and options are added to ours."""
    postgresql.run("CREATE SCHEMA mine", database=str(make_url(url).database))
    given = f"{url}&application_name=front-1&options=-csearch_path%3Dmine"
    with closing(open_database(tmp_path, DatabaseSettings(url=given, busy_timeout_s=7))) as database:
        shown = "SELECT current_setting('application_name'), current_schema(), current_setting('lock_timeout')"
        with database.reading() as connection:
            assert tuple(connection.execute(text(shown)).one()) == ("front-1", "mine", "7s")


def test_writers_of_one_turn_in_many_servers_lose_nothing(database: Database, url: str, tmp_path) -> None:
    """Reading and then writing, 20 times in each of 6 threads of 2 servers, comes to 120."""
    with closing(open_database(tmp_path, DatabaseSettings(url=url))) as second:

        def count(server: Database) -> None:
            for _ in range(20):
                with server.writing(turn="counting", sync=False) as connection:
                    before = connection.execute(text("SELECT value FROM numbers")).scalar_one()
                    connection.execute(text("UPDATE numbers SET value = :value"), {"value": before + 1})

        run_beside(*[lambda server=server: count(server) for server in (database, second) * 3])
    with database.reading() as connection:
        assert connection.execute(text("SELECT value FROM numbers")).scalar_one() == 120


def test_writers_of_two_turns_do_not_wait_for_each_other(database: Database) -> None:
    """The second ends while the first is under way."""
    with database.writing(turn="one"), database.writing(turn="another") as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_turns_have_numbers_of_their_own() -> None:
    """They are the same in every process, and fit into PostgreSQL's."""
    assert turn_key("audit") == turn_key("audit") != turn_key("tasks")
    assert all(-(2**63) <= turn_key(str(number)) < 2**63 for number in range(1000))


def test_a_null_character_is_the_callers_fault(database: Database) -> None:
    """PostgreSQL keeps none in a text; the answer is 400 and not 503, and repeats nothing."""
    with pytest.raises(InvalidArgument) as refused, database.reading() as connection:
        connection.execute(text("SELECT CAST(:said AS TEXT)"), {"said": f"{NEEDLE}\0"})
    assert NEEDLE not in str(refused.value.context)


def test_errors_name_no_rows(database: Database) -> None:
    """PostgreSQL says in the details of an error which row it was; ours keep them back."""
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE people (name TEXT PRIMARY KEY)"))
    with pytest.raises(IntegrityError) as caught, database.writing() as connection:
        connection.execute(text("INSERT INTO people VALUES (:name), (:name)"), {"name": NEEDLE})
    assert "duplicate key" in str(caught.value)
    assert NEEDLE not in f"{caught.value}{caught.value.orig}"


def test_a_connection_that_was_ended_is_replaced(database: Database, postgresql: Cluster) -> None:
    """After a restart of PostgreSQL no request fails for a connection of before."""
    with database.reading() as connection:
        connection.execute(text("SELECT 1"))
    end_connections(postgresql)
    with database.reading() as connection:
        assert connection.execute(text("SELECT value FROM numbers")).scalar_one() == 0


def test_a_connection_that_ends_in_the_middle_is_unavailable(database: Database, postgresql: Cluster) -> None:
    """What was written is undone, and the caller may try again."""
    with pytest.raises(StorageUnavailable):
        write_while_ended(database, postgresql)
    with database.reading() as connection:
        assert connection.execute(text("SELECT value FROM numbers")).scalar_one() == 0


@pytest.mark.parametrize("by", ["vacuum", "rewrite"])
def test_what_was_erased_leaves_the_tables(by: str, url: str, postgresql: Cluster, tmp_path) -> None:
    """Rewritten tables hold no byte of it; vacuumed ones may, in room that no row has: both say what remains."""
    with closing(open_database(tmp_path, DatabaseSettings(url=url, erase_by=by))) as database:
        with database.writing() as connection:
            connection.execute(text("CREATE TABLE hay (x TEXT)"))
            connection.execute(text("INSERT INTO hay VALUES (:needle), ('left')"), {"needle": NEEDLE})
        with database.writing() as connection:
            connection.execute(text("DELETE FROM hay WHERE x <> 'left'"))
            connection.execute(text("CREATE EXTENSION pageinspect"))
        assert dead_rows(database) == 1
        database.scrub(None)
        assert dead_rows(database) == 0
        assert database.remains.startswith("PostgreSQL (")
        assert ("freed room" in database.remains) is (by == "vacuum")
        with database.writing() as connection:
            assert connection.execute(text("SELECT x FROM hay")).scalars().all() == ["left"]
            connection.execute(text("CHECKPOINT"))
            place = connection.execute(text("SELECT pg_relation_filepath('hay')")).scalar_one()
    if by == "rewrite":
        assert NEEDLE.encode() not in (postgresql.folder / "data" / place).read_bytes()


def end_connections(postgresql: Cluster) -> None:
    postgresql.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test%' AND pid <> pg_backend_pid()"
    )


def write_while_ended(database: Database, postgresql: Cluster) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE numbers SET value = 7"))
        end_connections(postgresql)
        connection.execute(text("UPDATE numbers SET value = 8"))


def dead_rows(database: Database) -> int:
    """Count rows that are deleted and still lie in the table."""
    asked = "SELECT count(*) FROM heap_page_items(get_raw_page('hay', 0)) WHERE t_data IS NOT NULL AND t_xmax <> '0'"
    with database.reading() as connection:
        return int(connection.execute(text(asked)).scalar_one())
