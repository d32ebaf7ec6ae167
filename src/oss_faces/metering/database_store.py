"""Counts in the state database, whichever engine holds it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Insert, delete, select

from oss_faces.database import Database, insert_into
from oss_faces.errors import MeteringUnavailable, StorageUnavailable
from oss_faces.metering.base import UsageRow
from oss_faces.metering.tables import USAGE
from oss_faces.metering.usage import Outcome, UsageCounts, UsageKey

_KEY: Final = tuple(column.name for column in USAGE.primary_key)
_COUNTS: Final = tuple(field.name for field in fields(UsageCounts))
# No request has this outcome, so the row is in nobody's sums, and it is gone before anybody could see it.
_PROBE: Final = {**dict.fromkeys(_KEY, ""), **dict.fromkeys(_COUNTS, 0), "day": date.min, "outcome": "probe"}


class DatabaseUsageStore:
    """A `UsageStore` that shares the state database with others, and does not close it. `sync`: see the settings."""

    def __init__(self, database: Database, *, sync: bool = False) -> None:
        self._database = database
        self._sync = sync
        self._add = _upsert(database.engine.dialect.name)

    def add(self, batch: Mapping[UsageKey, UsageCounts]) -> None:
        """See `UsageStore`."""
        # Sorted: two servers that lock the same rows in another order would wait for each other.
        rows = sorted((_row(key, counts) for key, counts in batch.items()), key=_order)
        with self._writing() as connection:
            connection.execute(self._add, rows)

    def rows(self, first: date | None = None, last: date | None = None) -> Sequence[UsageRow]:
        """See `UsageReader`."""
        statement = select(USAGE).order_by(*USAGE.primary_key)
        if first is not None:
            statement = statement.where(USAGE.c.day >= first)
        if last is not None:
            statement = statement.where(USAGE.c.day <= last)
        with _translated(), self._database.reading() as connection:
            return [_usage(row._mapping) for row in connection.execute(statement)]  # noqa: SLF001  public, by its docs

    def buckets(self) -> frozenset[str]:
        """See `UsageStore`."""
        with _translated(), self._database.reading() as connection:
            return frozenset(connection.scalars(select(USAGE.c.bucket).distinct().where(USAGE.c.bucket != "")))

    def forget_before(self, day: date) -> int:
        """See `UsageStore`."""
        with self._writing() as connection:
            return connection.execute(delete(USAGE).where(USAGE.c.day < day)).rowcount

    def check(self) -> None:
        """See `UsageStore`."""
        with self._writing() as connection:
            connection.execute(self._add, [_PROBE])
            connection.execute(delete(USAGE).where(USAGE.c.outcome == _PROBE["outcome"]))

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _translated(), self._database.writing(sync=self._sync, turn=None) as connection:
            yield connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except StorageUnavailable as exc:
        raise MeteringUnavailable(context=exc.context) from exc


def _upsert(dialect: str) -> Insert:
    """Write the statement that adds to a row or makes it."""
    statement = insert_into(USAGE, dialect)
    return statement.on_conflict_do_update(
        index_elements=list(_KEY), set_={name: USAGE.c[name] + statement.excluded[name] for name in _COUNTS}
    )


def _row(key: UsageKey, counts: UsageCounts) -> dict[str, object]:
    named = {name: getattr(key, name) for name in _KEY}
    return {**named, "outcome": key.outcome.value, **{name: getattr(counts, name) for name in _COUNTS}}


def _order(row: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in _KEY)


def _usage(row: Mapping[Any, Any]) -> UsageRow:
    key = UsageKey(row["day"], row["access_key_id"], row["bucket"], row["operation"], Outcome(row["outcome"]))
    return key, UsageCounts(*(row[name] for name in _COUNTS))
