"""The door: how many are looked at, who waits, who is refused, and that no turn is ever lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from oss_faces.errors import RefusedAtDoor
from oss_faces.workers import Door, Workers, WorkerSettings
from tests.unit.workers.visitors import ALWAYS_QUIET_S, EVER_S, Visitor, end, full, one_by_one
from tests.working import LateCrew, settle

pytestmark = pytest.mark.anyio


@pytest.fixture
async def two_workers() -> AsyncIterator[Workers]:
    """Two places to work: one piece of work does not keep all of them busy."""
    made = Workers(WorkerSettings(running=2, waiting=1), LateCrew(2))
    yield made
    await made.aclose()


@pytest.fixture
def door(workers: Workers) -> Door:
    """Two may be looked at; nobody's patience ends, and it is never quiet."""
    return Door(workers, 8, EVER_S, EVER_S)


@pytest.mark.parametrize(("examined_max", "looked_at"), [(1, 1), (4, 1), (8, 2)])
async def test_a_few_are_looked_at_while_there_is_no_room(examined_max: int, looked_at: int, workers: Workers) -> None:
    """A quarter of the limit goes in, and the next one is refused at once, with a time to come back."""
    door = Door(workers, examined_max, EVER_S, ALWAYS_QUIET_S)
    taken = await full(door, workers)
    crowd = await one_by_one(door, looked_at + 1)
    assert [one.is_inside for one in crowd] == [True] * looked_at + [False]
    error = crowd[-1].error
    assert isinstance(error, RefusedAtDoor)
    assert 1 <= error.retry_after_s <= WorkerSettings().retry_after_s_max
    await end(*crowd, *taken)


async def test_times_to_come_back_differ(door: Door, workers: Workers) -> None:
    """Those that are refused together do not come back together."""
    visitors = [*await full(door, workers), *(Visitor(door) for _ in range(2))]
    refused = [Visitor(door) for _ in range(30)]
    await settle()
    errors = [one.error for one in refused]
    assert {error.retry_after_s for error in errors if isinstance(error, RefusedAtDoor)} == {1, 2, 3}
    await end(*visitors)


async def test_nobody_is_refused_while_there_is_room(door: Door, workers: Workers) -> None:
    """Those beyond the limit wait, and go in one by one in the order in which they came."""
    first = [Visitor(door) for _ in range(2)]
    behind = [Visitor(door) for _ in range(2)]
    await settle()
    assert (door.examined, door.waiting) == (2, 2)
    await end(first[0])
    await settle()
    assert [one.is_inside for one in behind] == [True, False]
    await end(first[1], *behind)
    assert all(one.error is None for one in (*first, *behind))


async def test_who_waits_is_refused_when_the_last_place_is_taken(door: Door, workers: Workers) -> None:
    """Those that come together are not all looked at to be told that there is no room."""
    crowd = [Visitor(door, workers) for _ in range(20)]
    await settle()
    admitted = [one for one in crowd if not one.task.done()]
    refused = [one for one in crowd if one.task.done()]
    at_door = [isinstance(one.error, RefusedAtDoor) for one in refused]
    assert (len(admitted), len(refused), workers.admitted) == (2, 18, 2)
    assert at_door == [not one.is_inside for one in refused]
    assert at_door.count(False) <= 2
    assert (door.examined, door.waiting) == (0, 0)
    await end(*admitted)


async def test_line_is_no_longer_than_the_room_as_soon_as_all_workers_are_busy() -> None:
    """Of those beyond it each would be refused later, if all before it want what they say; the first ones go in."""
    workers = Workers(WorkerSettings(running=1, waiting=5), LateCrew(1))
    door = Door(workers, 8, EVER_S, ALWAYS_QUIET_S)
    works, looked_at = Visitor(door, workers), Visitor(door)
    line = [Visitor(door) for _ in range(9)]
    await asyncio.sleep(0)
    assert (door.examined, door.waiting) == (2, 9)
    # Its work lets in four of them: with the one that is looked at already as many as there is room for.
    await settle()
    late = Visitor(door)
    await settle()
    assert [one.is_inside for one in line] == [True] * 4 + [False] * 5
    assert [isinstance(one.error, RefusedAtDoor) for one in (*line, late)] == [False] * 4 + [True] * 6
    await end(works, looked_at, *line, late)
    await workers.aclose()


async def test_no_more_are_looked_at_than_there_is_room_for() -> None:
    """With one place left eight looks would end in seven refusals; a quarter of the limit is looked at all the same."""
    workers = Workers(WorkerSettings(running=1, waiting=3), LateCrew(1))
    door = Door(workers, 8, EVER_S, ALWAYS_QUIET_S)
    busy, looked_at = [], []
    for _ in range(3):
        busy.append(Visitor(door, workers))
        await settle()
        crowd = [Visitor(door) for _ in range(9)]
        await settle()
        looked_at.append(sum(one.is_inside for one in crowd))
        await end(*crowd)
    assert looked_at == [3, 2, 2]
    await end(*busy)
    await workers.aclose()


async def test_no_more_are_looked_at_than_workers_have_nothing_to_do(two_workers: Workers) -> None:
    """Looks share one event loop: where two are enough to keep the workers busy, a third only makes them late."""
    door = Door(two_workers, 3, EVER_S)
    crowd = [Visitor(door) for _ in range(5)]
    await settle()
    assert (door.examined, door.waiting) == (2, 3)
    await end(*crowd)


async def test_who_would_wait_inside_goes_in_when_nobody_else_comes() -> None:
    """All workers are busy: first those are refused that are too many, and none that has room."""
    workers = Workers(WorkerSettings(running=1, waiting=3), LateCrew(1))
    door = Door(workers, 8, EVER_S, quiet_s=2)
    works = Visitor(door, workers)
    await settle()
    crowd = [Visitor(door) for _ in range(5)]
    await settle()
    assert not any(one.is_inside for one in crowd)
    assert [isinstance(one.error, RefusedAtDoor) for one in crowd] == [False] * 3 + [True] * 2
    async with asyncio.timeout(30):
        while door.waiting:  # noqa: ASYNC110  what is waited for is a timer of the door's own
            await asyncio.sleep(0)
    await settle()
    assert all(one.is_inside for one in crowd[:3])
    await end(works, *crowd)
    await workers.aclose()


async def test_who_comes_alone_goes_in_at_once(workers: Workers) -> None:
    """Nobody waits for quiet where it has been quiet."""
    door = Door(workers, 8, EVER_S, quiet_s=0.01)
    works = Visitor(door, workers)
    await asyncio.sleep(0.1)
    alone = Visitor(door)
    await settle()
    assert alone.is_inside
    await end(works, alone)


class Alarms:
    """Takes the place of the loop's timers: they ring when a test says so."""

    def __init__(self, quiet_s: float) -> None:
        self._quiet_s = quiet_s
        self._set: list[Callable[[], None]] = []

    def call_later(self, delay_s: float, call: Callable[..., None], *told: object) -> asyncio.TimerHandle:
        if delay_s == self._quiet_s:
            self._set.append(partial(call, *told))
        return asyncio.TimerHandle(0.0, call, told, asyncio.get_running_loop())

    def ring(self) -> None:
        (alarm,), self._set = self._set, []
        alarm()


async def test_where_requests_come_all_the_time_quiet_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has room goes in after ten times, though somebody came in each of them; long before patience ends."""
    workers = Workers(WorkerSettings(running=1, waiting=5), LateCrew(1))
    door, alarms = Door(workers, 8, EVER_S, quiet_s=0.005), Alarms(0.005)
    monkeypatch.setattr(asyncio.get_running_loop(), "call_later", alarms.call_later)
    crowd = [Visitor(door, workers)]
    await settle()
    rung = 0
    while rung < 30 and not any(one.is_inside for one in crowd[1:]):
        crowd.append(Visitor(door))
        await settle()
        alarms.ring()
        await settle()
        rung += 1
    assert (rung, crowd[1].is_inside) == (10, True)
    monkeypatch.undo()
    await end(*crowd)
    await workers.aclose()


async def test_waiting_for_quiet_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """While all turns are taken and some have room, nothing runs again and again."""
    workers = Workers(WorkerSettings(running=1, waiting=20), LateCrew(1))
    door = Door(workers, 8, EVER_S, quiet_s=0.001)
    works = Visitor(door, workers)
    await settle()
    crowd = [Visitor(door) for _ in range(15)]
    async with asyncio.timeout(30):
        while sum(one.is_inside for one in crowd) < 8:  # noqa: ASYNC110  a timer of the door's own is waited for
            await asyncio.sleep(0.001)
    await asyncio.sleep(0.01)
    loop, calls = asyncio.get_running_loop(), []
    monkeypatch.setattr(loop, "call_later", lambda *call: calls.append(call))
    monkeypatch.setattr(loop, "call_at", lambda *call: calls.append(call))
    for _ in range(100):
        await asyncio.sleep(0)
    monkeypatch.undo()
    assert (calls, door.waiting) == ([], 7)
    await end(works, *crowd)
    await workers.aclose()


async def test_slow_looks_let_others_in_while_a_worker_is_free(two_workers: Workers) -> None:
    """What waits for the service behind a mount does not keep the event loop, so more are looked at after a while."""
    door = Door(two_workers, 6, EVER_S, quiet_s=0.002)
    crowd = [Visitor(door) for _ in range(9)]
    await settle()
    assert door.examined == 2
    async with asyncio.timeout(30):
        while door.examined < 6:  # noqa: ASYNC110  a timer of the door's own is waited for
            await asyncio.sleep(0.001)
    await asyncio.sleep(0.02)
    assert (door.examined, door.waiting) == (6, 3)
    await end(*crowd)


async def test_line_is_as_long_as_it_may_while_a_worker_is_free(workers: Workers) -> None:
    """A crowd that may want what is remembered is no overload, however large."""
    door = Door(workers, 1, EVER_S)
    crowd = [Visitor(door) for _ in range(200)]
    await settle()
    assert (door.examined, door.waiting) == (1, 199)
    await end(*crowd)
    assert all(one.error is None for one in crowd)


async def test_admitted_work_makes_room_for_the_next(two_workers: Workers) -> None:
    """Who runs or waits for a worker is not looked at any more."""
    door = Door(two_workers, 8, EVER_S)
    runs = Visitor(door, two_workers)
    others = [Visitor(door) for _ in range(2)]
    await settle()
    assert (runs.is_inside, [one.is_inside for one in others]) == (True, [True, True])
    assert door.examined == 2
    await end(runs, *others)


async def test_patience_ends_where_looking_takes_long(workers: Workers) -> None:
    """Who has waited long enough goes in beyond the limit: a slow request does not hold up the others."""
    door = Door(workers, 1, patience_s=0.01)
    slow, behind = Visitor(door), Visitor(door)
    async with asyncio.timeout(30):
        while not behind.is_inside:  # noqa: ASYNC110  what is waited for is a timer of the door's own
            await asyncio.sleep(0)
    assert slow.is_inside
    assert not slow.task.done()
    await end(slow, behind)
    assert (door.examined, door.waiting) == (0, 0)


@pytest.mark.parametrize("way", ["end", "error", "cancel"])
async def test_turn_is_given_back_however_a_request_ends(way: str, workers: Workers) -> None:
    """More often than there are turns: afterwards as many are looked at as before, and no more."""
    door = Door(workers, 8, EVER_S, ALWAYS_QUIET_S)
    for _ in range(5):
        visitors = [Visitor(door, error=ValueError("of the work") if way == "error" else None) for _ in range(2)]
        await settle()
        for one in visitors:
            await (one.cancel() if way == "cancel" else one.leave())
    assert door.examined == 0
    taken = await full(door, workers)
    last = await one_by_one(door, 3)
    assert [one.is_inside for one in last] == [True, True, False]
    await end(*last, *taken)


async def test_who_leaves_the_line_is_forgotten(door: Door) -> None:
    """Cancelled while waiting: the next one gets the turn."""
    first = [Visitor(door) for _ in range(2)]
    left, stays = Visitor(door), Visitor(door)
    await settle()
    await left.cancel()
    assert door.waiting == 1
    await end(first[0])
    await settle()
    assert stays.is_inside
    await end(first[1], stays)
    assert (door.examined, door.waiting) == (0, 0)


async def test_who_leaves_when_called_hands_the_turn_on(door: Door) -> None:
    """Cancelled in the same moment in which the turn came."""
    first = [Visitor(door) for _ in range(2)]
    left, stays = Visitor(door), Visitor(door)
    await settle()
    first[0]._goes_on.set()
    while door.waiting == 2:  # noqa: ASYNC110  the door tells nobody
        await asyncio.sleep(0)
    assert not left.is_inside
    await left.cancel()
    await settle()
    assert stays.is_inside
    await end(*first, stays)
    assert (door.examined, door.waiting) == (0, 0)


async def test_called_who_left_the_same_moment_breaks_nothing(door: Door) -> None:
    """The turn comes to one that is cancelled already, and has not heard of it yet."""
    first = [Visitor(door) for _ in range(2)]
    left, stays = Visitor(door), Visitor(door)
    await settle()
    left.task.cancel()
    first[0]._goes_on.set()
    await settle()
    assert (left.task.cancelled(), stays.is_inside) == (True, True)
    await end(*first, stays)
    assert (door.examined, door.waiting) == (0, 0)


async def test_room_again_lets_everybody_in_again(door: Door, workers: Workers) -> None:
    """When pictures are done requests are refused no longer."""
    taken = await full(door, workers)
    others = [Visitor(door) for _ in range(3)]
    await settle()
    await end(*taken, *others)
    again = [Visitor(door, workers) for _ in range(2)]
    await settle()
    assert all(one.is_inside for one in again)
    await end(*again)


async def test_work_of_another_way_lets_in_more(two_workers: Workers) -> None:
    """What was admitted without coming through the door never makes the number of those looked at negative."""
    door = Door(two_workers, 8, EVER_S)
    async with two_workers.place():
        assert door.examined == 0
        visitors = [Visitor(door) for _ in range(3)]
        await settle()
        assert door.examined == 2
        await end(*visitors)
