"""The errors of tasks, worded once for every implementation."""

from oss_faces.imm_errors import LimitExceeded, ResourceNotFound


def no_task(task_id: str) -> ResourceNotFound:
    """Say that there is no such task, or no more."""
    return ResourceNotFound(f"The task {task_id} is not found.")


def too_many(most: int) -> LimitExceeded:
    """Say that a task cannot be accepted now."""
    return LimitExceeded(f"There are {most} tasks waiting, which is the limit. Try again later.")
