"""Tasks in the state database, which several servers may share."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, exists, func, insert, or_, select, update

from oss_faces.database import Database
from oss_faces.tasks import refusals
from oss_faces.tasks.base import (
    Claim,
    Clock,
    NewTask,
    OnAdded,
    Task,
    TaskPage,
    TaskQuery,
    TaskSorting,
    TaskStatus,
    TimeSpan,
    nobody_listens,
)
from oss_faces.tasks.naming import new_event_id, new_task_id
from oss_faces.tasks.settings import TaskSettings
from oss_faces.tasks.tables import TASKS

Result = TypeVar("Result")

_TURN: Final = "tasks"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LATER_THAN_ALL: Final = 2**62
_SUBJECTS_AT_ONCE: Final = 500
_OPEN: Final = TASKS.c.ended_us.is_(None)


class SqlTasks:
    """Tasks in a database; the methods are those of `Tasks`.

    What a power cut may undo - a claim, a renewal - does not wait for the disk: the work is then done again.
    """

    def __init__(
        self, database: Database, settings: TaskSettings, now: Clock, on_added: OnAdded = nobody_listens
    ) -> None:
        self._database = database
        self._settings = settings
        self._now = now
        self._on_added = on_added

    async def add(self, new: NewTask) -> Task:
        """Accept a task; see `Tasks.add`."""
        (task,) = await self.add_all((new,))
        return task

    async def add_all(self, news: Sequence[NewTask]) -> tuple[Task, ...]:
        """Accept tasks that belong together; see `Tasks.add_all`."""
        event_id, moment = new_event_id(), self._now()
        tasks = tuple(Task(new_task_id(new.kind), event_id, new, TaskStatus.RUNNING, 0, moment) for new in news)

        def work(connection: Connection) -> None:
            most = self._settings.waiting_max
            waiting = connection.execute(select(func.count()).select_from(TASKS).where(_OPEN)).scalar_one()
            if waiting + len(tasks) > most:
                raise refusals.too_many(most)
            if tasks:
                connection.execute(insert(TASKS), [_row(task) for task in tasks])

        # In turn, so that numbers become visible in their order: the older of a subject is always seen first.
        await self._write(work, turn=_TURN)
        self._on_added()
        return tasks

    async def get(self, project: str, task_id: str) -> Task:
        """Describe a task; see `Tasks.get`."""
        wanted = select(TASKS).where(TASKS.c.task_id == task_id, TASKS.c.project == project)
        row = await self._read(lambda connection: connection.execute(wanted).first())
        if row is None:
            raise refusals.no_task(task_id)
        return _to_task(row)

    async def list(self, query: TaskQuery) -> TaskPage:
        """Give one page of tasks; see `Tasks.list`."""
        found = await self._read(partial(_find, query))
        page = tuple(found[: query.limit])
        return TaskPage(page, page[-1].task_id if len(found) > query.limit else "")

    async def count(self, project: str, kinds: Collection[str], user_data: str = "") -> Mapping[TaskStatus, int]:
        """Tell how many tasks there are; see `Tasks.count`."""
        meant = [TASKS.c.project == project, TASKS.c.kind.in_(sorted(kinds))]
        if user_data:
            meant.append(TASKS.c.user_data == user_data)
        wanted = select(TASKS.c.status, func.count()).where(*meant).group_by(TASKS.c.status)
        return await self._read(
            lambda connection: {TaskStatus(status): count for status, count in connection.execute(wanted)}
        )

    async def claim(self, kinds: Collection[str], lease_s: float) -> Claim | None:
        """Take the oldest task that can be begun; see `Tasks.claim`."""
        moment = self._now()
        now, until = _stored(moment), _stored(moment + timedelta(seconds=lease_s))

        def work(connection: Connection) -> Claim | None:
            row = connection.execute(_next(kinds, now)).first()
            if row is None:
                return None
            claim = Claim(_to_task(row), uuid.uuid4().hex, row.attempts + 1)
            taken = update(TASKS).where(TASKS.c.number == row.number)
            connection.execute(taken.values(token=claim.token, free_us=until, attempts=claim.attempt))
            return claim

        return await self._write(work, sync=False)

    async def renew(self, claim: Claim, lease_s: float, progress: int) -> bool:
        """Keep a task for longer; see `Tasks.renew`."""
        until = _stored(self._now() + timedelta(seconds=lease_s))
        return await self._change(claim, sync=False, free_us=until, progress=progress)

    async def succeed(self, claim: Claim, result: Mapping[str, object]) -> bool:
        """End a task; see `Tasks.succeed`."""
        ended = {"status": TaskStatus.SUCCEEDED.value, "result": dict(result), "progress": 100}
        return await self._end(claim, **ended, code="", message="")

    async def fail(self, claim: Claim, code: str, message: str) -> bool:
        """End a task that cannot be done; see `Tasks.fail`."""
        return await self._end(claim, status=TaskStatus.FAILED.value, code=code, message=message)

    async def release(self, claim: Claim, wait_s: float = 0.0) -> None:
        """Give a task back unfinished; see `Tasks.release`."""
        free = _stored(self._now() + timedelta(seconds=wait_s))
        attempts = claim.attempt if wait_s else claim.attempt - 1
        if await self._change(claim, sync=False, token=None, free_us=free, attempts=attempts):
            self._on_added()

    async def withdraw(self, subjects: Collection[str], code: str, message: str) -> int:
        """Take back tasks that have not ended; see `Tasks.withdraw`."""
        named = sorted(subjects)
        ended = {"status": TaskStatus.FAILED.value, "ended_us": _stored(self._now())}

        def work(connection: Connection) -> int:
            count = 0
            for begin in range(0, len(named), _SUBJECTS_AT_ONCE):
                batch = named[begin : begin + _SUBJECTS_AT_ONCE]
                meant = update(TASKS).where(TASKS.c.subject.in_(batch), _OPEN).values(code=code, message=message)
                waiting = meant.where(TASKS.c.token.is_(None)).values(**ended)
                # Those that wait first: they are not open any more for the second.
                count += connection.execute(waiting).rowcount + connection.execute(meant).rowcount
            return count

        return await self._write(work, turn=_TURN)

    async def sweep(self, ended_before: datetime) -> int:
        """Forget tasks that ended before; see `Tasks.sweep`."""
        old = delete(TASKS).where(TASKS.c.ended_us < _stored(ended_before))
        return await self._write(lambda connection: connection.execute(old).rowcount)

    async def _end(self, claim: Claim, **values: object) -> bool:
        return await self._change(claim, sync=True, token=None, ended_us=_stored(self._now()), **values)

    async def _change(self, claim: Claim, *, sync: bool, **values: object) -> bool:
        """Change a task if it is still this claim's."""
        held = update(TASKS).where(TASKS.c.task_id == claim.task.task_id, TASKS.c.token == claim.token)
        return await self._write(lambda connection: connection.execute(held.values(values)).rowcount == 1, sync=sync)

    async def _read(self, work: Callable[[Connection], Result]) -> Result:
        def transaction() -> Result:
            with self._database.reading() as connection:
                return work(connection)

        return await self._database.run(transaction)

    async def _write(
        self, work: Callable[[Connection], Result], *, sync: bool = True, turn: str | None = None
    ) -> Result:
        def transaction() -> Result:
            with self._database.writing(sync=sync, turn=turn) as connection:
                return work(connection)

        return await self._database.run(transaction)


def _next(kinds: Collection[str], now: int) -> Select[Any]:
    """Ask for the oldest task that is free, and before which there is none of its subject."""
    older = TASKS.alias()
    has_older = exists().where(
        older.c.subject == TASKS.c.subject, older.c.ended_us.is_(None), older.c.number < TASKS.c.number
    )
    free = select(TASKS).where(_OPEN, TASKS.c.kind.in_(sorted(kinds)), TASKS.c.free_us <= now, ~has_older)
    # Where several write at the same time, whoever comes second takes the next one; SQLite has one writer anyway.
    return free.order_by(TASKS.c.number).limit(1).with_for_update(skip_locked=True, of=TASKS)


def _find(query: TaskQuery, connection: Connection) -> list[Task]:
    """Give the tasks of a page, and one more when there is one."""
    key, is_down = _sort_key(query), query.descending
    order = (key.desc(), TASKS.c.task_id.desc()) if is_down else (key.asc(), TASKS.c.task_id.asc())
    wanted = select(TASKS).where(*_conditions(query)).order_by(*order)
    if query.after:
        last = connection.execute(select(key.label("key")).where(TASKS.c.task_id == query.after)).first()
        if last is None:
            return []
        behind = and_(key == last.key, TASKS.c.task_id < query.after if is_down else TASKS.c.task_id > query.after)
        wanted = wanted.where(or_(key < last.key if is_down else key > last.key, behind))
    found: list[Task] = []
    # Tags are no columns, so rows are looked at until the page is full.
    for row in connection.execute(wanted):
        if query.tags.items() <= row.tags.items():
            found.append(_to_task(row))
        if len(found) > query.limit:
            break
    return found


def _sort_key(query: TaskQuery) -> ColumnElement[Any]:
    """Give what tasks are sorted by; those that have not ended are last both ways."""
    if query.sort is TaskSorting.TASK_ID:
        return TASKS.c.task_id
    if query.sort is TaskSorting.STARTED:
        return TASKS.c.started_us
    return func.coalesce(TASKS.c.ended_us, -1 if query.descending else _LATER_THAN_ALL)


def _conditions(query: TaskQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [TASKS.c.project == query.project]
    if query.kinds:
        conditions.append(TASKS.c.kind.in_(sorted(query.kinds)))
    if query.statuses:
        conditions.append(TASKS.c.status.in_(sorted(status.value for status in query.statuses)))
    conditions += _within(TASKS.c.started_us, query.started)
    conditions += _within(TASKS.c.ended_us, query.ended)
    return conditions


def _within(column: ColumnElement[Any], span: TimeSpan) -> list[ColumnElement[bool]]:
    first, last = span
    bounds = []
    if first is not None:
        bounds.append(column >= _stored(first))
    if last is not None:
        bounds.append(column < _stored(last))
    return bounds


def _row(task: Task) -> dict[str, object]:
    what = task.what
    return {
        "task_id": task.task_id,
        "event_id": task.event_id,
        "project": what.project,
        "kind": what.kind,
        "request": dict(what.request),
        "user_data": what.user_data,
        "tags": dict(what.tags),
        "subject": what.subject or None,
        "status": task.status.value,
        "progress": task.progress,
        "started_us": _stored(task.started),
        "ended_us": None,
        "code": task.code,
        "message": task.message,
        "result": dict(task.result),
        "token": None,
        "free_us": 0,
        "attempts": 0,
    }


def _to_task(row: Row[Any]) -> Task:
    what = NewTask(row.project, row.kind, row.request, row.user_data, row.tags, row.subject or "")
    ended = None if row.ended_us is None else _moment(row.ended_us)
    return Task(
        row.task_id,
        row.event_id,
        what,
        TaskStatus(row.status),
        row.progress,
        _moment(row.started_us),
        ended,
        row.code,
        row.message,
        row.result,
    )


def _stored(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(stored: int) -> datetime:
    return _EPOCH + stored * _MICROSECOND
