import os
from dataclasses import dataclass

from oss_faces.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class TaskSettings:
    """How work in the background is done: indexing, clustering, searching.

    Attributes:
        running: tasks that one server does at the same time; 0 means one for each processor.
        waiting_max: most tasks that have not ended, over all projects; further ones are refused.
        lease_s: a server that says nothing for so long counts as dead, and others take its tasks over.
        poll_s: time between two looks for tasks that another server has accepted, or left behind.
        attempts_max: times that a task is begun before it counts as failed; a server that dies in it counts as one.
        keep_days: ended tasks are forgotten after so many days, as in the cloud.
    """

    running: int = 0
    waiting_max: int = 100_000
    lease_s: float = 30.0
    poll_s: float = 1.0
    attempts_max: int = 5
    keep_days: int = 7

    def validate(self) -> None:
        """Raise `ConfigurationError` when a value is out of range."""
        if not 0 <= self.running <= 1024:
            raise ConfigurationError("tasks.running must be between 0 and 1024")
        if not 1 <= self.waiting_max <= 10_000_000:
            raise ConfigurationError("tasks.waiting_max must be between 1 and 10000000")
        if not 1 <= self.lease_s <= 3600:
            raise ConfigurationError("tasks.lease_s must be between 1 and 3600")
        if not 0.1 <= self.poll_s <= 60:
            raise ConfigurationError("tasks.poll_s must be between 0.1 and 60")
        if not 1 <= self.attempts_max <= 100:
            raise ConfigurationError("tasks.attempts_max must be between 1 and 100")
        if not 1 <= self.keep_days <= 3650:
            raise ConfigurationError("tasks.keep_days must be between 1 and 3650")

    @property
    def slots(self) -> int:
        """Tell how many tasks run at the same time here."""
        return self.running or os.cpu_count() or 1
