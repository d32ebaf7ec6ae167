"""What only a database can show: tasks outlive the process, and several servers do each of them once."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
from sqlalchemy.dialects import postgresql

from oss_faces.database import open_database
from oss_faces.imm_errors import LimitExceeded
from oss_faces.tasks import Claim, NewTask, SqlTasks, TaskKind, TaskSettings
from oss_faces.tasks.sql import _next

pytestmark = pytest.mark.anyio


def now() -> datetime:
    return datetime(2026, 11, 22, tzinfo=UTC)


async def test_tasks_outlive_the_process(tmp_path: Path) -> None:
    """What was accepted is there when the database is opened again, and so is who has it."""
    database = open_database(tmp_path)
    tasks = SqlTasks(database, TaskSettings(), now)
    first, second = await tasks.add_all([NewTask("p", TaskKind.FILE_INDEXING, {"a": [1]}, tags={"k": "v"})] * 2)
    await tasks.claim([TaskKind.FILE_INDEXING], 10)
    database.close()
    database = open_database(tmp_path)
    tasks = SqlTasks(database, TaskSettings(), now)
    assert await tasks.get("p", first.task_id) == first
    claim = await tasks.claim([TaskKind.FILE_INDEXING], 10)
    assert claim is not None
    assert claim.task == second
    database.close()


async def test_servers_on_one_database_do_each_task_once(tmp_path: Path) -> None:
    """However many claim at once, through two openings of the database, and never two of one subject."""
    databases = [open_database(tmp_path) for _ in range(2)]
    keepers = [SqlTasks(database, TaskSettings(), now) for database in databases]
    await keepers[0].add_all([NewTask("p", "K", {}, subject=f"s{number % 3}") for number in range(24)])
    done: Counter[str] = Counter()
    held: set[str] = set()

    async def work(keeper: SqlTasks) -> None:
        while done.total() < 24:
            claim: Claim | None = await keeper.claim(["K"], 1000)
            if claim is not None:
                assert claim.task.what.subject not in held
                held.add(claim.task.what.subject)
                await anyio.lowlevel.checkpoint()
                held.remove(claim.task.what.subject)
                assert await keeper.succeed(claim, {})
                done[claim.task.task_id] += 1

    async with anyio.create_task_group() as group:
        for keeper in keepers * 2:
            group.start_soon(work, keeper)
    assert set(done.values()) == {1}
    for database in databases:
        database.close()


async def test_the_limit_holds_between_servers(tmp_path: Path) -> None:
    """Of many who add at once, as many succeed as there is room."""
    databases = [open_database(tmp_path) for _ in range(2)]
    keepers = [SqlTasks(database, TaskSettings(waiting_max=5), now) for database in databases]
    refused = []

    async def add(keeper: SqlTasks) -> None:
        try:
            await keeper.add(NewTask("p", "K", {}))
        except LimitExceeded as exc:
            refused.append(exc)

    async with anyio.create_task_group() as group:
        for keeper in keepers * 4:
            group.start_soon(add, keeper)
    assert len(refused) == 3
    for database in databases:
        database.close()


def test_claiming_passes_over_rows_that_another_server_is_claiming() -> None:
    """Where several write at once, the row is locked, and nobody waits for it."""
    assert "FOR UPDATE OF tasks SKIP LOCKED" in str(_next(["K"], 0).compile(dialect=postgresql.dialect()))
