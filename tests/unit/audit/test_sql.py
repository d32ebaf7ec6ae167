"""The log in the state database: what a hand on the file leaves behind."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from oss_faces.audit import Act, AuditQuery, Event, SqlAudit
from oss_faces.database import Database, open_database
from oss_faces.datasets import DatasetRef

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 18, 54, 3, 123456, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
async def audit(database: Database) -> SqlAudit:
    """A log of five entries."""
    log = SqlAudit(database, lambda: NOW)
    for number in range(5):
        await log.record(Event(Act.SEARCH, "cli:ada", DatasetRef("p", "d"), (f"c{number}",), {"faces": number}))
    return log


@pytest.mark.parametrize(
    ("hand", "broken_at"),
    [
        ("UPDATE audit_entries SET actor = 'cli:bob' WHERE number = 3", 3),
        ("UPDATE audit_entries SET act = 'no act of ours' WHERE number = 1", 1),
        ("UPDATE audit_entries SET recorded_us = recorded_us + 1 WHERE number = 5", 5),
        ("UPDATE audit_entries SET subjects = '[\"Ada Lovelace\"]' WHERE number = 2", 2),
        ("UPDATE audit_entries SET counts = '{\"faces\": 9}' WHERE number = 2", 2),
        ("UPDATE audit_entries SET dataset = 'e' WHERE number = 4", 4),
        ("DELETE FROM audit_entries WHERE number = 3", 3),
        ("DELETE FROM audit_entries WHERE number = 1", 1),
        ("UPDATE audit_entries SET number = number + 1 WHERE number = 5", 5),
    ],
)
async def test_a_hand_on_the_file_shows(hand: str, broken_at: int, audit: SqlAudit, database: Database) -> None:
    """Whatever is changed or taken out, the check names the place."""
    with database.writing() as connection:
        connection.execute(text("DELETE FROM audit_subjects"))
        connection.execute(text(hand))
    assert (await audit.check()).broken_at == broken_at


async def test_a_cut_end_shows_by_the_noted_digest(audit: SqlAudit, database: Database) -> None:
    """What a chain cannot tell by itself: another digest at its end than the one that was noted."""
    noted = await audit.check()
    with database.writing() as connection:
        connection.execute(text("DELETE FROM audit_subjects"))
        connection.execute(text("DELETE FROM audit_entries WHERE number > 3"))
    found = await audit.check()
    assert (found.broken_at, found.entries) == (None, 3)
    assert found.digest != noted.digest


async def test_two_programs_write_one_chain(audit: SqlAudit, database: Database, tmp_path: Path) -> None:
    """The command line and a server record into the same log."""
    other = open_database(tmp_path)
    second = SqlAudit(other, lambda: NOW)
    for log in (second, audit, second):
        await log.record(Event(Act.READ, "server"))
    other.close()
    found = await audit.check()
    assert (found.entries, found.broken_at) == (8, None)


async def test_a_log_outlasts_its_program(audit: SqlAudit, tmp_path: Path) -> None:
    """What was recorded is there for the next one."""
    page = await audit.entries(AuditQuery(subject="c2"))
    other = open_database(tmp_path)
    assert await SqlAudit(other, lambda: NOW).entries(AuditQuery(subject="c2")) == page
    other.close()
    assert page.entries[0].event.counts == {"faces": 2}
