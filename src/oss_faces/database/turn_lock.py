from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from oss_faces.database.engine import Database


@dataclass(frozen=True, slots=True)
class TurnLock:
    """A lock between all servers of a state database, for what is kept elsewhere.

    A server whose connection to the database breaks loses it in the middle: what it guards must come right again when
    two of them were at it, as vector indexes do, which are followed from their marks.
    """

    database: Database
    turn: str

    @contextmanager
    def held(self) -> Iterator[None]:
        """Run a block alone.

        Raises:
            StorageUnavailable: others did not finish within `database.busy_timeout_s`.
        """
        with self.database.writing(sync=False, turn=self.turn):
            yield
