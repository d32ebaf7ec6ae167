"""How many may wait follows from how long work takes, so that nobody waits in vain."""

import asyncio

import pytest

from oss_faces.workers import Workers, WorkerSettings
from tests.clock import Clock
from tests.working import LateCrew, settle

pytestmark = pytest.mark.anyio


async def test_no_more_wait_than_are_done_before_the_deadline() -> None:
    """Work of 2 s leaves room for two to wait with a deadline of 10 s, and for more when it is faster again."""
    clock = Clock()
    workers = Workers(WorkerSettings(running=1, waiting=64, deadline_s=10.0), LateCrew(1), monotonic=clock)
    rooms = []
    for seconds in (2.0, *[0.1] * 60):
        async with workers.place():
            rooms.append(workers.room)
            clock.now += seconds
    async with workers.place():
        rooms.append(workers.room)
    await workers.aclose()
    assert (rooms[0], rooms[1], rooms[-1]) == (64, 2, 64)
    assert rooms[1:] == sorted(rooms[1:])


async def test_a_large_picture_is_taken_where_nobody_waits() -> None:
    """Slow work leaves little time, and that is counted in pictures: their size counts against the places alone."""
    clock = Clock()
    settings = WorkerSettings(running=1, waiting=64, deadline_s=10.0)
    workers = Workers(settings, LateCrew(1), monotonic=clock)
    async with workers.place():
        clock.now += 8.0
    async with workers.place():
        waits = asyncio.create_task(use_large(workers, 20 * settings.cost_bytes))
        await settle()
        assert (workers.waiting, workers.room) == (1, 0)
    assert await waits == "taken"
    await workers.aclose()


async def use_large(workers: Workers, size_bytes: int) -> str:
    async with workers.place(size_bytes):
        return "taken"


async def test_work_that_failed_tells_nothing_of_how_long_work_takes() -> None:
    """A picture that cannot be read is done at once, and lets no more wait."""
    clock = Clock()
    workers = Workers(WorkerSettings(running=1, waiting=64, deadline_s=10.0), LateCrew(1), monotonic=clock)
    async with workers.place():
        clock.now += 2.0
    for _ in range(20):
        with pytest.raises(LookupError):
            async with workers.place():
                raise LookupError
    async with workers.place():
        assert workers.room == 2
    await workers.aclose()


async def test_work_that_was_given_up_takes_at_least_as_long() -> None:
    """Where every picture passes the deadline nobody is kept waiting for that; who left soon changes nothing."""
    clock = Clock()
    workers = Workers(WorkerSettings(running=1, waiting=64, deadline_s=10.0), LateCrew(1), monotonic=clock)
    for seconds in (10.0, 0.1, 0.1):
        with pytest.raises(asyncio.CancelledError):
            await give_up(workers, clock, seconds)
    async with workers.place():
        assert workers.room == 1
    await workers.aclose()


async def give_up(workers: Workers, clock: Clock, seconds: float) -> None:
    async with workers.place():
        clock.now += seconds
        raise asyncio.CancelledError
