"""Admission and the pool for CPU work: a bounded number runs, a bounded number waits, the rest is refused at once.

Work in the background shares the pool, so that the machine is never asked for more than it has, and lets requests go
first: it takes a place only when nobody waits for one, leaves one free where there are several, and gives it back after
each picture. So that a busy server does some of it, too, it stands in line like a request after a while.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from oss_faces.errors import ConfigurationError, DeadlineExceeded, Overloaded

Result = TypeVar("Result")

PATIENCE_S: Final = 5.0
"""How long work in the background lets requests go first."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Limits of the CPU work.

    Attributes:
        running: pictures worked on at the same time, one thread each; 0 means one for each processor.
        waiting: pictures that may wait for a thread; further ones are refused with 503 at once.
        deadline_s: time from admission to answer; one SDK gives up after 10 s, so we answer 503 before that.
    """

    running: int = 0
    waiting: int = 64
    deadline_s: float = 9.0

    def validate(self) -> None:
        """Raise `ConfigurationError` when a limit is out of range."""
        if not 0 <= self.running <= 1024:
            raise ConfigurationError("workers.running must be between 0 and 1024")
        if not 0 <= self.waiting <= 100_000:
            raise ConfigurationError("workers.waiting must be between 0 and 100000")
        if not 0.1 <= self.deadline_s <= 3600:
            raise ConfigurationError("workers.deadline_s must be between 0.1 and 3600")


class Place:
    """One of the places of `Workers`, for one piece of work at a time."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._work: Future[Any] | None = None

    async def run(self, work: Callable[[], Result]) -> Result:
        """Run `work` in a thread. Work not yet begun is dropped on cancellation."""
        future = self._pool.submit(work)
        self._work = future
        return await asyncio.wrap_future(future)

    def when_free(self, give_back: Callable[[], None]) -> None:
        """Call back once no thread works for this place: at once, or, after a cancellation, when its thread ends."""
        if self._work is None or self._work.cancel() or self._work.done():
            give_back()
            return
        loop = asyncio.get_running_loop()
        self._work.add_done_callback(lambda _: loop.call_soon_threadsafe(give_back))


class Workers:
    """Runs CPU work in threads, within the limits of its settings.

    A place covers everything that belongs to one picture, reading it included, so that waiting requests hold no bytes.
    A thread cannot be stopped: work past its deadline is answered 503 and keeps its thread, and its place, until it
    ends.
    """

    def __init__(self, settings: WorkerSettings, patience_s: float = PATIENCE_S) -> None:
        self._running = settings.running or os.cpu_count() or 1
        self._limit = self._running + settings.waiting
        self._deadline_s = settings.deadline_s
        self._places = asyncio.Semaphore(self._running)
        self._pool = ThreadPoolExecutor(self._running, thread_name_prefix="picture")
        self._admitted = 0
        self._held = 0
        self._waiting = 0
        self._patience_s = patience_s
        self._background = asyncio.Semaphore(max(1, self._running - 1))
        self._changed = asyncio.Event()

    @property
    def running(self) -> int:
        """Places that are held, those of work past its deadline among them."""
        return self._held

    @property
    def waiting(self) -> int:
        """Pictures that wait for a place."""
        return self._waiting

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        """Wait for a place, and hold it.

        Raises:
            Overloaded: too many are waiting.
            DeadlineExceeded: waiting and working together took too long.
        """
        if self._admitted >= self._limit:
            raise Overloaded(context={"admitted": self._admitted})
        self._admitted += 1
        deadline = asyncio.timeout(self._deadline_s)
        try:
            async with deadline:
                await self._acquire()
                place = Place(self._pool)
                try:
                    yield place
                finally:
                    place.when_free(self._release)
        except TimeoutError as exc:
            if not deadline.expired():
                raise  # of a disk, for instance
            raise DeadlineExceeded(context={"deadline_s": self._deadline_s}) from exc
        finally:
            self._admitted -= 1

    @asynccontextmanager
    async def background_place(self) -> AsyncIterator[Place]:
        """Wait until requests leave a place free, and hold it for one picture.

        There is no deadline, and nobody is refused: the caller bounds how much is asked for at the same time.
        """
        async with self._background:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience_s):
                    while self._waiting or self._held >= self._running:
                        self._changed.clear()
                        await self._changed.wait()
            await self._acquire()
            place = Place(self._pool)
            try:
                yield place
            finally:
                place.when_free(self._release)

    def close(self) -> None:
        """Let running work end and take no more."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def _acquire(self) -> None:
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        self._held += 1

    def _release(self) -> None:
        self._held -= 1
        self._places.release()
        self._changed.set()
