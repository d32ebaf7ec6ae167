"""What every keeper of tasks does."""

from dataclasses import replace

import pytest

from oss_faces.imm_errors import LimitExceeded, ResourceNotFound
from oss_faces.tasks import Claim, NewTask, Task, Tasks, TaskStatus
from tests.contracts.tasks.conftest import Hands

pytestmark = pytest.mark.anyio

LEASE_S = 10.0
KINDS = ("FaceClustering", "FileIndexing")
NEW = NewTask(
    "p", "FaceClustering", {"DatasetName": "d", "n": [1, None, {"é": 0.5}]}, "user \N{GRINNING FACE}", {"k": "v"}
)


def about(subject: str, kind: str = "FaceClustering", project: str = "p") -> NewTask:
    return NewTask(project, kind, {}, subject=subject)


async def claim(tasks: Tasks, *kinds: str) -> Claim:
    found = await tasks.claim(kinds or KINDS, LEASE_S)
    assert found is not None
    return found


async def test_nothing_is_there_at_first(tasks: Tasks) -> None:
    """A new keeper has no task, and nothing to be done."""
    assert await tasks.claim(KINDS, LEASE_S) is None
    with pytest.raises(ResourceNotFound):
        await tasks.get("p", "FaceClustering-1")


async def test_a_task_comes_back_as_it_was_accepted(tasks: Tasks, clock: Hands) -> None:
    """Everything that was said is kept, and the moment to the microsecond; it counts as running."""
    task = await tasks.add(NEW)
    assert task.task_id.startswith("FaceClustering-")
    assert task.event_id
    assert task == Task(task.task_id, task.event_id, NEW, TaskStatus.RUNNING, 0, clock.now())
    assert await tasks.get("p", task.task_id) == task


async def test_a_task_is_of_its_project_only(tasks: Tasks) -> None:
    """Another project does not see it."""
    task = await tasks.add(NEW)
    with pytest.raises(ResourceNotFound, match=task.task_id):
        await tasks.get("other", task.task_id)


async def test_tasks_that_belong_together_have_one_event(tasks: Tasks) -> None:
    """Each has an id of its own, in the order in which they were given; another call is another event."""
    first, second = await tasks.add_all((about("a"), about("b")))
    other = await tasks.add(NEW)
    assert (first.what, second.what) == (about("a"), about("b"))
    assert first.event_id == second.event_id != other.event_id
    assert len({first.task_id, second.task_id, other.task_id}) == 3


async def test_the_number_of_waiting_tasks_has_a_limit(tasks: Tasks) -> None:
    """All of a call or none are accepted; those that are worked on count, those that ended do not."""
    await tasks.add_all([about(str(number)) for number in range(4)])
    with pytest.raises(LimitExceeded, match="5"):
        await tasks.add_all((about("x"), about("y")))
    await tasks.add(NEW)
    held = await claim(tasks)
    with pytest.raises(LimitExceeded):
        await tasks.add(NEW)
    await tasks.succeed(held, {})
    await tasks.add(NEW)


async def test_who_does_tasks_is_told_of_new_ones(tasks: Tasks, added: list[str]) -> None:
    """At each acceptance, once it can be claimed, and when one is given back."""
    await tasks.add_all((about("a"), about("b")))
    assert added == ["told"]
    await tasks.release(await claim(tasks))
    assert added == ["told", "told"]


async def test_the_oldest_task_is_claimed_first(tasks: Tasks) -> None:
    """In order of arrival, of whichever project, and each by one worker."""
    accepted = [await tasks.add(about("", project=name)) for name in ("z", "a", "z")]
    assert [(await claim(tasks)).task for _ in accepted] == accepted
    assert await tasks.claim(KINDS, LEASE_S) is None


async def test_only_tasks_of_the_kinds_asked_for_are_claimed(tasks: Tasks) -> None:
    """A worker gets what it can do."""
    await tasks.add(about("a"))
    indexing = await tasks.add(about("b", "FileIndexing"))
    assert await tasks.claim((), LEASE_S) is None
    assert (await claim(tasks, "FileIndexing")).task == indexing


async def test_tasks_of_a_subject_are_done_one_after_the_other(tasks: Tasks) -> None:
    """While one is worked on, those of its subject wait, whatever their kind; tasks without a subject never do."""
    first = await tasks.add(about("d"))
    second = await tasks.add(about("d", "FileIndexing"))
    other = await tasks.add(about("e"))
    free = await tasks.add_all((about(""), about("")))
    held = await claim(tasks)
    assert held.task == first
    assert [(await claim(tasks)).task for _ in range(3)] == [other, *free]
    assert await tasks.claim(KINDS, LEASE_S) is None
    await tasks.succeed(held, {})
    assert (await claim(tasks)).task == second


async def test_no_task_overtakes_one_of_its_subject_that_waits(tasks: Tasks, clock: Hands) -> None:
    """Neither one put off nor one of a kind that nobody does can be passed: the order is kept."""
    first = await tasks.add(about("d"))
    await tasks.add(about("d", "FileIndexing"))
    assert await tasks.claim(("FileIndexing",), LEASE_S) is None
    await tasks.release(await claim(tasks), wait_s=5)
    assert await tasks.claim(KINDS, LEASE_S) is None
    clock.move(5)
    assert (await claim(tasks)).task == first


async def test_a_task_is_claimed_again_when_its_worker_is_silent(tasks: Tasks, clock: Hands) -> None:
    """After its time, and not before; what the first worker says then counts no more."""
    task = await tasks.add(NEW)
    first = await claim(tasks)
    clock.move(LEASE_S - 0.001)
    assert await tasks.claim(KINDS, LEASE_S) is None
    clock.move(0.001)
    second = await claim(tasks)
    assert (second.task, second.attempt) == (task, 2)
    assert second.token != first.token
    assert not await tasks.renew(first, LEASE_S, 50)
    assert not await tasks.succeed(first, {})
    assert not await tasks.fail(first, "X", "x")
    await tasks.release(first)
    assert await tasks.get("p", task.task_id) == task
    assert await tasks.succeed(second, {"by": "second"})
    assert (await tasks.get("p", task.task_id)).result == {"by": "second"}


async def test_a_worker_that_is_late_keeps_what_nobody_took(tasks: Tasks, clock: Hands) -> None:
    """A lease that ran out matters only once somebody else has the task."""
    await tasks.add(NEW)
    held = await claim(tasks)
    clock.move(LEASE_S * 3)
    assert await tasks.renew(held, LEASE_S, 1)
    assert await tasks.claim(KINDS, LEASE_S) is None


async def test_a_renewed_task_stays_and_shows_progress(tasks: Tasks, clock: Hands) -> None:
    """The time begins anew with each renewal."""
    task = await tasks.add(NEW)
    held = await claim(tasks)
    for progress in (30, 60):
        clock.move(LEASE_S - 1)
        assert await tasks.renew(held, LEASE_S, progress)
        assert (await tasks.get("p", task.task_id)).progress == progress
        assert await tasks.claim(KINDS, LEASE_S) is None


async def test_a_done_task_tells_what_came_of_it(tasks: Tasks, clock: Hands) -> None:
    """It has ended, wholly, and nobody can claim or change it."""
    task = await tasks.add(NEW)
    held = await claim(tasks)
    clock.move(3)
    assert await tasks.succeed(held, {"Clusters": [{"n": 1.5, "é": None}]})
    done = replace(
        task,
        status=TaskStatus.SUCCEEDED,
        progress=100,
        ended=clock.now(),
        result={"Clusters": [{"n": 1.5, "é": None}]},
    )
    assert await tasks.get("p", task.task_id) == done
    clock.move(LEASE_S * 2)
    assert await tasks.claim(KINDS, LEASE_S) is None
    assert not await tasks.renew(held, LEASE_S, 1)
    assert not await tasks.fail(held, "X", "x")
    assert await tasks.get("p", task.task_id) == done


async def test_a_failed_task_tells_why(tasks: Tasks, clock: Hands) -> None:
    """Code and message are kept, and how far it had come."""
    task = await tasks.add(NEW)
    held = await claim(tasks)
    await tasks.renew(held, LEASE_S, 40)
    assert await tasks.fail(held, "ResourceNotFound", "gone \N{GRINNING FACE}")
    failed = await tasks.get("p", task.task_id)
    assert (failed.status, failed.progress, failed.ended) == (TaskStatus.FAILED, 40, clock.now())
    assert (failed.code, failed.message) == ("ResourceNotFound", "gone \N{GRINNING FACE}")
    assert await tasks.claim(KINDS, LEASE_S) is None


async def test_a_task_given_back_is_free_at_once(tasks: Tasks) -> None:
    """It keeps its place, and the attempt does not count."""
    first = await tasks.add(about(""))
    await tasks.add(about(""))
    held = await claim(tasks)
    await tasks.release(held)
    again = await claim(tasks)
    assert (again.task, again.attempt) == (first, 1)
    assert not await tasks.renew(held, LEASE_S, 1)


async def test_a_task_put_off_counts_its_attempts(tasks: Tasks, clock: Hands) -> None:
    """One whose attempt failed is free after a while, and says how often it was begun."""
    await tasks.add(NEW)
    for attempt in (1, 2, 3):
        held = await claim(tasks)
        assert held.attempt == attempt
        await tasks.release(held, wait_s=4)
        clock.move(3.999)
        assert await tasks.claim(KINDS, LEASE_S) is None
        clock.move(0.001)


async def test_old_ended_tasks_are_forgotten(tasks: Tasks, clock: Hands) -> None:
    """Those that ended before the time given; neither later ones nor any that has not ended."""
    for number in range(4):
        await tasks.add(about(str(number)))
    done, failed, late, held = [await claim(tasks) for _ in range(4)]
    await tasks.succeed(done, {})
    await tasks.fail(failed, "X", "x")
    clock.move(1)
    await tasks.succeed(late, {})
    assert await tasks.sweep(clock.now()) == 2
    for gone in (done, failed):
        with pytest.raises(ResourceNotFound):
            await tasks.get("p", gone.task.task_id)
    for there in (late, held):
        await tasks.get("p", there.task.task_id)
    assert await tasks.sweep(clock.now()) == 0


async def test_a_waiting_task_is_withdrawn(tasks: Tasks, clock: Hands) -> None:
    """It has failed for the reason given and is never begun; tasks of other subjects are, and later ones of its own."""
    first, second = await tasks.add_all((about("d"), about("d", "FileIndexing")))
    other = await tasks.add(about("e"))
    assert await tasks.withdraw({"d", "absent"}, "Code", "Reason.") == 2
    for task in (first, second):
        found = await tasks.get("p", task.task_id)
        assert (found.status, found.ended, found.code, found.message) == (
            TaskStatus.FAILED,
            clock.now(),
            "Code",
            "Reason.",
        )
    later = await tasks.add(about("d"))
    assert [(await claim(tasks)).task for _ in range(2)] == [other, later]


async def test_a_task_that_is_worked_on_is_told_that_it_is_withdrawn(tasks: Tasks) -> None:
    """The reason can be seen, the worker ends it, and until then none of its subject is begun."""
    held = await claim_of(tasks, about("d"))
    later = await tasks.add(about("d"))
    assert await tasks.withdraw({"d"}, "Code", "Reason.") == 2
    found = await tasks.get("p", held.task.task_id)
    assert (found.status, found.code, found.message) == (TaskStatus.RUNNING, "Code", "Reason.")
    assert (await tasks.get("p", later.task_id)).status is TaskStatus.FAILED
    again = await tasks.add(about("d"))
    assert await tasks.claim(KINDS, LEASE_S) is None
    assert await tasks.renew(held, LEASE_S, 50)
    assert await tasks.fail(held, "Code", "Reason.")
    assert (await claim(tasks)).task == again


async def test_a_withdrawn_task_whose_worker_died_tells_the_next(tasks: Tasks, clock: Hands) -> None:
    """Whoever claims it sees the reason."""
    await claim_of(tasks, about("d"))
    await tasks.withdraw({"d"}, "Code", "Reason.")
    clock.move(LEASE_S + 1)
    assert (await claim(tasks)).task.code == "Code"


async def test_what_was_done_before_it_could_be_withdrawn_has_succeeded(tasks: Tasks) -> None:
    """No reason for a failure stays with it, and what has ended is not withdrawn."""
    held = await claim_of(tasks, about("d"))
    await tasks.withdraw({"d"}, "Code", "Reason.")
    await tasks.succeed(held, {})
    assert await tasks.withdraw({"d"}, "Code", "Reason.") == 0
    found = await tasks.get("p", held.task.task_id)
    assert (found.status, found.code, found.message) == (TaskStatus.SUCCEEDED, "", "")


async def claim_of(tasks: Tasks, new: NewTask) -> Claim:
    await tasks.add(new)
    return await claim(tasks)
