"""The door of a full server: whom it looks at, how often, and who waits for that."""

import asyncio
import time
from functools import partial

import pytest

from oss_faces.errors import RefusedAtDoor
from oss_faces.workers import Door, Workers
from tests.unit.workers.visitors import ALWAYS_QUIET_S, EVER_S, Visitor, end, full
from tests.working import settle

pytestmark = pytest.mark.anyio


async def test_a_full_server_looks_at_one_of_a_crowd(workers: Workers) -> None:
    """A look that ends in a refusal holds up the refusals of all others; a while later the next is looked at."""
    door = Door(workers, 8, EVER_S, quiet_s=0.5)
    began = time.monotonic()
    taken = await full(door, workers)
    crowd: list[Visitor] = []
    async with asyncio.timeout(30):
        while sum(one.is_inside for one in crowd) < 2:
            crowd.append(Visitor(door))
            await asyncio.sleep(0.001)
            if time.monotonic() - began < 1.0:
                assert not any(one.is_inside for one in crowd)
    refused = [one for one in crowd if not one.is_inside]
    assert all(isinstance(one.error, RefusedAtDoor) for one in refused)
    assert time.monotonic() - began >= 2.0
    await end(*crowd, *taken)


def no() -> bool:
    """Say of a request that it needs a worker."""
    return False


async def test_a_full_server_looks_at_nobody_who_needs_a_worker(workers: Workers) -> None:
    """It refuses him at once, and the turn is still there for somebody else."""
    door = Door(workers, 8, EVER_S, ALWAYS_QUIET_S)
    taken = await full(door, workers)
    assert not await door.enter(no)
    assert await door.enter()
    door.leave()
    await end(*taken)


async def test_who_may_need_none_waits_for_the_next_look(workers: Workers) -> None:
    """He comes before it is time for it, and is not refused for that."""
    door = Door(workers, 8, EVER_S, quiet_s=0.01)
    taken = await full(door, workers)
    began = time.monotonic()
    for _ in range(5):
        assert await door.enter()
        door.leave()
    assert time.monotonic() - began >= 0.08
    await end(*taken)


async def test_pace_of_a_full_server_knows_no_impatience(workers: Workers) -> None:
    """However many may be looked at: who has waited for too long is refused, and goes in only while there is room."""
    door = Door(workers, 64, patience_s=0.05, quiet_s=0.01)
    taken = await full(door, workers)
    began = time.monotonic()
    entered = await asyncio.gather(*(door.enter() for _ in range(12)))
    looks = entered.count(True)
    assert 1 <= looks <= 1 + (time.monotonic() - began) / 0.02
    assert looks < 12
    for _ in range(looks):
        door.leave()
    await end(*taken)


async def test_each_is_asked_once_what_he_needs(workers: Workers) -> None:
    """And of a long line that waits when the last place is taken only the first ones are."""
    asked: list[int] = []

    def no_matter_what(number: int) -> bool:
        asked.append(number)
        return False

    door = Door(workers, 8, EVER_S, ALWAYS_QUIET_S)
    first = Visitor(door, workers)
    line = [asyncio.create_task(door.enter(partial(no_matter_what, number))) for number in range(40)]
    await asyncio.sleep(0)
    async with workers.place(size_bytes=10**9):
        assert await asyncio.gather(*line) == [True] + [False] * 39
        assert sorted(asked) == list(range(1, 17))
        assert not await door.enter(partial(no_matter_what, 99))
        assert asked.count(99) == 1
        door.leave()
    await end(first)


async def test_no_more_wait_for_a_look_than_may_be_looked_at(workers: Workers) -> None:
    """The next one is refused at once, and the turns of those who go away are free again."""
    door = Door(workers, 8, EVER_S, quiet_s=EVER_S)
    taken = await full(door, workers)
    waiting = [asyncio.create_task(door.enter()) for _ in range(2)]
    await settle()
    assert door.waiting == 2
    assert not await door.enter()
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)
    assert (door.waiting, door.examined) == (0, 0)
    await end(*taken)


async def test_a_server_with_room_asks_nobody_what_he_needs(workers: Workers) -> None:
    """The question costs something, and has no use there."""

    def asked() -> bool:
        raise AssertionError

    door = Door(workers, 8, EVER_S, ALWAYS_QUIET_S)
    assert await door.enter(asked)
    door.leave()


async def test_the_last_place_lets_in_who_may_need_none(workers: Workers) -> None:
    """Of those who wait when it is taken he is looked at who may be answered, not the first."""
    door = Door(workers, 1, EVER_S, ALWAYS_QUIET_S)
    first = Visitor(door, workers)
    line = [asyncio.create_task(door.enter(*needs)) for needs in ((no,), (), (no,))]
    await asyncio.sleep(0)
    assert door.waiting == 3
    async with workers.place(size_bytes=10**9):
        assert await asyncio.gather(*line) == [False, True, False]
        door.leave()
    await end(first)
