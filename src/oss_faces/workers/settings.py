import os
from dataclasses import dataclass
from typing import Final, Literal

from oss_faces.errors import ConfigurationError

_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Limits of the CPU work.

    Attributes:
        running: pictures worked on at the same time, one worker each; 0 means one for each processor.
        waiting: pictures that may wait for a worker; further ones are refused with 503 at once. A large picture counts
            for several, see `cost_bytes`. No more wait than are done before the deadline, if pictures take as long as
            the last ones did.
        examined: most requests for work on pictures that are looked at at the same time, of those no more than workers
            have nothing to do, or than there is room for; further ones wait up to 0.1 s for their turn. As soon as all
            workers have something to do, those beyond the room that is left are refused with 503 before anything is
            known of them. A quarter is looked at however little room there is. Where there is none, one each 10 ms,
            and of those only who may need no worker: with a condition, or with the key and the object of a result that
            is kept.
        deadline_s: time from admission to answer; one SDK gives up after 10 s, so we answer 503 before that.
        kind: `processes`: each worker is a process, so that a picture that crashes a decoder or takes too much memory
            or time ends one request. `threads` takes less memory, and gives that up.
        memory_bytes_max: most memory in bytes that one worker process may take.
        background_s: longest work on one picture for which no request waits, as in indexing.
        niceness: by how much worker processes step back behind the server (0 to 19, see nice(1)), so that it answers
            soon while they have all processors. They also step back behind other programs on the machine; on one that
            is shared with such, 0 keeps their part.
        retry_after_s_max: longest time that a refused client is told in `Retry-After`; drawn for each, from 1 s on, so
            that not all come back at once.
        cost_bytes: a picture counts once for each of these in the length of its file, and at least once.
    """

    running: int = 0
    waiting: int = 64
    deadline_s: float = 9.0
    kind: Literal["processes", "threads"] = "processes"
    memory_bytes_max: int = 1536 * _MIB
    background_s: float = 120.0
    cost_bytes: int = 4 * _MIB
    niceness: int = 10
    retry_after_s_max: int = 3
    examined: int = 8

    def validate(self) -> None:
        """Raise `ConfigurationError` when a limit is out of range."""
        if not 0 <= self.running <= 1024:
            raise ConfigurationError("workers.running must be between 0 and 1024")
        if not 0 <= self.waiting <= 100_000:
            raise ConfigurationError("workers.waiting must be between 0 and 100000")
        if not 1 <= self.examined <= 100_000:
            raise ConfigurationError("workers.examined must be between 1 and 100000")
        if not 0.1 <= self.deadline_s <= 3600:
            raise ConfigurationError("workers.deadline_s must be between 0.1 and 3600")
        if not 256 * _MIB <= self.memory_bytes_max <= 2**50:
            raise ConfigurationError("workers.memory_bytes_max must be between 268435456 and 1125899906842624")
        if not 1 <= self.background_s <= 86_400:
            raise ConfigurationError("workers.background_s must be between 1 and 86400")
        if not 0 <= self.niceness <= 19:
            raise ConfigurationError("workers.niceness must be between 0 and 19")
        if not 1 <= self.retry_after_s_max <= 3600:
            raise ConfigurationError("workers.retry_after_s_max must be between 1 and 3600")
        if not 1 <= self.cost_bytes <= 2**40:
            raise ConfigurationError("workers.cost_bytes must be between 1 and 1099511627776")

    @property
    def size(self) -> int:
        """How many workers there are."""
        return self.running or os.cpu_count() or 1
