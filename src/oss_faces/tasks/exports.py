from oss_faces.tasks.base import (
    OWN_KINDS,
    Claim,
    Clock,
    NewTask,
    OnAdded,
    Progress,
    Task,
    TaskHandler,
    TaskKind,
    TaskPage,
    TaskQuery,
    Tasks,
    TaskSorting,
    TaskStatus,
    nobody_listens,
)
from oss_faces.tasks.bell import Bell
from oss_faces.tasks.memory import MemoryTasks
from oss_faces.tasks.naming import subject_of
from oss_faces.tasks.runner import TaskRunner
from oss_faces.tasks.settings import TaskSettings
from oss_faces.tasks.sql import SqlTasks

__all__ = [
    "OWN_KINDS",
    "Bell",
    "Claim",
    "Clock",
    "MemoryTasks",
    "NewTask",
    "OnAdded",
    "Progress",
    "SqlTasks",
    "Task",
    "TaskHandler",
    "TaskKind",
    "TaskPage",
    "TaskQuery",
    "TaskRunner",
    "TaskSettings",
    "TaskSorting",
    "TaskStatus",
    "Tasks",
    "nobody_listens",
    "subject_of",
]
