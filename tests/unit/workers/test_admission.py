"""Admission: who runs, who waits, who is refused, and that no place is ever lost."""

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Callable

import pytest

from oss_faces.errors import ConfigurationError, DeadlineExceeded, Overloaded
from oss_faces.stages import Stages
from oss_faces.workers import Workers, WorkerSettings
from tests.working import LateCrew

pytestmark = pytest.mark.anyio

Make = Callable[..., Workers]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """Make workers that are closed at the end."""
    made: list[Workers] = []

    def build(running: int = 1, waiting: int = 0, deadline_s: float = 30.0, patience_s: float = 60.0) -> Workers:
        settings = WorkerSettings(running, waiting, deadline_s)
        made.append(Workers(settings, LateCrew(settings.size), patience_s))
        return made[-1]

    yield build
    for workers in made:
        await workers.aclose()


class Gate:
    """Work that goes on only when it is told to, and counts how much of it runs at once."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._lock = threading.Lock()
        self.running = 0
        self.most = 0
        self.begun = 0

    def __call__(self) -> str:
        with self._lock:
            self.running += 1
            self.begun += 1
            self.most = max(self.most, self.running)
        assert self._open.wait(60)
        with self._lock:
            self.running -= 1
        return "done"

    def open(self) -> None:
        self._open.set()


class Doing:
    """A call that does what a test says."""

    def __init__(self, work: Callable[[], str]) -> None:
        self._work = work

    def do(self, _stages: Stages, _content: bytes) -> str:
        return self._work()


async def use(workers: Workers, work: Callable[[], str]) -> str:
    async with workers.place() as place:
        return await place.run(Doing(work), b"")


async def until(claim: Callable[[], bool]) -> None:
    """Let others run until something has become true."""
    async with asyncio.timeout(30):
        while not claim():  # noqa: ASYNC110  threads cannot set an asyncio.Event
            await asyncio.sleep(0)


async def test_work_gives_its_result(make: Make) -> None:
    """What the thread returns reaches the caller."""
    assert await use(make(), lambda: "faces") == "faces"


async def test_work_runs_in_another_thread(make: Make) -> None:
    """The event loop goes on while a picture is worked on."""
    here = threading.current_thread().name
    assert await use(make(), lambda: threading.current_thread().name) != here


async def test_error_of_the_work_reaches_the_caller(make: Make) -> None:
    """An exception is raised where the work was asked for."""

    def fail() -> str:
        raise LookupError("of the work")

    with pytest.raises(LookupError, match="of the work"):
        await use(make(), fail)


async def test_no_more_run_at_once_than_allowed(make: Make) -> None:
    """Two threads, six pictures: never three at a time, and all are done."""
    workers, gate = make(running=2, waiting=4), Gate()
    tasks = [asyncio.create_task(use(workers, gate)) for _ in range(6)]
    await until(lambda: gate.running == 2)
    gate.open()
    assert await asyncio.gather(*tasks) == ["done"] * 6
    assert gate.most == 2


async def test_one_too_many_is_refused_at_once(make: Make) -> None:
    """Who finds every place taken, waiting ones included, hears so without waiting, and may come again later."""
    workers, gate = make(running=1, waiting=1), Gate()
    tasks = [asyncio.create_task(use(workers, gate)) for _ in range(2)]
    await until(lambda: gate.running == 1)
    with pytest.raises(Overloaded):
        await use(workers, gate)
    gate.open()
    assert await asyncio.gather(*tasks) == ["done"] * 2
    assert await use(workers, gate) == "done"


async def test_those_that_are_refused_together_do_not_come_back_together() -> None:
    """Each is told a time of its own, of whole seconds up to the limit."""
    settings = WorkerSettings(running=1, waiting=0, retry_after_s_max=4)
    workers, gate = Workers(settings, LateCrew(1), chance=random.Random(1)), Gate()  # noqa: S311  no secret
    task = asyncio.create_task(use(workers, gate))
    await until(lambda: gate.running == 1)
    told = []
    for _ in range(40):
        with pytest.raises(Overloaded) as caught:
            await use(workers, gate)
        told.append(caught.value.retry_after_s)
    gate.open()
    await task
    await workers.aclose()
    assert set(told) == {1, 2, 3, 4}


async def test_a_large_picture_leaves_less_room_to_wait(make: Make) -> None:
    """It counts for several as long as it waits, for one while it is worked on, and is always taken by idle workers."""
    workers, gates = make(running=1, waiting=3), [Gate() for _ in range(4)]
    large_bytes = 3 * WorkerSettings().cost_bytes

    async def use_large(gate: Gate, size_bytes: int = large_bytes) -> str:
        async with workers.place(size_bytes) as place:
            return await place.run(Doing(gate), b"")

    tasks = [asyncio.create_task(use_large(gates[0], 100 * large_bytes))]
    await until(lambda: gates[0].begun == 1)
    tasks.append(asyncio.create_task(use_large(gates[1])))
    await until(lambda: workers.waiting == 1)
    with pytest.raises(Overloaded):
        await use(workers, gates[2])
    gates[0].open()
    await until(lambda: gates[1].begun == 1)
    tasks += [asyncio.create_task(use(workers, gates[2])) for _ in range(2)]
    await until(lambda: workers.waiting == 2)
    with pytest.raises(Overloaded):
        await use_large(gates[3])
    for gate in gates:
        gate.open()
    assert await asyncio.gather(*tasks) == ["done"] * 4


async def test_limit_is_the_same_after_many(make: Make) -> None:
    """Work that was done neither widens nor narrows what is admitted later."""
    workers, gate = make(running=1, waiting=1), Gate()
    for _ in range(5):
        await use(workers, lambda: "done")
    tasks = [asyncio.create_task(use(workers, gate)) for _ in range(2)]
    await until(lambda: gate.running == 1)
    with pytest.raises(Overloaded):
        await use(workers, gate)
    gate.open()
    assert await asyncio.gather(*tasks) == ["done"] * 2


async def test_work_that_takes_too_long_is_answered(make: Make) -> None:
    """After the deadline the caller gets its error although the thread works on."""
    workers, gate = make(deadline_s=2), Gate()
    with pytest.raises(DeadlineExceeded):
        await use(workers, gate)
    assert gate.running == 1
    gate.open()


async def test_who_waits_too_long_is_answered(make: Make) -> None:
    """The deadline holds for waiting too, and the work of who gave up is not begun."""
    workers, gate = make(running=1, waiting=1, deadline_s=2), Gate()
    results = await asyncio.gather(*(use(workers, gate) for _ in range(2)), return_exceptions=True)
    assert [type(result) for result in results] == [DeadlineExceeded] * 2
    gate.open()
    await workers.aclose()
    assert gate.begun == 1


async def test_who_leaves_while_waiting_frees_the_place(make: Make) -> None:
    """A cancelled caller no longer counts, and its work is not done."""
    workers, gate = make(running=1, waiting=1), Gate()
    first = asyncio.create_task(use(workers, gate))
    await until(lambda: gate.running == 1)
    left = asyncio.create_task(use(workers, gate))
    await asyncio.sleep(0)
    left.cancel()
    await asyncio.wait([left])
    last = asyncio.create_task(use(workers, gate))
    await asyncio.sleep(0)
    gate.open()
    assert await asyncio.gather(first, last) == ["done"] * 2
    assert gate.begun == 2


async def raised(workers: Workers, error: Exception) -> None:
    async with workers.place():
        raise error


@pytest.mark.parametrize("error", [ValueError("x"), TimeoutError("x"), Overloaded()])
async def test_error_within_a_slot_frees_it(error: Exception, make: Make) -> None:
    """Whatever happens while a place is held, it is given back, more often than there are places."""
    workers = make(running=1, waiting=0)
    for _ in range(3):
        with pytest.raises(type(error)):
            await raised(workers, error)
    assert await use(workers, lambda: "done") == "done"


async def test_error_of_whoever_is_told_frees_the_slot(make: Make) -> None:
    """A place is not lost when telling of it fails."""
    workers = make(running=1, waiting=0)

    def fail() -> None:
        raise LookupError("of who is told")

    workers.when_admitted(fail)
    with pytest.raises(LookupError, match="of who is told"):
        await use(workers, lambda: "never")
    workers.when_admitted(lambda: None)
    assert await use(workers, lambda: "done") == "done"


async def test_timeout_of_something_else_is_not_the_deadline(make: Make) -> None:
    """A TimeoutError that the work itself raises is passed on as what it is."""
    with pytest.raises(TimeoutError, match="of a disk"):
        await raised(make(), TimeoutError("of a disk"))


async def test_deadline_frees_the_slot(make: Make) -> None:
    """After many deadlines there is room for as many as before."""
    workers, gates = make(running=1, waiting=0, deadline_s=0.2), [Gate() for _ in range(3)]
    for gate in gates:
        with pytest.raises(DeadlineExceeded):
            await use(workers, gate)
        gate.open()
    # The threads of the late ones end on their own time; the place in the line is free at once.
    await until(lambda: not any(gate.running for gate in gates))
    assert await use(workers, lambda: "done") == "done"


async def test_nobody_begins_behind_a_late_thread(make: Make) -> None:
    """While the only thread is busy beyond its deadline, the next caller has no place, and so holds no picture."""
    workers, gate = make(running=1, waiting=1, deadline_s=2), Gate()
    with pytest.raises(DeadlineExceeded):
        await use(workers, gate)
    begun = []

    async def begin() -> None:
        async with workers.place():
            begun.append("a picture is read")

    with pytest.raises(DeadlineExceeded):
        await begin()
    assert not begun
    gate.open()
    await until(lambda: not gate.running)
    await begin()
    assert begun


async def test_zero_means_a_thread_for_each_processor(make: Make) -> None:
    """Without a number the machine decides; at least one picture is worked on."""
    assert await use(make(running=0, waiting=0), lambda: "done") == "done"


async def test_closed_workers_let_running_work_end(make: Make) -> None:
    """Closing waits for what has begun."""
    workers, gate = make(), Gate()
    task = asyncio.create_task(use(workers, gate))
    await until(lambda: gate.running == 1)
    gate.open()
    await workers.aclose()
    assert await task == "done"


@pytest.mark.parametrize(
    "settings",
    [
        WorkerSettings(running=-1),
        WorkerSettings(running=1025),
        WorkerSettings(waiting=-1),
        WorkerSettings(waiting=100_001),
        WorkerSettings(deadline_s=0),
        WorkerSettings(deadline_s=3601),
        WorkerSettings(deadline_s=float("nan")),
        WorkerSettings(memory_bytes_max=1),
        WorkerSettings(background_s=0),
        WorkerSettings(cost_bytes=0),
        WorkerSettings(niceness=-1),
        WorkerSettings(niceness=20),
        WorkerSettings(retry_after_s_max=0),
        WorkerSettings(retry_after_s_max=3601),
        WorkerSettings(examined=0),
        WorkerSettings(examined=100_001),
    ],
)
def test_limit_out_of_range_is_refused(settings: WorkerSettings) -> None:
    """A limit that makes no sense ends the start, and its name is told."""
    with pytest.raises(ConfigurationError, match=r"workers\."):
        settings.validate()


@pytest.mark.parametrize(
    "settings",
    [
        WorkerSettings(),
        WorkerSettings(running=0, waiting=0, deadline_s=0.1),
        WorkerSettings(running=1024, waiting=100_000, deadline_s=3600),
    ],
)
def test_limit_at_the_edge_of_its_range_is_taken(settings: WorkerSettings) -> None:
    """The smallest and the largest value that are told can be used."""
    settings.validate()


def test_default_deadline_is_before_the_first_sdk_gives_up() -> None:
    """One SDK waits 10 s for the first byte; an honest 503 comes before that."""
    settings = WorkerSettings()
    settings.validate()
    assert settings.deadline_s < 10


async def test_running_and_waiting_are_told(make: Make) -> None:
    """Held places and those who wait for one, also of work that outlives its deadline."""
    workers, gate = make(running=1, waiting=2), Gate()
    assert (workers.running, workers.waiting) == (0, 0)
    users = [asyncio.create_task(use(workers, gate)) for _ in range(3)]
    await until(lambda: gate.begun == 1)
    assert (workers.running, workers.waiting) == (1, 2)
    users[1].cancel()
    await asyncio.wait([users[1]])
    assert (workers.running, workers.waiting) == (1, 1)
    users[0].cancel()
    await asyncio.wait([users[0]])
    assert (workers.running, workers.waiting) == (1, 1)
    gate.open()
    await users[2]
    assert (workers.running, workers.waiting) == (0, 0)


async def test_full_is_told_as_it_is_refused(make: Make) -> None:
    """`is_full` says beforehand whether the smallest picture would be refused, and who waits is told of admissions."""
    workers, gate = make(running=1, waiting=1), Gate()
    seen: list[tuple[int, bool]] = []
    workers.when_admitted(lambda: seen.append((workers.admitted, workers.is_full)))
    tasks = [asyncio.create_task(use(workers, gate)) for _ in range(2)]
    await until(lambda: gate.running == 1)
    assert seen == [(1, False), (2, True)]
    with pytest.raises(Overloaded):
        await use(workers, gate)
    gate.open()
    await asyncio.gather(*tasks)
    assert (workers.admitted, workers.is_full, len(seen)) == (0, False, 2)


async def in_background(workers: Workers, work: Callable[[], str]) -> str:
    async with workers.background_place() as place:
        return await place.run(Doing(work), b"")


async def test_background_work_gives_its_result(make: Make) -> None:
    """An idle server does it at once, in the same threads, and has all places again afterwards."""
    workers = make()
    assert await in_background(workers, lambda: "faces") == "faces"
    assert await use(workers, lambda: "faces") == "faces"


async def test_background_work_lets_every_request_go_first(make: Make) -> None:
    """It waits while a request works or waits, those that came later included."""
    workers = make(running=1, waiting=3)
    first, second, late = Gate(), Gate(), Gate()
    requests = [asyncio.create_task(use(workers, gate)) for gate in (first, second)]
    await until(lambda: first.begun == 1)
    behind = asyncio.create_task(in_background(workers, late))
    await until(lambda: workers.waiting == 1)
    first.open()
    await until(lambda: second.begun == 1)
    assert late.begun == 0
    second.open()
    late.open()
    await asyncio.gather(*requests, behind)
    assert late.begun == 1


async def test_background_work_leaves_a_place_to_requests(make: Make) -> None:
    """Where there are several, a request never waits for it."""
    workers = make(running=3, waiting=0)
    gate = Gate()
    behind = [asyncio.create_task(in_background(workers, gate)) for _ in range(5)]
    await until(lambda: gate.begun == 2)
    assert await use(workers, lambda: "at once") == "at once"
    assert gate.most == 2
    gate.open()
    await asyncio.gather(*behind)
    assert (gate.most, gate.begun) == (2, 5)


async def test_a_busy_server_does_some_background_work(make: Make) -> None:
    """After a while it stands in line like a request, so that it comes to its end."""
    workers = make(running=1, waiting=2, patience_s=0.0)
    first, later = Gate(), Gate()
    request = asyncio.create_task(use(workers, first))
    await until(lambda: first.begun == 1)
    behind = asyncio.create_task(in_background(workers, lambda: "done"))
    await until(lambda: workers.waiting == 1)
    last = asyncio.create_task(use(workers, later))
    await until(lambda: workers.waiting == 2)
    first.open()
    assert await behind == "done"
    later.open()
    await asyncio.gather(request, last)


async def test_cancelled_background_work_gives_its_place_back(make: Make) -> None:
    """Whether it waited or worked; a thread that works on keeps its place until its end."""
    workers = make(running=1, waiting=1)
    gate = Gate()
    behind = [asyncio.create_task(in_background(workers, gate)) for _ in range(2)]
    await until(lambda: gate.begun == 1)
    for task in behind:
        task.cancel()
    await asyncio.wait(behind)
    assert workers.running == 1
    gate.open()
    await until(lambda: workers.running == 0)
    assert await in_background(workers, lambda: "again") == "again"
