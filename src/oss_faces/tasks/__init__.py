"""Work that outlasts the request that asked for it, and the server that began it."""

from oss_faces.tasks.base import Claim, NewTask, Task, TaskPage, TaskQuery, Tasks, TaskStatus

__all__ = ["Claim", "NewTask", "Task", "TaskPage", "TaskQuery", "TaskStatus", "Tasks"]
