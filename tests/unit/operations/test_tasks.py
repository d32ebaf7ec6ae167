"""Asking for tasks: which are shown to whom."""

from dataclasses import replace

import pytest

from oss_faces.errors import AccessDenied
from oss_faces.grants import ANY, EVERYTHING, Grant, Permission, Rights
from oss_faces.imm_errors import ResourceNotFound
from oss_faces.operations import Bindings, TaskWatcher
from oss_faces.projects import ImmSettings, MemoryProjects
from oss_faces.request.imm_tasks import GetTask, ListTasks
from oss_faces.tasks import MemoryTasks, NewTask, Task, TaskKind, TaskSettings
from oss_faces.values import Principal
from tests.unit.operations.conftest import NOON

pytestmark = pytest.mark.anyio

KEY = Principal("key", EVERYTHING)
LIST = ListTasks("p")


class World:
    def __init__(self, settings: ImmSettings | None = None) -> None:
        bindings = Bindings(MemoryProjects(ImmSettings(), lambda: NOON), settings or ImmSettings())
        self.tasks = MemoryTasks(TaskSettings(), lambda: NOON)
        self.watcher = TaskWatcher(self.tasks, bindings)

    async def add(self, kind: str = TaskKind.FACES_SEARCHING, project: str = "p") -> Task:
        return await self.tasks.add(NewTask(project, kind, {"DatasetName": "d"}))

    async def listed(self, want: ListTasks = LIST) -> set[str]:
        return {task.task_id for task in (await self.watcher.list(KEY, want)).tasks}


async def test_a_task_is_told_by_id_and_type() -> None:
    """The right type belongs to the id, and the right project."""
    world = World()
    task = await world.add()
    assert await world.watcher.get(KEY, GetTask("p", task.task_id, task.what.kind)) == task
    for other in (("p", task.task_id, "FaceClustering"), ("q", task.task_id, task.what.kind), ("p", "x", "y")):
        with pytest.raises(ResourceNotFound):
            await world.watcher.get(KEY, GetTask(*other))


async def test_tasks_that_imm_does_not_have_are_listed_only_by_name() -> None:
    """Indexing is a task here; a program that lists its tasks does not stumble over it."""
    world = World()
    searching, indexing = await world.add(), await world.add(TaskKind.FILE_INDEXING)
    merging = await world.add(TaskKind.FIGURE_CLUSTERS_MERGING)
    await world.add(project="q")
    assert await world.listed() == {searching.task_id, merging.task_id}
    assert await world.listed(replace(LIST, kinds=("FileIndexing",))) == {indexing.task_id}


async def test_a_list_is_narrowed_by_status() -> None:
    """In the words of the wire."""
    world = World()
    first, second = await world.add(), await world.add()
    claim = await world.tasks.claim([TaskKind.FACES_SEARCHING], 10)
    assert claim is not None
    await world.tasks.fail(claim, "X", "x")
    assert await world.listed(replace(LIST, status="Failed")) == {first.task_id}
    assert await world.listed(replace(LIST, status="Running")) == {second.task_id}


@pytest.mark.parametrize("permission", [Permission.GET_TASK, Permission.LIST_TASKS])
async def test_each_operation_needs_its_permission(permission: Permission) -> None:
    """The other's is not enough."""
    world = World()
    task = await world.add()
    other = Principal("key", Rights((Grant((permission.value,), ANY),)))
    calls = {
        Permission.GET_TASK: lambda who: world.watcher.get(who, GetTask("p", task.task_id, task.what.kind)),
        Permission.LIST_TASKS: lambda who: world.watcher.list(who, LIST),
    }
    for needed, call in calls.items():
        if needed is permission:
            await call(other)
        else:
            with pytest.raises(AccessDenied):
                await call(other)


async def test_a_project_must_exist_where_that_is_asked_for() -> None:
    """With the switch off, tasks of a project that nobody has created are not told."""
    world = World(ImmSettings(auto_project=False))
    task = await world.add()
    with pytest.raises(ResourceNotFound, match="project"):
        await world.watcher.get(KEY, GetTask("p", task.task_id, task.what.kind))
    with pytest.raises(ResourceNotFound, match="project"):
        await world.watcher.list(KEY, LIST)
