"""What several servers on one PostgreSQL do at the same time: nothing is lost, doubled or out of order."""

import functools
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import anyio
import pytest

from oss_faces.access import DatabaseKeyStore, KeyRecord, Secret
from oss_faces.audit import Act, Event, SqlAudit
from oss_faces.database import Database, DatabaseSettings, open_database
from oss_faces.datasets import DatasetRef, DatasetSpec
from oss_faces.errors import ConfigurationError, OssFacesError
from oss_faces.facedb import FaceDbSettings, SqlFaceDatabase
from oss_faces.imm_errors import imm_form
from oss_faces.metering import DatabaseUsageStore, Outcome, UsageCounts, UsageKey
from oss_faces.projects import ImmSettings, SqlProjects
from oss_faces.tasks import NewTask, SqlTasks, TaskSettings
from oss_faces.values import ProjectSpec
from oss_faces.vectors import MemoryVectorIndexes
from tests.postgresql import Cluster, run_beside

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SERVERS = 4
ROUNDS = 10


@pytest.fixture
def servers(postgresql: Cluster, tmp_path: Path) -> Iterator[list[Database]]:
    """Connections of their own for each server, to one database."""
    first = postgresql.ready()
    settings = DatabaseSettings(url=first.engine.url.set(drivername="postgresql").render_as_string(), busy_timeout_s=60)
    opened = [open_database(tmp_path, settings) for _ in range(SERVERS)]
    yield opened
    for database in opened:
        database.close()


def beside(servers: list[Database], work: Callable[[Database], Awaitable[None]]) -> None:
    """Do work on every server at the same time, `ROUNDS` times each."""

    async def rounds(database: Database) -> None:
        for _ in range(ROUNDS):
            await work(database)

    run_beside(*[functools.partial(anyio.run, rounds, database) for database in servers])


def test_the_audit_log_stays_one_chain(servers: list[Database]) -> None:
    """Entries of all servers are numbered without a gap, each behind the one before."""

    async def work(database: Database) -> None:
        await SqlAudit(database, lambda: NOW).record(Event(Act.READ, "server"))

    beside(servers, work)
    found = anyio.run(SqlAudit(servers[0], lambda: NOW).check)
    assert (found.entries, found.broken_at) == (SERVERS * ROUNDS, None)


def test_counts_are_exact(servers: list[Database]) -> None:
    """Every request of every server is in the sums, though all add to the same rows, each in another order."""
    keys = [UsageKey(date(2026, 11, 29), "k", bucket, "oss:GetObject", Outcome.SUCCEEDED) for bucket in "abcdef"]

    async def work(database: Database) -> None:
        ordered = keys if servers.index(database) % 2 else list(reversed(keys))
        DatabaseUsageStore(database).add(dict.fromkeys(ordered, UsageCounts(requests=1)))
        DatabaseUsageStore(database).check()

    beside(servers, work)
    rows = DatabaseUsageStore(servers[0]).rows()
    assert [(key, counts.requests) for key, counts in rows] == [(key, SERVERS * ROUNDS) for key in keys]


def test_a_task_is_claimed_once_and_subjects_keep_their_order(servers: list[Database]) -> None:
    """Servers add and claim at the same time: each task is claimed once, and the older of a subject first."""
    claimed: list[tuple[str, int]] = []
    held: Counter[str] = Counter()

    async def work(database: Database) -> None:
        tasks = SqlTasks(database, TaskSettings(), lambda: NOW)
        for subject in ("one", "another"):
            await tasks.add(NewTask("p", "kind", {}, subject=subject))
        claim = await tasks.claim(["kind"], 30)
        while claim is not None:
            subject = claim.task.what.subject
            held[subject] += 1
            assert held[subject] == 1, "two tasks of one subject at once"
            claimed.append((claim.task.task_id, claim.attempt))
            assert await tasks.renew(claim, 30, 50)
            held[subject] -= 1
            assert await tasks.succeed(claim, {})
            claim = await tasks.claim(["kind"], 30)

    beside(servers, work)
    assert len(claimed) == len(set(claimed)) == 2 * SERVERS * ROUNDS
    assert {attempt for _, attempt in claimed} == {1}


def test_limits_and_names_hold(servers: list[Database]) -> None:
    """Of all that try to take the last place, or the same name, exactly as many succeed as may."""
    made: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    numbers = iter(range(10_000))

    async def attempt(what: str, call: Awaitable[object]) -> None:
        try:
            await call
        except ConfigurationError:
            refused[what] += 1
        except OssFacesError as exc:
            refused[f"{what}: {imm_form(exc).code}"] += 1
        else:
            made[what] += 1

    async def work(database: Database) -> None:
        record = KeyRecord(f"key{next(numbers)}", "", (), NOW)
        await attempt("key", DatabaseKeyStore(database).add(record, Secret("s"), None, keys_max=5))
        projects = SqlProjects(database, ImmSettings(projects_max=3), lambda: NOW)
        await attempt("project", projects.create("the-name", ProjectSpec()))
        with closing(MemoryVectorIndexes()) as indexes:
            faces = SqlFaceDatabase(database, indexes, FaceDbSettings(datasets_max=3), lambda: NOW)
            await attempt("dataset", faces.create_dataset(DatasetRef("p", "the-name"), DatasetSpec()))
            await attempt("other", faces.create_dataset(DatasetRef("p", f"d{next(numbers)}"), DatasetSpec()))

    beside(servers, work)
    tries = SERVERS * ROUNDS
    assert made == {"key": 5, "project": 1, "dataset": 1, "other": 2}
    assert refused["key"] == tries - 5
    assert sum(refused.values()) + sum(made.values()) == 4 * tries
    assert not any("InternalError" in what for what in refused)
