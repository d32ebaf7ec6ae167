"""Counts in the state database: what only a real database can show."""

import multiprocessing
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql

from oss_faces.database import DATABASE_FILE, DatabaseSettings, open_database
from oss_faces.errors import MeteringUnavailable
from oss_faces.metering import DatabaseUsageStore, Outcome, UsageCounts, UsageKey
from oss_faces.metering.database_store import _upsert

KEY = UsageKey(date(2026, 11, 23), "k", "b", "oss:GetObject", Outcome.SUCCEEDED)
ADDITIONS = 40


def add_many(folder: Path) -> None:
    with closing(open_database(folder)) as database:
        store = DatabaseUsageStore(database)
        for _ in range(ADDITIONS):
            store.add({KEY: UsageCounts(1, 10)})


def test_counts_outlast_the_program(memory_disk: Path) -> None:
    """What was added is there for the next one that opens the folder, also while it is open."""
    with closing(open_database(memory_disk)) as database:
        DatabaseUsageStore(database).add({KEY: UsageCounts(3)})
        with closing(open_database(memory_disk)) as other:
            assert list(DatabaseUsageStore(other).rows()) == [(KEY, UsageCounts(3))]


def test_processes_add_to_the_same_row(memory_disk: Path) -> None:
    """Two processes that count the same lose nothing."""
    open_database(memory_disk).close()
    adders = [multiprocessing.get_context("spawn").Process(target=add_many, args=(memory_disk,)) for _ in range(2)]
    for adder in adders:
        adder.start()
    for adder in adders:
        adder.join(60)
        assert adder.exitcode == 0
    with closing(open_database(memory_disk)) as database:
        assert list(DatabaseUsageStore(database).rows()) == [(KEY, UsageCounts(2 * ADDITIONS, 20 * ADDITIONS))]


def test_locked_database_says_so_and_counts_nothing(memory_disk: Path) -> None:
    """Another writer that does not end is an error within the time set; the same batch can be added afterwards."""
    with closing(open_database(memory_disk, DatabaseSettings(busy_timeout_s=0.05))) as database:
        store = DatabaseUsageStore(database)
        with closing(sqlite3.connect(memory_disk / DATABASE_FILE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for use in (lambda: store.add({KEY: UsageCounts(1)}), store.check):
                with pytest.raises(MeteringUnavailable) as caught:
                    use()
                assert "locked" in str(caught.value.context["reason"])
        assert list(store.rows()) == []
        store.add({KEY: UsageCounts(1)})
        assert list(store.rows()) == [(KEY, UsageCounts(1))]


@pytest.mark.parametrize(("sync", "level"), [(False, 1), (True, 2)])
def test_waiting_for_the_disk_is_a_choice(sync: bool, level: int, memory_disk: Path) -> None:
    """SQLite is told so for each addition, whatever used the connection before."""
    with closing(open_database(memory_disk, DatabaseSettings(connections_max=1))) as database:
        DatabaseUsageStore(database, sync=not sync).add({KEY: UsageCounts(1)})
        DatabaseUsageStore(database, sync=sync).add({KEY: UsageCounts(1)})
        with database.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == level


def test_the_other_engine_adds_in_the_same_way() -> None:
    """PostgreSQL gets one statement that adds to the row or makes it: several servers may count in one table."""
    text = str(_upsert("postgresql").compile(dialect=postgresql.dialect()))
    assert "ON CONFLICT (day, access_key_id, bucket, operation, outcome) DO UPDATE SET requests =" in text
    for name in ("requests", "bytes_out", "source_bytes", "image_detect", "image_compare", "cache_hits"):
        assert f"{name} = (usage_counts.{name} + excluded.{name})" in text
