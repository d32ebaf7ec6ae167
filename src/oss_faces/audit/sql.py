"""The audit log in the state database of the server."""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Row, Select, insert, select

from oss_faces.audit.base import Act, AuditPage, AuditQuery, Clock, Entry, Event, Finding
from oss_faces.audit.chain import NOTHING_BEFORE, chained, columns_of, followed, microseconds, moment_of
from oss_faces.audit.tables import ENTRIES, SUBJECTS
from oss_faces.database import Database
from oss_faces.datasets import DatasetRef

Result = TypeVar("Result")

_ROWS_AT_ONCE: Final = 1000
_TURN: Final = "audit"


class SqlAudit:
    """A log in a database; the methods are those of `Audit`."""

    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    async def record(self, event: Event) -> Entry:
        """Add an entry; see `Audit.record`."""

        def transaction() -> Entry:
            with self._database.writing(turn=_TURN) as connection:
                last = connection.execute(select(ENTRIES).order_by(ENTRIES.c.number.desc()).limit(1)).first()
                number, before = (last.number + 1, last.digest) if last else (1, NOTHING_BEFORE)
                entry = chained(number, self._now(), event, before)
                columns = columns_of(number, entry.recorded, event)
                connection.execute(insert(ENTRIES).values(**columns, digest=entry.digest))
                subjects = [{"subject": subject, "number": number} for subject in sorted(set(event.subjects))]
                if subjects:
                    connection.execute(insert(SUBJECTS), subjects)
                return entry

        return await self._database.run(transaction)

    async def entries(self, query: AuditQuery) -> AuditPage:
        """Give one page of entries; see `Audit.entries`."""
        wanted = _wanted(query).order_by(ENTRIES.c.number).limit(query.limit + 1)
        found = await self._read(lambda connection: [_to_entry(row) for row in connection.execute(wanted)])
        page = tuple(found[: query.limit])
        return AuditPage(page, page[-1].number if len(found) > query.limit else 0)

    async def check(self) -> Finding:
        """Follow the chain; see `Audit.check`."""
        return await self._read(lambda connection: followed(_all(connection)))

    async def _read(self, work: Callable[[Connection], Result]) -> Result:
        def transaction() -> Result:
            with self._database.reading() as connection:
                return work(connection)

        return await self._database.run(transaction)


def _wanted(query: AuditQuery) -> Select[Any]:
    wanted = select(ENTRIES).where(ENTRIES.c.number > query.after)
    if query.subject:
        about = select(SUBJECTS.c.number).where(SUBJECTS.c.subject == query.subject)
        wanted = wanted.where(ENTRIES.c.number.in_(about))
    if query.acts:
        wanted = wanted.where(ENTRIES.c.act.in_([act.value for act in query.acts]))
    if query.since is not None:
        wanted = wanted.where(ENTRIES.c.recorded_us >= microseconds(query.since))
    return wanted


def _all(connection: Connection) -> Iterator[tuple[dict[str, Any], str]]:
    """Give every entry as it is stored, and hold only some of them at a time."""
    rows = connection.execute(select(ENTRIES).order_by(ENTRIES.c.number).execution_options(yield_per=_ROWS_AT_ONCE))
    for row in rows.mappings():
        yield {name: value for name, value in row.items() if name != "digest"}, row["digest"]


def _to_entry(row: Row[Any]) -> Entry:
    ref = DatasetRef(row.project, row.dataset) if row.project is not None else None
    event = Event(Act(row.act), row.actor, ref, tuple(row.subjects), row.counts)
    return Entry(row.number, moment_of(row.recorded_us), event, row.digest)
