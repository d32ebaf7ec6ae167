"""Admission to the CPU work: a bounded number runs, a bounded number waits, the rest is refused at once.

Work in the background shares the workers, so that the machine is never asked for more than it has, and lets requests
go first: it takes a place only when nobody waits for one, leaves one free where there are several, and gives it back
after each picture. So that a busy server does some of it, too, it stands in line like a request after a while.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeVar

from oss_faces.errors import DeadlineExceeded, Overloaded
from oss_faces.stages import Call
from oss_faces.workers.base import Crew, Job
from oss_faces.workers.settings import WorkerSettings
from oss_faces.workers.threads import ThreadJob

Result = TypeVar("Result")

PATIENCE_S: Final = 5.0
"""How long work in the background lets requests go first."""

_IN_TIME: Final = 0.7
"""Part of the time to the deadline that waiting and work may take: work is not always as fast as it was."""
_LAST: Final = 10
"""The time that work takes is known by about so many pieces of it, the last ones."""


class Place:
    """One of the places of `Workers`, for one piece of work at a time.

    Attributes:
        until: when work of this place is stopped, by the clock of the event loop; `None`: never, as far as it is known.
    """

    def __init__(self, crew: Crew, thinking: ThreadPoolExecutor, until: float | None = None) -> None:
        self.until = until
        self._crew = crew
        self._thinking = thinking
        self._job: Job[Any] | None = None

    async def run(self, call: Call[Result], content: bytes) -> Result:
        """Have a worker do `call` on a picture file. Work not yet begun is dropped on cancellation."""
        job = self._crew.begin(call, content)
        self._job = job
        return await job.result()

    async def think(self, work: Callable[[], Result]) -> Result:
        """Do work that is about no picture file in a thread of this process."""
        job = ThreadJob(self._thinking.submit(work))
        self._job = job
        return await job.result()

    def when_free(self, give_back: Callable[[], None]) -> None:
        """Call back once nobody works for this place: at once, or, after a cancellation, when the work ends.

        Work that nobody waits for any more may end in peace; at the deadline of the place it is stopped.
        """
        if self._job is None:
            give_back()
            return
        stopping = asyncio.get_running_loop().call_at(self.until, self._job.stop) if self.until else None

        def over() -> None:
            if stopping is not None:
                stopping.cancel()
            give_back()

        self._job.when_over(over)


class BackgroundPlace(Place):
    """A place for work that no request waits for. Only work on a picture has a limit, from its own beginning."""

    def __init__(self, crew: Crew, thinking: ThreadPoolExecutor, limit_s: float) -> None:
        super().__init__(crew, thinking)
        self._limit_s = limit_s

    async def run(self, call: Call[Result], content: bytes) -> Result:
        """Have a worker do `call`; see `Place.run`.

        Raises:
            DeadlineExceeded: it took too long.
        """
        limit = asyncio.timeout(self._limit_s)
        try:
            async with limit:
                self.until = limit.when()
                return await super().run(call, content)
        except TimeoutError as exc:
            if not limit.expired():
                raise
            raise DeadlineExceeded(context={"background_s": self._limit_s}) from exc


class Workers:
    """Hands CPU work to a crew, within the limits of its settings.

    A place covers everything that belongs to one picture, reading it included, so that waiting requests hold no bytes.
    Work past its deadline is answered 503. A process that does it is ended then; a thread cannot be, and keeps its
    place until it ends. So no more wait than are done in time if work goes on as fast as it did lately: the rest is
    refused at once, and not after the deadline.

    Args:
        patience_s: how long work in the background lets requests go first.
        chance: draws the times after which clients that are refused may come back.
        monotonic: seconds, by which it is known how long work takes.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        crew: Crew,
        patience_s: float = PATIENCE_S,
        chance: random.Random | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._crew = crew
        self._running = crew.size
        self._capacity = crew.size + settings.waiting
        self._monotonic = monotonic
        self._work_s = 0.0
        self._learnt_from = 0
        self._places = asyncio.Semaphore(self._running)
        self._thinking = ThreadPoolExecutor(self._running, thread_name_prefix="thinking")
        self._admitted = 0
        self._cost = 0
        self._held = 0
        self._waiting = 0
        self._patience_s = patience_s
        self._chance = chance or random.Random()  # noqa: S311  nobody gains by knowing it
        self._background = asyncio.Semaphore(max(1, self._running - 1))
        self._changed = asyncio.Event()
        self._on_admission: Callable[[], None] = _ignore

    @property
    def admitted(self) -> int:
        """Pieces of work of requests that run or wait."""
        return self._admitted

    @property
    def is_full(self) -> bool:
        """Whether the smallest picture would be refused now."""
        return self.room == 0

    @property
    def idle(self) -> int:
        """How many workers have nothing to do, and nothing to expect."""
        return max(0, self._running - max(self._admitted, self._held))

    @property
    def room(self) -> int | None:
        """How many more of the smallest pictures would be taken; `None` as long as not every worker has one."""
        if self._admitted < self._running:
            return None
        return max(0, min(self._capacity - self._cost, self._running + self._in_time - self._admitted))

    @property
    def running(self) -> int:
        """Places that are held, those of work past its deadline among them."""
        return self._held

    @property
    def waiting(self) -> int:
        """Pictures that wait for a place."""
        return self._waiting

    @property
    def _in_time(self) -> int:
        """How many may wait so that the last one is done before its deadline; one always may."""
        if not self._work_s:
            return self._settings.waiting
        rounds = self._settings.deadline_s * _IN_TIME / self._work_s - 1
        return max(1, int(self._running * rounds))

    def draw_retry_after_s(self) -> int:
        """Draw when a client that is refused may come back.

        Those that are refused together would else come back together, and wait for each other.
        """
        return self._chance.randint(1, self._settings.retry_after_s_max)

    def when_admitted(self, told: Callable[[], None]) -> None:
        """Call `told` whenever the work of a request is admitted; it takes the place of who was told before."""
        self._on_admission = told

    @asynccontextmanager
    async def place(self, size_bytes: int = 0) -> AsyncIterator[Place]:
        """Wait for a place, and hold it.

        Args:
            size_bytes: length of the picture file, or of all that are read for this request together. A large one
                leaves less room for others to wait behind it.

        Raises:
            Overloaded: too many are waiting.
            DeadlineExceeded: waiting and working together took too long.
        """
        cost = max(1, -(-size_bytes // self._settings.cost_bytes))
        if self._has_no_room(cost):
            raise Overloaded(self.draw_retry_after_s(), context={"admitted": self._admitted, "cost": self._cost})
        deadline_s = self._settings.deadline_s
        deadline = asyncio.timeout(deadline_s)
        self._admitted += 1
        self._cost += cost
        try:
            self._on_admission()
            async with deadline:
                await self._acquire()
                # What is worked on costs a place, whatever its size.
                self._cost, cost = self._cost - cost + 1, 1
                place = Place(self._crew, self._thinking, deadline.when())
                begun = self._monotonic()
                try:
                    yield place
                    self._learn(self._monotonic() - begun)
                except asyncio.CancelledError:
                    # At the deadline, or as the client left: it would have taken longer.
                    self._learn(max(self._work_s, self._monotonic() - begun))
                    raise
                finally:
                    place.when_free(self._release)
        except TimeoutError as exc:
            if not deadline.expired():
                raise  # of a disk, for instance
            raise DeadlineExceeded(context={"deadline_s": deadline_s}) from exc
        finally:
            self._admitted -= 1
            self._cost -= cost

    @asynccontextmanager
    async def background_place(self) -> AsyncIterator[BackgroundPlace]:
        """Wait until requests leave a place free, and hold it for one picture.

        Nobody is refused, and waiting has no end: the caller bounds how much is asked for at the same time.
        """
        async with self._background:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience_s):
                    while self._waiting or self._held >= self._running:
                        self._changed.clear()
                        await self._changed.wait()
            await self._acquire()
            place = BackgroundPlace(self._crew, self._thinking, self._settings.background_s)
            try:
                yield place
            finally:
                place.when_free(self._release)

    async def start(self) -> None:
        """Wait until a worker is ready; see `Crew.start` for the errors."""
        await self._crew.start()

    async def aclose(self) -> None:
        """Take no more, and end the workers; threads are let come to their end."""
        await self._crew.aclose()
        await asyncio.to_thread(self._thinking.shutdown, cancel_futures=True)

    def _has_no_room(self, cost: int) -> bool:
        room = self.room
        return room is not None and (room == 0 or cost > self._capacity - self._cost)

    def _learn(self, work_s: float) -> None:
        """Remember how long work takes: the mean of what was done, the last pieces weighing most."""
        self._learnt_from = min(self._learnt_from + 1, _LAST)
        self._work_s += (work_s - self._work_s) / self._learnt_from

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


def _ignore() -> None:
    """Tell nobody."""
