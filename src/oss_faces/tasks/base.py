"""What every keeper of tasks can do, and the values that go in and out.

A task is accepted when `add` returns, and done once: a worker claims it for a while, goes on claiming while it works,
and says how it ended. A task whose worker died is claimed by another when its time is up. Work must therefore be such
that beginning anew does no harm. Every method may raise StorageUnavailable.
"""

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class TaskStatus(enum.StrEnum):
    """How far a task is, by IMM's names; one that waits is `Running` too."""

    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be done.

    Attributes:
        kind: IMM's TaskType, or a name of ours for what IMM shows no task for.
        request: what to do, as JSON can hold it.
        user_data: given back to the caller as it came.
        subject: what the task is about, for those that must not run side by side (a dataset); empty for none.
    """

    project: str
    kind: str
    request: Mapping[str, object]
    user_data: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A task as it stands. Times are aware UTC; `progress` is 0 to 100; `code` and `message` tell why it failed."""

    task_id: str
    event_id: str
    what: NewTask
    status: TaskStatus
    progress: int
    started: datetime
    ended: datetime | None = None
    code: str = ""
    message: str = ""
    result: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """A task that a worker has for a while; `token` proves that it is still this worker's."""

    task: Task
    token: str


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """One page of a project's tasks, newest first.

    Attributes:
        kinds, statuses: only these; empty for all.
        after: a task id; only what comes behind it.
    """

    project: str
    kinds: Collection[str] = ()
    statuses: Collection[TaskStatus] = ()
    after: str = ""
    limit: int = 100


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Tasks of a page; `next_after` is the last one's id when there are more, else empty."""

    tasks: tuple[Task, ...]
    next_after: str = ""


class Tasks(Protocol):
    """Tasks, and who works on them."""

    async def add(self, new: NewTask) -> Task:
        """Accept a task; it is on the disk when the call returns.

        Raises:
            LimitExceeded: too many wait already.
        """
        ...

    async def get(self, project: str, task_id: str) -> Task:
        """Describe a task.

        Raises:
            ResourceNotFound: there is none of this id in this project.
        """
        ...

    async def list(self, query: TaskQuery) -> TaskPage:
        """Give one page of tasks."""
        ...

    async def claim(self, kinds: Collection[str], lease_s: float) -> Claim | None:
        """Take the oldest task of these kinds that nobody works on, and on whose subject nobody works.

        Returns:
            `None` when there is none.
        """
        ...

    async def renew(self, claim: Claim, lease_s: float, progress: int) -> bool:
        """Keep a task for longer; False: it is another worker's by now, and this one must stop."""
        ...

    async def succeed(self, claim: Claim, result: Mapping[str, object]) -> bool:
        """End a task; False: it is another worker's by now, and nothing was changed."""
        ...

    async def fail(self, claim: Claim, code: str, message: str) -> bool:
        """End a task that cannot be done; False as for `succeed`."""
        ...

    async def release(self, claim: Claim) -> None:
        """Give a task back unfinished: it is claimed again, by whoever comes first."""
        ...

    async def sweep(self, ended_before: datetime) -> int:
        """Forget tasks that ended before; tells how many."""
        ...
