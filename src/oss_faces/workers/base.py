"""What `Workers` needs of those who do the work. Two keep it: threads of this process, and processes of their own."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from oss_faces.stages import Call

Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


class Job(Protocol[Result_co]):
    """One piece of work that was given out."""

    async def result(self) -> Result_co:
        """Wait for its result. Whoever is cancelled meanwhile gives the work up: if it has not begun, it never does.

        Raises:
            WorkerLost: the worker ended before the work did.
            OssFacesError: of the work itself.
        """
        ...

    def stop(self) -> None:
        """End it now, where that can be done. A thread cannot be stopped, and works on."""
        ...

    def when_over(self, tell: Callable[[], None]) -> None:
        """Call once, in the event loop, when nobody works on it any more; at once when that is so already."""
        ...


class Crew(Protocol):
    """A fixed number of workers, which have the stages loaded."""

    @property
    def size(self) -> int:
        """How many jobs are worked on at the same time. The caller begins no more than these."""
        ...

    async def start(self) -> None:
        """Make sure that work can be done; returns when one worker is ready.

        Raises:
            ModelUnavailable, ConfigurationError: a network cannot be loaded.
        """
        ...

    def begin(self, call: Call[Result], content: bytes) -> Job[Result]:
        """Give out one piece of work.

        Args:
            content: a whole picture file.
        """
        ...

    async def aclose(self) -> None:
        """Take no more work, and end the workers."""
        ...
