"""What every keeper of tasks can do, and the values that go in and out.

A task is accepted when `add` returns, and done once: a worker claims it for a while, goes on claiming while it works,
and says how it ended. A task whose worker died is claimed by another when its time is up. Work must therefore be such
that beginning anew does no harm. Tasks of one subject are done one after the other, in the order in which they came.
Every method may raise StorageUnavailable. Several servers may share one keeper; their clocks must agree to within a
fraction of the lease.
"""

import enum
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, TypeAlias

# Tells the time as aware UTC; a constructor argument of every implementation.
Clock: TypeAlias = Callable[[], datetime]
OnAdded: TypeAlias = Callable[[], None]
"""Called when a task was accepted here, so that nobody has to ask again and again."""


def nobody_listens() -> None:
    """Let an addition pass unheard: an `OnAdded` for programs that do no tasks themselves."""


class TaskKind(enum.StrEnum):
    """What is to be done. The first ones are IMM's task types, the others ours.

    Source: IMM "Task types"; merging has none there, though GetTask is said to know it.
    """

    FACE_CLUSTERING = "FaceClustering"
    FACES_SEARCHING = "FacesSearching"
    FIGURE_CLUSTERS_MERGING = "FigureClustersMerging"
    FILE_INDEXING = "FileIndexing"
    RE_EMBEDDING = "ReEmbedding"


OWN_KINDS: Final = frozenset({TaskKind.FILE_INDEXING, TaskKind.RE_EMBEDDING})
"""Kinds that IMM has no tasks for; they are listed only for those who ask for them by name."""


class TaskStatus(enum.StrEnum):
    """How far a task is, by IMM's names; one that waits is `Running` too."""

    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be done.

    Attributes:
        kind: IMM's TaskType, or a name of ours for what IMM shows no task for; see `TaskKind`.
        request: what to do, as JSON can hold it. Names that begin with a capital letter are parameters of the wire and
            are shown to who asks for them (`TaskRequestDefinition`); others are ours and are not.
        user_data: given back to the caller as it came.
        subject: what the task is about, for those that must not run side by side (`subject_of`); empty for none.
    """

    project: str
    kind: str
    request: Mapping[str, object]
    user_data: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A task as it stands. Times are aware UTC; `progress` is 0 to 100.

    Attributes:
        code, message: why it failed; of a task that has not ended, why it was withdrawn.
    """

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
    """A task that a worker has for a while.

    Attributes:
        token: proves that it is still this worker's.
        attempt: the how-manieth time it is begun, from 1; those that were given back unhurried do not count.
    """

    task: Task
    token: str
    attempt: int = 1


Progress: TypeAlias = Callable[[int], None]
"""Tells how much of a task is done, 0 to 100. It may be called often, and from any thread."""


class TaskHandler(Protocol):
    """Does tasks of one kind.

    It is cancelled when the server stops, and when the task is another's by now; it may be called again for the same
    task, here or on another server, after a crash at any point.
    """

    async def __call__(self, task: Task, progress: Progress, /) -> Mapping[str, object]:
        """Do a task.

        Returns:
            What is kept as its result, as JSON can hold it.

        Raises:
            OssFacesError: the task failed, and its code and message in the words of IMM are kept; one that is
                retryable has the task tried again later, several times.
        """
        ...


class TaskSorting(enum.StrEnum):
    """What tasks are sorted by, in IMM's words."""

    TASK_ID = "TaskId"
    STARTED = "StartTime"
    ENDED = "EndTime"


TimeSpan: TypeAlias = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """One page of a project's tasks.

    Attributes:
        kinds, statuses: only these; empty for all.
        tags: only tasks that have all of these.
        started, ended: only from the first to before the second time; None for no bound. A task that has not ended has
            no such time.
        sort: tasks that are equal, or have no such time, are sorted by their ids; those without the time are last.
        after: a task id; only what comes behind it, nothing when it is forgotten by now.
    """

    project: str
    kinds: Collection[str] = ()
    statuses: Collection[TaskStatus] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    started: TimeSpan = (None, None)
    ended: TimeSpan = (None, None)
    sort: TaskSorting = TaskSorting.STARTED
    descending: bool = True
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

    async def add_all(self, news: Sequence[NewTask]) -> tuple[Task, ...]:
        """Accept tasks that belong together, all or none; they have one event id.

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

    async def count(self, project: str, kinds: Collection[str], user_data: str = "") -> Mapping[TaskStatus, int]:
        """Tell how many tasks of these kinds there are by how far they are; what there is none of is left out.

        Args:
            user_data: only tasks with just this; empty for all.
        """
        ...

    async def claim(self, kinds: Collection[str], lease_s: float) -> Claim | None:
        """Take the oldest task of these kinds that nobody works on, and that is the oldest of its subject.

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

    async def release(self, claim: Claim, wait_s: float = 0.0) -> None:
        """Give a task back unfinished: it is claimed again, by whoever comes first.

        Args:
            wait_s: time for which nobody can claim it, because the attempt failed. Without it the attempt counts not.
        """
        ...

    async def withdraw(self, subjects: Collection[str], code: str, message: str) -> int:
        """Take back the tasks of these subjects that have not ended; tells how many.

        One that waits ends as failed, for the reason given. One that somebody works on only has the reason noted, so
        that no later task of its subject is begun beside it: its handler looks for it, and ends it (`Task.code`).
        """
        ...

    async def sweep(self, ended_before: datetime) -> int:
        """Forget tasks that ended before; tells how many."""
        ...
