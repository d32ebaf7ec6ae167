"""The face service before anybody has asked for it: what it is made of, and a place for it.

It is a third of the server, and who waits for the first answer of a server waits for none of it. So `face_service.py`
is imported when one of its operations or tasks is there to be done, and a moment after the start in any case.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final

import anyio

from oss_faces.audit import Audit
from oss_faces.config import Settings
from oss_faces.database import Database
from oss_faces.described import Recognition
from oss_faces.facedb import FaceDatabase
from oss_faces.http import ImmHandler, ImmWork, RequestBody
from oss_faces.metering import Meter, Observation, ServerMetrics, Use
from oss_faces.operations import Bindings, Holdings
from oss_faces.protocol import ImmAction
from oss_faces.request.imm_fields import Fields
from oss_faces.storage import WholeStore
from oss_faces.tasks import Clock, Progress, Task, TaskHandler, TaskKind, TaskRunner, Tasks
from oss_faces.values import Address, Principal
from oss_faces.workers import Workers

if TYPE_CHECKING:
    from oss_faces.operations import Count

PREPARED_AFTER_S: Final = 1.0
"""The face service is imported so long after the start of a server at which nobody asked for it."""


@dataclass(frozen=True, slots=True)
class FaceParts:
    """What the face service is made of.

    Attributes:
        count: counts work that no open request waits for.
        not_searched: see `Receipt.outside`.
    """

    settings: Settings
    store: WholeStore
    database: FaceDatabase
    holdings: Holdings
    audit: Audit
    tasks: Tasks
    recognition: Recognition
    workers: Workers
    bindings: Bindings
    count: "Count"
    now: Clock
    not_searched: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """The face service: who does its operations, and who does its tasks."""

    operations: Mapping[ImmAction, ImmHandler]
    tasks: Mapping[str, TaskHandler]


class FaceService:
    """Binds the face service when it is asked for first.

    Args:
        actions: the operations on datasets, people and tasks.
        bind: imports what does them, and binds it; called once, from any thread.
    """

    def __init__(self, actions: Iterable[ImmAction], bind: Callable[[], Bound]) -> None:
        self._actions = frozenset(actions)
        self._bind = bind
        self._bound: Bound | None = None
        self._binding = Lock()

    @property
    def operations(self) -> Mapping[ImmAction, ImmHandler]:
        """What reads each operation, and gives what does it."""
        return {action: partial(self._handle, action) for action in self._actions}

    @property
    def tasks(self) -> Mapping[str, TaskHandler]:
        """Who does the tasks of each kind."""
        return {kind: partial(self._do, kind) for kind in TaskKind}

    async def prepare(self) -> None:
        """Bind it beside the requests, when the first of them have an answer."""
        await anyio.sleep(PREPARED_AFTER_S)
        await anyio.to_thread.run_sync(self._get)

    def _get(self) -> Bound:
        with self._binding:
            if self._bound is None:
                self._bound = self._bind()
                assert self._bound.operations.keys() == self._actions, "each operation has one who does it"
                assert self._bound.tasks.keys() == set(TaskKind), "so has each kind of task"
            return self._bound

    def _handle(
        self, action: ImmAction, principal: Principal, fields: Fields, body: RequestBody
    ) -> tuple[Address, ImmWork]:
        return self._get().operations[action](principal, fields, body)

    async def _do(self, kind: str, task: Task, progress: Progress) -> Mapping[str, object]:
        bound = await anyio.to_thread.run_sync(self._get)
        return await bound.tasks[kind](task, progress)


def not_searched(settings: Settings, database: Database) -> str:
    """Tell what held the vectors and cannot be searched from here; empty: nothing."""
    vectors = "" if settings.vectors.engine == "files" else settings.vectors.engine
    return ", ".join(place for place in (vectors, database.remains) if place)


def counting(meter: Meter, metrics: ServerMetrics) -> "Count":
    """Count work in the background like that of requests: exactly per key and bucket, and in the metrics."""

    async def count(use: Use) -> None:
        await meter.record(use)
        seconds = sum(use.work.stage_ms.values()) / 1e3
        metrics.observe(Observation(use.operation, use.status, use.bytes_out, seconds, use.work))

    return count


@asynccontextmanager
async def doing_tasks(runner: TaskRunner, faces: FaceService) -> AsyncIterator[None]:
    """Do tasks meanwhile; those that are not done at the end are given back for the next server."""
    async with anyio.create_task_group() as group:
        group.start_soon(runner.run)
        group.start_soon(faces.prepare)
        try:
            yield
        finally:
            group.cancel_scope.cancel()
