"""GetTask and ListTasks of IMM: how far what was asked for is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from oss_faces.grants import Permission
from oss_faces.imm_errors import ResourceNotFound
from oss_faces.operations import permission
from oss_faces.operations.bindings import Bindings
from oss_faces.request import imm_tasks as requests
from oss_faces.request.imm_people import CountTasks
from oss_faces.tasks import OWN_KINDS, Task, TaskKind, TaskPage, TaskQuery, Tasks, TaskSorting, TaskStatus
from oss_faces.values import Principal

_LISTED: Final = tuple(kind for kind in TaskKind if kind not in OWN_KINDS)
"""Kinds that are listed when nobody asks for any by name."""


@dataclass(frozen=True, slots=True)
class TaskWatcher:
    """The operations on tasks. A task is of no bucket, so what is done with one needs a grant on every bucket."""

    tasks: Tasks
    bindings: Bindings

    async def get(self, principal: Principal, want: requests.GetTask) -> Task:
        """Describe a task (GetTask).

        Raises:
            ResourceNotFound: there is none of this id and type in this project.
        """
        permission.require(principal, Permission.GET_TASK)
        await self.bindings.require_project(want.project)
        task = await self.tasks.get(want.project, want.task_id)
        if task.what.kind != want.kind:
            raise ResourceNotFound(f"The task {want.task_id} is of another type than {want.kind}.")
        return task

    async def count(self, principal: Principal, want: CountTasks) -> Mapping[TaskStatus, int]:
        """Tell how many tasks of some kinds there are (CountTasks, an operation of ours)."""
        permission.require(principal, Permission.COUNT_TASKS)
        await self.bindings.require_project(want.project)
        return await self.tasks.count(want.project, want.kinds, want.user_data)

    async def list(self, principal: Principal, want: requests.ListTasks) -> TaskPage:
        """Give one page of a project's tasks (ListTasks)."""
        permission.require(principal, Permission.LIST_TASKS)
        await self.bindings.require_project(want.project)
        query = TaskQuery(
            want.project,
            want.kinds or _LISTED,
            (TaskStatus(want.status),) if want.status else (),
            want.tags,
            want.started,
            want.ended,
            TaskSorting(want.sort),
            want.descending,
            want.after,
            want.limit,
        )
        return await self.tasks.list(query)
