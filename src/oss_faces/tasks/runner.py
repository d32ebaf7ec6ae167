"""Doing tasks: a bounded number at a time, each claimed, renewed while it is worked on, and ended or given back."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog

from oss_faces.errors import OssFacesError, StorageUnavailable
from oss_faces.imm_errors import imm_form
from oss_faces.tasks.base import Claim, Clock, TaskHandler, Tasks
from oss_faces.tasks.bell import Bell
from oss_faces.tasks.settings import TaskSettings

_RENEWALS: Final = 6
"""Renewals in the time of one lease: a few may fail before the task is lost, and progress is seen that often."""

_RETRY_S: Final = 10.0
_RETRY_GROWTH: Final = 4
_SWEEP_S: Final = 3600.0

_GIVEN_UP: Final = "The task was begun several times, and its server ended each time before it was done."


class _Work:
    """One task being done."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.progress = claim.task.progress
        self.is_lost = False

    def note(self, progress: int) -> None:
        """Take note of how much is done; see `Progress`."""
        self.progress = min(max(progress, 0), 100)


class TaskRunner:
    """Does the tasks that handlers are there for.

    Args of the constructor:
        bell: rings when a task was added here; tasks of other servers are found by looking.
        monotonic: seconds, for the log and for the hourly sweep.
    """

    def __init__(
        self,
        tasks: Tasks,
        handlers: Mapping[str, TaskHandler],
        settings: TaskSettings,
        bell: Bell,
        now: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tasks = tasks
        self._handlers = dict(handlers)
        self._settings = settings
        self._bell = bell
        self._now = now
        self._monotonic = monotonic
        self._swept = -_SWEEP_S
        self._is_stopping = False
        self._log = structlog.get_logger("oss_faces.tasks")

    async def run(self) -> None:
        """Do tasks until cancelled; what is not done then is given back."""
        slots = asyncio.Semaphore(self._settings.slots)

        async def work(claim: Claim) -> None:
            try:
                await self._do(claim)
            finally:
                slots.release()
                # The next one of its subject can be begun now.
                self._bell.ring()

        async with asyncio.TaskGroup() as group:
            while True:
                await slots.acquire()
                claim = await self._next()
                if claim is None:
                    # Told to stop: no slot is taken any more.
                    await asyncio.get_running_loop().create_future()
                else:
                    group.create_task(work(claim))

    def stop(self) -> None:
        """Begin no task any more."""
        self._is_stopping = True
        self._bell.ring()

    async def run_waiting(self) -> int:
        """Do what can be begun now, one after the other; tells how many. For programs that end when nothing is left."""
        count = 0
        while (claim := await self._claim()) is not None:
            await self._do(claim)
            count += 1
        return count

    async def _next(self) -> Claim | None:
        while not self._is_stopping:
            claim = None
            try:
                await self._sweep()
                claim = await self._claim()
            except StorageUnavailable as exc:
                self._log.error("tasks_unavailable", **exc.context)
            if claim is not None:
                return claim
            await self._bell.wait(self._settings.poll_s)
        return None

    async def _claim(self) -> Claim | None:
        return await self._tasks.claim(self._handlers, self._settings.lease_s)

    async def _sweep(self) -> None:
        if self._monotonic() - self._swept >= _SWEEP_S:
            await self._tasks.sweep(self._now() - timedelta(days=self._settings.keep_days))
            self._swept = self._monotonic()

    async def _do(self, claim: Claim) -> None:
        """Do one task, and write how it ended; when that cannot be written, the task is done again after its lease."""
        work, begun = _Work(claim), self._monotonic()
        outcome = "unwritten"
        try:
            outcome = await self._outcome(work)
        except StorageUnavailable as exc:
            self._log.error("task_unwritten", task_id=claim.task.task_id, **exc.context)
        except asyncio.CancelledError:
            outcome = "given_back"
            with suppress(StorageUnavailable):
                await asyncio.shield(self._tasks.release(claim))
            raise
        finally:
            ms = round((self._monotonic() - begun) * 1e3, 3)
            what = claim.task.what
            self._log.info(
                "task", task_id=claim.task.task_id, kind=what.kind, project=what.project, outcome=outcome, ms=ms
            )

    async def _outcome(self, work: _Work) -> str:
        """Run the handler, and write what came of it."""
        claim = work.claim
        if claim.attempt > self._settings.attempts_max:
            await self._tasks.fail(claim, "InternalError", _GIVEN_UP)
            return "given_up"
        try:
            result = await self._handled(work)
        except OssFacesError as exc:
            return await self._failed(claim, exc)
        except asyncio.CancelledError:
            if not work.is_lost:
                raise
            return "lost"
        except Exception:  # noqa: BLE001  (the job item boundary: logged here, kept as the reason)
            self._log.exception("unforeseen", task_id=claim.task.task_id)
            return await self._failed(claim, OssFacesError())
        return "succeeded" if await self._tasks.succeed(claim, result) else "lost"

    async def _handled(self, work: _Work) -> Mapping[str, object]:
        """Run the handler, with the lease renewed beside it; it is cancelled when the lease is lost."""
        handler = self._handlers[work.claim.task.what.kind]
        doing = asyncio.ensure_future(handler(work.claim.task, work.note))
        renewing = asyncio.create_task(self._renew(work, doing))
        try:
            return await doing
        finally:
            renewing.cancel()
            await asyncio.wait([renewing])

    async def _renew(self, work: _Work, doing: asyncio.Future[Mapping[str, object]]) -> None:
        lease_s = self._settings.lease_s
        until = self._monotonic() + lease_s
        while not work.is_lost:
            await asyncio.sleep(lease_s / _RENEWALS)
            asked = self._monotonic()
            try:
                is_ours = await self._tasks.renew(work.claim, lease_s, work.progress)
            except StorageUnavailable as exc:
                self._log.error("task_not_renewed", task_id=work.claim.task.task_id, **exc.context)
                is_ours = asked < until
            else:
                until = asked + lease_s
            if not is_ours:
                work.is_lost = True
                doing.cancel()

    async def _failed(self, claim: Claim, error: OssFacesError) -> str:
        """Have a task tried again later when that may help, and end it when not."""
        if error.retryable and claim.attempt < self._settings.attempts_max:
            await self._tasks.release(claim, _RETRY_S * _RETRY_GROWTH ** (claim.attempt - 1))
            return "put_off"
        form = imm_form(error)
        await self._tasks.fail(claim, form.code, form.message or error.message)
        return f"failed:{form.code}"
