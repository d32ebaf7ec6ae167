"""Transactions: what stands, what is undone, who waits for whom."""

import threading

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from oss_faces.database import Database
from oss_faces.errors import StorageUnavailable
from tests.unit.database.conftest import Opening

TABLES = MetaData()
NUMBERS = Table("numbers", TABLES, Column("id", Integer, primary_key=True), Column("value", Integer))


@pytest.fixture
def numbers(database: Database) -> Database:
    with database.writing() as connection:
        TABLES.create_all(connection)
        connection.execute(insert(NUMBERS).values(id=1, value=0))
    return database


def value(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(NUMBERS.c.value)).scalar_one()


def test_a_written_value_stands(numbers: Database) -> None:
    """The end of the block is the commit."""
    with numbers.writing() as connection:
        connection.execute(update(NUMBERS).values(value=7))
    assert value(numbers) == 7


def test_a_block_that_raises_is_undone(numbers: Database) -> None:
    """The caller's own error comes out as it is, and nothing of the block stands."""
    with pytest.raises(ZeroDivisionError), numbers.writing() as connection:
        connection.execute(update(NUMBERS).values(value=7)).rowcount / 0
    assert value(numbers) == 0


def test_what_a_reader_writes_is_undone(numbers: Database) -> None:
    """A reading block has no commit."""
    with numbers.reading() as connection:
        connection.execute(update(NUMBERS).values(value=7))
    assert value(numbers) == 0


def test_a_reader_sees_one_state(numbers: Database) -> None:
    """What is written while a block reads is not seen in it."""
    with numbers.reading() as reader:
        before = reader.execute(select(NUMBERS.c.value)).scalar_one()
        with numbers.writing() as writer:
            writer.execute(update(NUMBERS).values(value=7))
        assert reader.execute(select(NUMBERS.c.value)).scalar_one() == before


def test_writers_wait_for_each_other(numbers: Database) -> None:
    """Reading and then writing in one block loses no step of another block."""

    def count() -> None:
        for _ in range(25):
            with numbers.writing() as connection:
                before = connection.execute(select(NUMBERS.c.value)).scalar_one()
                connection.execute(update(NUMBERS).values(value=before + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(numbers) == 100


def test_a_writer_that_waits_too_long_is_told(numbers: Database, opening: Opening) -> None:
    """Another program that keeps the database is StorageUnavailable, which callers may try again."""
    other = opening(busy_timeout_s=0.05)
    with numbers.writing(), pytest.raises(StorageUnavailable), other.writing():
        pytest.fail("two writers at once")
    other.close()


def test_too_few_connections_are_told(opening: Opening) -> None:
    """A call beyond the last connection waits for `busy_timeout_s` and is StorageUnavailable."""
    database = opening(connections_max=1, busy_timeout_s=0.05)
    with database.reading(), pytest.raises(StorageUnavailable), database.reading():
        pytest.fail("more connections than allowed")
    database.close()


def test_a_broken_rule_is_the_callers_own(numbers: Database) -> None:
    """A row that is there already is not taken for a failure of the database."""
    with pytest.raises(IntegrityError), numbers.writing() as connection:
        connection.execute(insert(NUMBERS).values(id=1, value=1))


@pytest.mark.anyio
async def test_a_call_runs_in_a_thread(numbers: Database) -> None:
    """The event loop is not where the database is waited for."""

    def work(step: int) -> tuple[int, int]:
        return value(numbers) + step, threading.get_ident()

    result, thread = await numbers.run(work, 3)
    assert result == 3
    assert thread != threading.get_ident()


def test_errors_do_not_repeat_values(numbers: Database) -> None:
    """They may be logged, and values are names and vectors of people."""
    told = 777_777_777
    with pytest.raises(IntegrityError) as caught, numbers.writing() as connection:
        connection.execute(insert(NUMBERS), [{"id": told, "value": told}, {"id": told, "value": told}])
    assert str(told) not in str(caught.value)
