"""Lists of tasks: which, in which order, and page by page."""

from dataclasses import replace

import pytest

from oss_faces.tasks import NewTask, Task, TaskPage, TaskQuery, Tasks, TaskSorting, TaskStatus
from tests.contracts.tasks.conftest import Hands

pytestmark = pytest.mark.anyio

ALL = TaskQuery("p")


@pytest.fixture
async def kept(tasks: Tasks, clock: Hands) -> list[Task]:
    """Four tasks of the project, a second apart: done, failed, worked on and waiting; and one of another project."""
    made = []
    for kind, tags in (("B", {"k": "1", "l": "1"}), ("A", {"k": "2"}), ("A", {"k": "1"}), ("B", {})):
        made.append(await tasks.add(NewTask("p", kind, {}, tags=tags)))
        clock.move(1)
    await tasks.add(NewTask("other", "A", {}))
    held = [await tasks.claim(("A", "B"), 10) for _ in range(3)]
    assert held[0] is not None
    assert held[1] is not None
    await tasks.fail(held[1], "X", "x")
    clock.move(1)
    await tasks.succeed(held[0], {})
    return [await tasks.get("p", task.task_id) for task in made]


async def listed(tasks: Tasks, kept: list[Task], query: TaskQuery) -> list[int]:
    """Give the numbers of the tasks on the page, by age."""
    page = await tasks.list(query)
    assert page.next_after == ""
    return [kept.index(task) for task in page.tasks]


async def test_no_tasks_are_an_empty_page(tasks: Tasks) -> None:
    """Nothing is there at first."""
    assert await tasks.list(ALL) == TaskPage(())


async def test_newest_tasks_come_first(tasks: Tasks, kept: list[Task]) -> None:
    """Those of this project, whole, as `get` gives them."""
    assert await listed(tasks, kept, ALL) == [3, 2, 1, 0]
    assert await listed(tasks, kept, replace(ALL, descending=False)) == [0, 1, 2, 3]


async def test_tasks_are_sorted_by_end_or_id(tasks: Tasks, kept: list[Task]) -> None:
    """Those that have not ended are last both ways."""
    by_end = replace(ALL, sort=TaskSorting.ENDED)
    assert (await listed(tasks, kept, by_end))[:2] == [0, 1]
    assert (await listed(tasks, kept, replace(by_end, descending=False)))[:2] == [1, 0]
    by_id = sorted(range(4), key=lambda number: kept[number].task_id)
    assert await listed(tasks, kept, replace(ALL, sort=TaskSorting.TASK_ID, descending=False)) == by_id
    assert await listed(tasks, kept, replace(ALL, sort=TaskSorting.TASK_ID)) == by_id[::-1]


async def test_tasks_are_chosen_by_kind_status_tags_and_times(tasks: Tasks, kept: list[Task]) -> None:
    """Conditions go together; a time span has its begin and not its end."""
    assert await listed(tasks, kept, replace(ALL, kinds=("A", "C"))) == [2, 1]
    assert await listed(tasks, kept, replace(ALL, statuses=(TaskStatus.RUNNING,))) == [3, 2]
    ended = (TaskStatus.FAILED, TaskStatus.SUCCEEDED)
    assert await listed(tasks, kept, replace(ALL, statuses=ended)) == [1, 0]
    assert await listed(tasks, kept, replace(ALL, tags={"k": "1"})) == [2, 0]
    assert await listed(tasks, kept, replace(ALL, tags={"k": "1", "l": "1"})) == [0]
    assert await listed(tasks, kept, replace(ALL, kinds=("A",), tags={"k": "1"})) == [2]
    assert await listed(tasks, kept, replace(ALL, started=(kept[1].started, kept[3].started))) == [2, 1]
    assert await listed(tasks, kept, replace(ALL, started=(kept[2].started, None))) == [3, 2]
    assert await listed(tasks, kept, replace(ALL, ended=(None, kept[0].ended))) == [1]
    assert await listed(tasks, kept, replace(ALL, ended=(kept[0].ended, None))) == [0]


@pytest.mark.parametrize("sort", list(TaskSorting))
@pytest.mark.parametrize("descending", [True, False])
async def test_pages_give_every_task_once(tasks: Tasks, kept: list[Task], sort: TaskSorting, descending: bool) -> None:
    """Page by page, in the order of the whole list, with no empty page at the end."""
    query = replace(ALL, sort=sort, descending=descending)
    whole = (await tasks.list(query)).tasks
    pages = []
    after = ""
    for limit in (1, 2, 1):
        page = await tasks.list(replace(query, after=after, limit=limit))
        pages.extend(page.tasks)
        after = page.next_after
    assert tuple(pages) == whole
    assert after == ""


async def test_nothing_comes_behind_a_forgotten_task(tasks: Tasks, kept: list[Task]) -> None:
    """A page that ended with a task that is gone has no next one."""
    assert await tasks.list(replace(ALL, after="A-1")) == TaskPage(())


async def test_tasks_are_counted_by_how_far_they_are(tasks: Tasks, kept: list[Task]) -> None:
    """Those of some kinds in a project, or of one caller's run; what there is none of is left out."""
    assert await tasks.count("p", ["A", "B"]) == {
        TaskStatus.RUNNING: 2,
        TaskStatus.SUCCEEDED: 1,
        TaskStatus.FAILED: 1,
    }
    assert await tasks.count("p", ["A"]) == {TaskStatus.RUNNING: 1, TaskStatus.FAILED: 1}
    assert await tasks.count("other", ["A", "B"]) == {TaskStatus.RUNNING: 1}
    assert await tasks.count("p", []) == await tasks.count("nobody's", ["A"]) == {}
    await tasks.add(NewTask("p", "A", {}, "run 1"))
    assert await tasks.count("p", ["A", "B"], "run 1") == {TaskStatus.RUNNING: 1}
    assert await tasks.count("p", ["A", "B"], "run") == {}
