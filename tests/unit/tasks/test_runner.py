"""Doing tasks: how they end, how many at a time, and what happens when the lease, the keeper or the server is lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from oss_faces.errors import NoSuchKey, StorageUnavailable
from oss_faces.imm_errors import ResourceNotFound
from oss_faces.tasks import Bell, Claim, MemoryTasks, NewTask, Progress, Task, TaskRunner, TaskSettings, TaskStatus

pytestmark = pytest.mark.anyio

NEW = NewTask("p", "Kind", {"a": 1})
# The lease is as short as it may be, so that renewals come soon; only the tests of renewals wait for them.
SETTINGS = TaskSettings(running=2, lease_s=1, poll_s=60, attempts_max=3)


@dataclass
class Clock:
    time: datetime = datetime(2026, 11, 22, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def move(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class FailingTasks(MemoryTasks):
    """Tasks whose keeper fails for the calls that are named."""

    failing: frozenset[str] = frozenset()

    def __init__(self, settings: TaskSettings, now: Clock, ring: Callable[[], None], happened: asyncio.Event) -> None:
        super().__init__(settings, now, ring)
        self.happened = happened
        self.calls: list[str] = []

    def _check(self, call: str) -> None:
        self.calls.append(call)
        self.happened.set()
        if call in self.failing:
            raise StorageUnavailable(context={"reason": "test"})

    async def claim(self, kinds: object, lease_s: float) -> Claim | None:
        self._check("claim")
        return await super().claim(kinds, lease_s)  # type: ignore[arg-type]

    async def renew(self, claim: Claim, lease_s: float, progress: int) -> bool:
        self._check("renew")
        return await super().renew(claim, lease_s, progress)

    async def succeed(self, claim: Claim, result: Mapping[str, object]) -> bool:
        self._check("succeed")
        return await super().succeed(claim, result)

    def done(self) -> list[str]:
        return [kept.task.task_id for kept in self._kept.values() if kept.task.ended is not None]

    async def fail(self, claim: Claim, code: str, message: str) -> bool:
        self._check("fail")
        return await super().fail(claim, code, message)


@dataclass
class World:
    """A runner with a handler that does what the test says, and remembers."""

    act: Callable[[Task, Progress], Awaitable[Mapping[str, object]]]
    settings: TaskSettings = SETTINGS
    clock: Clock = field(default_factory=Clock)
    begun: list[Task] = field(default_factory=list)
    cancelled: list[Task] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bell = Bell()
        self.happened = asyncio.Event()
        self.tasks = FailingTasks(self.settings, self.clock, self.bell.ring, self.happened)
        self.runner = TaskRunner(self.tasks, {"Kind": self.handle}, self.settings, self.bell, self.clock)

    async def handle(self, task: Task, progress: Progress) -> Mapping[str, object]:
        self.begun.append(task)
        self.happened.set()
        try:
            return await self.act(task, progress)
        except asyncio.CancelledError:
            self.cancelled.append(task)
            self.happened.set()
            raise

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something that happened makes this true."""
        async with asyncio.timeout(10):
            while not holds():
                self.happened.clear()
                await self.happened.wait()
                await settle()

    async def ended(self, task: Task) -> Task:
        await self.until(lambda: task.task_id in self.tasks.done())
        return await self.tasks.get("p", task.task_id)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        doing = asyncio.create_task(self.runner.run())
        try:
            yield
        finally:
            doing.cancel()
            await asyncio.wait([doing])


async def settle() -> None:
    """Let everything run that can run now."""
    for _ in range(50):
        await asyncio.sleep(0)


async def answer(task: Task, progress: Progress) -> Mapping[str, object]:
    return {"saw": dict(task.what.request)}


async def hang(task: Task, progress: Progress) -> Mapping[str, object]:
    await asyncio.get_running_loop().create_future()
    return {}


def raising(error: Exception) -> Callable[[Task, Progress], Awaitable[Mapping[str, object]]]:
    async def act(task: Task, progress: Progress) -> Mapping[str, object]:
        raise error

    return act


async def test_a_task_is_done_and_its_result_kept() -> None:
    """What the handler returns is the result."""
    world = World(answer)
    task = await world.tasks.add(NEW)
    assert await world.runner.run_waiting() == 1
    done = await world.tasks.get("p", task.task_id)
    assert (done.status, done.progress, done.result) == (TaskStatus.SUCCEEDED, 100, {"saw": {"a": 1}})
    assert await world.runner.run_waiting() == 0


async def test_tasks_without_a_handler_are_left_alone() -> None:
    """Another server may have one."""
    world = World(answer)
    task = await world.tasks.add(NewTask("p", "Other", {}))
    assert await world.runner.run_waiting() == 0
    assert (await world.tasks.get("p", task.task_id)).status is TaskStatus.RUNNING


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ResourceNotFound("The dataset d is not found."), "ResourceNotFound", "The dataset d is not found."),
        (NoSuchKey(), "ResourceNotFound", NoSuchKey().message),
        (ValueError("a secret of ours"), "InternalError", "We encountered an internal error."),
    ],
)
async def test_an_error_ends_the_task_with_its_code(error: Exception, code: str, message: str) -> None:
    """In the words of IMM; what nobody foresaw is not shown."""
    world = World(raising(error))
    task = await world.tasks.add(NEW)
    with capture_logs() as logs:
        await world.runner.run_waiting()
    failed = await world.tasks.get("p", task.task_id)
    assert (failed.status, failed.code) == (TaskStatus.FAILED, code)
    assert message in failed.message
    assert logs[-1]["outcome"] == f"failed:{code}"
    assert [log["event"] for log in logs] == ["unforeseen", "task"][-len(logs) :]
    assert (len(logs) == 2) == isinstance(error, ValueError)


async def test_an_error_that_may_pass_has_the_task_tried_again() -> None:
    """Later each time, and not for ever: the last attempt's error is the task's."""
    world = World(raising(StorageUnavailable()))
    task = await world.tasks.add(NEW)
    for wait_s in (10, 40):
        assert await world.runner.run_waiting() == 1
        world.clock.move(wait_s - 1)
        assert await world.runner.run_waiting() == 0
        world.clock.move(1)
    assert await world.runner.run_waiting() == 1
    failed = await world.tasks.get("p", task.task_id)
    assert (failed.status, failed.code) == (TaskStatus.FAILED, "ServiceUnavailable")
    assert len(world.begun) == 3


async def test_a_task_in_which_servers_die_is_given_up() -> None:
    """One that was begun too often is not begun again: what killed others would kill this one."""
    world = World(answer)
    task = await world.tasks.add(NEW)
    for _ in range(3):
        assert await world.tasks.claim(["Kind"], 1) is not None
        world.clock.move(1)
    await world.runner.run_waiting()
    failed = await world.tasks.get("p", task.task_id)
    assert (failed.status, failed.code) == (TaskStatus.FAILED, "InternalError")
    assert world.begun == []


async def test_new_tasks_are_begun_at_once() -> None:
    """Nobody waits for the next look, which here is a minute off."""
    world = World(answer)
    async with world.running():
        for _ in range(3):
            await world.ended(await world.tasks.add(NEW))


async def test_so_many_run_at_the_same_time_and_no_more() -> None:
    """The third begins when one of two has ended."""
    gate = asyncio.Event()

    async def act(task: Task, progress: Progress) -> Mapping[str, object]:
        await gate.wait()
        return {}

    world = World(act)
    tasks = await world.tasks.add_all([NEW] * 3)
    async with world.running():
        await world.until(lambda: len(world.begun) == 2)
        await settle()
        assert len(world.begun) == 2
        gate.set()
        for task in tasks:
            await world.ended(task)


async def test_the_next_of_a_subject_follows_at_once() -> None:
    """The end of a task is a reason to look again."""
    world = World(answer)
    first, second = await world.tasks.add_all([NewTask("p", "Kind", {}, subject="d")] * 2)
    async with world.running():
        await world.ended(second)
    assert [task.task_id for task in world.begun] == [first.task_id, second.task_id]


async def test_a_long_task_is_renewed_and_shows_progress() -> None:
    """Nobody else gets it while it is worked on, and who asks sees how far it is."""

    async def act(task: Task, progress: Progress) -> Mapping[str, object]:
        progress(140)
        progress(42)
        return await hang(task, progress)

    world = World(act)
    task = await world.tasks.add(NEW)
    async with world.running():
        await world.until(lambda: "renew" in world.tasks.calls)
        assert (await world.tasks.get("p", task.task_id)).progress == 42
        world.clock.move(0.9)
        assert await world.tasks.claim(["Kind"], 1) is None


async def test_a_task_that_is_another_servers_is_stopped() -> None:
    """The handler is cancelled, what it did is not written, and the slot is free again."""
    world = World(hang)
    task = await world.tasks.add(NEW)
    async with world.running():
        await world.until(lambda: world.begun)
        world.clock.move(5)
        other = await world.tasks.claim(["Kind"], 60)
        assert other is not None
        await world.until(lambda: world.cancelled)
        assert await world.tasks.succeed(other, {"by": "other"})
    assert (await world.tasks.get("p", task.task_id)).result == {"by": "other"}


async def test_a_task_that_cannot_be_renewed_is_stopped_when_its_time_is_over() -> None:
    """Until then the keeper may come back; after that somebody else may have it."""
    world = World(hang)
    await world.tasks.add(NEW)
    async with world.running():
        await world.until(lambda: world.begun)
        world.tasks.failing = frozenset({"renew"})
        await world.until(lambda: world.tasks.calls.count("renew") >= 2)
        assert world.cancelled == []
        await world.until(lambda: world.cancelled)


async def test_a_task_whose_end_cannot_be_written_is_done_again() -> None:
    """Nothing is acknowledged that was not kept; the runner goes on."""
    world = World(answer)
    task = await world.tasks.add(NEW)
    world.tasks.failing = frozenset({"succeed"})
    assert await world.runner.run_waiting() == 1
    world.tasks.failing = frozenset()
    world.clock.move(1)
    assert await world.runner.run_waiting() == 1
    assert (await world.tasks.get("p", task.task_id)).status is TaskStatus.SUCCEEDED


async def test_the_runner_survives_a_keeper_that_fails() -> None:
    """It looks again later."""
    world = World(answer)
    world.tasks.failing = frozenset({"claim"})
    async with world.running():
        task = await world.tasks.add(NEW)
        await settle()
        world.tasks.failing = frozenset()
        world.bell.ring()
        await world.ended(task)


async def test_what_is_not_done_at_the_end_is_given_back() -> None:
    """The next server gets it at once, and this end does not count as an attempt."""
    world = World(hang)
    task = await world.tasks.add(NEW)
    async with world.running():
        await world.until(lambda: world.begun)
    again = await world.tasks.claim(["Kind"], 1)
    assert again is not None
    assert (again.task, again.attempt) == (task, 1)


async def test_a_runner_that_was_told_to_stop_begins_nothing() -> None:
    """What it has begun goes on."""
    world = World(hang)
    await world.tasks.add(NEW)
    async with world.running():
        await world.until(lambda: world.begun)
        world.runner.stop()
        await world.tasks.add(NEW)
        await settle()
        assert (len(world.begun), world.cancelled) == (1, [])


async def test_old_tasks_are_forgotten_while_it_runs() -> None:
    """After the days of the settings, as in the cloud."""
    world = World(answer)
    task = await world.tasks.add(NEW)
    await world.runner.run_waiting()
    world.clock.move(7 * 86400 + 1)
    async with world.running():
        await world.ended(await world.tasks.add(NEW))
        with pytest.raises(ResourceNotFound):
            await world.tasks.get("p", task.task_id)
