import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

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

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A task, and who has it until when."""

    task: Task
    token: str = ""
    free_from: datetime = _LONG_AGO
    attempts: int = 0


class MemoryTasks:
    """Tasks held in memory, in order of arrival: for tests, and the model of what every implementation does."""

    def __init__(self, settings: TaskSettings, now: Clock, on_added: OnAdded = nobody_listens) -> None:
        self._settings = settings
        self._now = now
        self._on_added = on_added
        self._kept: dict[str, _Kept] = {}

    async def add(self, new: NewTask) -> Task:
        """Accept a task; see `Tasks.add`."""
        (task,) = await self.add_all((new,))
        return task

    async def add_all(self, news: Sequence[NewTask]) -> tuple[Task, ...]:
        """Accept tasks that belong together; see `Tasks.add_all`."""
        most = self._settings.waiting_max
        if sum(kept.task.ended is None for kept in self._kept.values()) + len(news) > most:
            raise refusals.too_many(most)
        event_id, moment = new_event_id(), self._now()
        tasks = tuple(Task(new_task_id(new.kind), event_id, new, TaskStatus.RUNNING, 0, moment) for new in news)
        self._kept |= {task.task_id: _Kept(task) for task in tasks}
        self._on_added()
        return tasks

    async def get(self, project: str, task_id: str) -> Task:
        """Describe a task; see `Tasks.get`."""
        kept = self._kept.get(task_id)
        if kept is None or kept.task.what.project != project:
            raise refusals.no_task(task_id)
        return kept.task

    async def list(self, query: TaskQuery) -> TaskPage:
        """Give one page of tasks; see `Tasks.list`."""
        found = sorted((kept.task for kept in self._kept.values() if _fits(kept.task, query)), key=_id)
        found.sort(key=lambda task: _sort_key(task, query.sort), reverse=query.descending)
        found.sort(key=lambda task: query.sort is TaskSorting.ENDED and task.ended is None)
        if query.after:
            places = [place for place, task in enumerate(found) if task.task_id == query.after]
            found = found[places[0] + 1 :] if places else []
        page = tuple(found[: query.limit])
        return TaskPage(page, page[-1].task_id if len(found) > query.limit else "")

    async def count(self, project: str, kinds: Collection[str], user_data: str = "") -> Mapping[TaskStatus, int]:
        """Tell how many tasks there are; see `Tasks.count`."""
        return Counter(
            task.status
            for task in (kept.task for kept in self._kept.values())
            if task.what.project == project and task.what.kind in kinds and user_data in ("", task.what.user_data)
        )

    async def claim(self, kinds: Collection[str], lease_s: float) -> Claim | None:
        """Take the oldest task that can be begun; see `Tasks.claim`."""
        now = self._now()
        subjects: set[str] = set()
        for kept in self._kept.values():
            task = kept.task
            if task.ended is not None:
                continue
            is_first = task.what.subject not in subjects
            subjects |= {task.what.subject} - {""}
            if is_first and task.what.kind in kinds and kept.free_from <= now:
                claim = Claim(task, uuid.uuid4().hex, kept.attempts + 1)
                until = now + timedelta(seconds=lease_s)
                self._kept[task.task_id] = _Kept(task, claim.token, until, claim.attempt)
                return claim
        return None

    async def renew(self, claim: Claim, lease_s: float, progress: int) -> bool:
        """Keep a task for longer; see `Tasks.renew`."""
        kept = self._held(claim)
        if kept is not None:
            until = self._now() + timedelta(seconds=lease_s)
            self._put(replace(kept, task=replace(kept.task, progress=progress), free_from=until))
        return kept is not None

    async def succeed(self, claim: Claim, result: Mapping[str, object]) -> bool:
        """End a task; see `Tasks.succeed`."""
        return self._end(claim, TaskStatus.SUCCEEDED, result=dict(result), progress=100, code="", message="")

    async def fail(self, claim: Claim, code: str, message: str) -> bool:
        """End a task that cannot be done; see `Tasks.fail`."""
        return self._end(claim, TaskStatus.FAILED, code=code, message=message)

    async def release(self, claim: Claim, wait_s: float = 0.0) -> None:
        """Give a task back unfinished; see `Tasks.release`."""
        kept = self._held(claim)
        if kept is not None:
            attempts = kept.attempts if wait_s else kept.attempts - 1
            self._put(_Kept(kept.task, "", self._now() + timedelta(seconds=wait_s), attempts))
            self._on_added()

    async def withdraw(self, subjects: Collection[str], code: str, message: str) -> int:
        """Take back tasks that have not ended; see `Tasks.withdraw`."""
        meant = [kept for kept in self._kept.values() if kept.task.ended is None and kept.task.what.subject in subjects]
        for kept in meant:
            task = replace(kept.task, code=code, message=message)
            if not kept.token:
                task = replace(task, status=TaskStatus.FAILED, ended=self._now())
            self._put(replace(kept, task=task))
        return len(meant)

    async def sweep(self, ended_before: datetime) -> int:
        """Forget tasks that ended before; see `Tasks.sweep`."""
        old = [
            task_id
            for task_id, kept in self._kept.items()
            if kept.task.ended is not None and kept.task.ended < ended_before
        ]
        for task_id in old:
            del self._kept[task_id]
        return len(old)

    def _held(self, claim: Claim) -> _Kept | None:
        kept = self._kept.get(claim.task.task_id)
        return kept if kept is not None and kept.token == claim.token else None

    def _put(self, kept: _Kept) -> None:
        self._kept[kept.task.task_id] = kept

    def _end(self, claim: Claim, status: TaskStatus, **facts: object) -> bool:
        kept = self._held(claim)
        if kept is not None:
            self._put(_Kept(replace(kept.task, status=status, ended=self._now(), **facts)))  # type: ignore[arg-type]  # fields by name
        return kept is not None


def _id(task: Task) -> str:
    return task.task_id


def _sort_key(task: Task, sort: TaskSorting) -> tuple[datetime, str]:
    times = {
        TaskSorting.TASK_ID: _LONG_AGO,
        TaskSorting.STARTED: task.started,
        TaskSorting.ENDED: task.ended or _LONG_AGO,
    }
    return times[sort], task.task_id


def _fits(task: Task, query: TaskQuery) -> bool:
    what = task.what
    return (
        what.project == query.project
        and (not query.kinds or what.kind in query.kinds)
        and (not query.statuses or task.status in query.statuses)
        and query.tags.items() <= what.tags.items()
        and _lies_in(task.started, query.started)
        and _lies_in(task.ended, query.ended)
    )


def _lies_in(moment: datetime | None, span: TimeSpan) -> bool:
    first, last = span
    if moment is None:
        return first is None and last is None
    return (first is None or first <= moment) and (last is None or moment < last)
