"""Worker processes: what happens to one of them ends one piece of work, and another takes its place."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Final, Generic, TypeVar

import structlog

from oss_faces.child.begun import BegunProcess
from oss_faces.child.wire import Hello
from oss_faces.errors import OssFacesError
from oss_faces.stages import Call
from oss_faces.workers.process import WorkerProcess

Result = TypeVar("Result")

RETRY_S: Final = 1.0
"""A worker that could not be started is not tried again before this time is over."""

OTHERS_AFTER_S: Final = 1.0
"""The others begin at the latest when the first one has been ready for so long."""


class ProcessJob(Generic[Result]):
    """Work in a process; see `Job`."""

    def __init__(self, doing: asyncio.Task[Result]) -> None:
        self._doing = doing

    async def result(self) -> Result:
        """Wait for its result; see `Job.result`."""
        return await asyncio.shield(self._doing)

    def stop(self) -> None:
        """Kill its process."""
        self._doing.cancel()

    def when_over(self, tell: Callable[[], None]) -> None:
        """Call when its process is free; see `Job.when_over`."""
        if self._doing.done():
            tell()
            return

        def over(task: asyncio.Task[Result]) -> None:
            if not task.cancelled():
                # Nobody waits for the error of work that was given up.
                task.exception()
            tell()

        self._doing.add_done_callback(over)


class ProcessCrew:
    """Processes that work on pictures; see `Crew`. To be used in one event loop.

    Args:
        hello: what each of them is told first.
        begun: becomes the first of them; it was told the same, before there was an event loop.
    """

    def __init__(
        self,
        size: int,
        hello: Hello,
        monotonic: Callable[[], float] = time.monotonic,
        begun: BegunProcess | None = None,
    ) -> None:
        self._size = size
        self._hello = hello
        self._monotonic = monotonic
        self._begun = begun
        self._idle: asyncio.Queue[_Seat] = asyncio.Queue()
        self._empty: set[_Seat] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._used = asyncio.Event()
        self._is_closed = False

    @property
    def size(self) -> int:
        """How many processes there are."""
        return self._size

    async def start(self) -> None:
        """Start one; see `Crew.start`.

        The others begin when it has done its first call, or when nobody has come for a while. Before that they would
        only take processors from the one that the first request waits for, and from the server.
        """
        first, *others = (_Seat(self._hello, self._monotonic) for _ in range(self._size))
        await first.fill(self._begun)
        if first.error is not None:
            raise first.error
        self._idle.put_nowait(first)
        if others:
            self._in_background(self._begin_others(others))

    def begin(self, call: Call[Result], content: bytes) -> ProcessJob[Result]:
        """Give out one piece of work; see `Crew.begin`."""
        return ProcessJob(self._in_background(self._do(call, content)))

    async def aclose(self) -> None:
        """Kill all."""
        self._is_closed = True
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)
        while not self._idle.empty():
            await self._idle.get_nowait().end()

    async def _do(self, call: Call[Result], content: bytes) -> Result:
        seat = await self._idle.get()
        try:
            process = await seat.occupant()
            return await process.do(call, content)
        finally:
            self._used.set()
            # Not waited for: whoever asked has an answer, or was cancelled.
            self._in_background(self._make_ready(seat))

    async def _begin_others(self, seats: "Sequence[_Seat]") -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(OTHERS_AFTER_S):
                await self._used.wait()
        for seat in seats:
            self._in_background(self._make_ready(seat))

    async def _make_ready(self, seat: "_Seat") -> None:
        """Let a seat be taken again, with another process if the one in it is not fit.

        A seat for which none can be started is tried again beside the others, and not taken: else it would draw to
        itself what they could do. When all are like this, whoever asks is told why.
        """
        try:
            while not self._is_closed:
                await seat.fill()
                if seat.error is None:
                    self._empty.discard(seat)
                    break
                self._empty.add(seat)
                if len(self._empty) == self._size:
                    break
                await asyncio.sleep(RETRY_S)
        finally:
            self._idle.put_nowait(seat)

    def _in_background(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


class _Seat:
    """Room for one process, or for the reason why there is none.

    Attributes:
        error: why no process could be started the last time.
    """

    def __init__(self, hello: Hello, monotonic: Callable[[], float]) -> None:
        self.error: OssFacesError | None = None
        self._hello = hello
        self._monotonic = monotonic
        self._process: WorkerProcess | None = None
        self._tried = float("-inf")
        self._log = structlog.get_logger("oss_faces.workers")

    async def occupant(self) -> WorkerProcess:
        """Give a process that is fit; one that ended while it was idle is replaced first.

        Raises:
            ModelUnavailable, ConfigurationError: a network cannot be loaded.
            WorkerLost: no process can be started.
        """
        await self.fill()
        if self._process is None:
            assert self.error is not None, "a seat is empty for a reason"
            raise self.error.with_traceback(None)
        return self._process

    async def fill(self, begun: BegunProcess | None = None) -> None:
        """Put a process here, unless there is one that is fit, or it was tried in vain a moment ago.

        Args:
            begun: becomes that process, in the place of a new one.
        """
        if self._process is not None and self._process.is_fit:
            return
        if self._process is not None:
            status = await self.end()
            self._log.warning("worker_ended", status=status)
        if self.error is not None and self._monotonic() - self._tried < RETRY_S:
            return
        self._tried = self._monotonic()
        try:
            process = await (WorkerProcess.adopt(begun) if begun else WorkerProcess.start(self._hello))
            self._process, self.error = process, None
        except OssFacesError as exc:
            self.error = exc
            self._log.error("worker_not_started", **exc.context, reason=exc.message)

    async def end(self) -> int | None:
        """End the process, if there is one; gives its exit status."""
        process, self._process = self._process, None
        return None if process is None else await process.end()
