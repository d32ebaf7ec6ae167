"""Transactions on the state database, whichever engine holds it. What only one engine has is in a module of its own."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeAlias, TypeVar, TypeVarTuple

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as WaitedTooLong

from oss_faces.errors import StorageUnavailable

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

# Takes the engine and what `Database.scrub` takes.
Scrub: TypeAlias = Callable[[Engine, Sequence[bytes] | None], None]

WRITES: Final = "oss_faces_writes"
"""Execution option of connections that are going to write: an engine that needs to know it early looks for it."""

UNSYNCED: Final = "oss_faces_unsynced"
"""Execution option of writing connections that do not wait for the disk; an engine that cannot do so does not look."""


class Database:
    """Hands out connections for the length of one transaction. May be used from any thread.

    A component keeps its tables in a `sqlalchemy.MetaData` of its own, runs Core statements on the connections it is
    given here, and adds one file to `migrations/versions/` (how: see the docstring of that folder). Nothing in a
    component says which engine is behind.

        with database.writing() as connection:
            connection.execute(insert(PROJECTS).values(name="p"))

    Both block; from the event loop use `run`.
    """

    def __init__(self, engine: Engine, calls_max: int, scrub: Scrub) -> None:
        """Use an engine.

        Args:
            scrub: how this engine gets rid of what was deleted, see `scrub`.
        """
        self.engine = engine
        self._scrub = scrub
        self._writer = engine.execution_options(**{WRITES: True})
        self._unsynced_writer = engine.execution_options(**{WRITES: True, UNSYNCED: True})
        self._limiter = CapacityLimiter(calls_max)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Run a block on one unchanging state of the database. What it writes is undone.

        Raises:
            StorageUnavailable: the database failed, or had no time.
        """
        with _translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, *, sync: bool = True) -> Iterator[Connection]:
        """Run a block as one transaction, which is on the disk when the block has ended, and undone when it raises.

        Args:
            sync: whether to wait for the disk. Without it the transaction outlasts the end of the process all the same,
                `kill -9` included, but the last ones may be undone by a power cut.

        Raises:
            StorageUnavailable: the database failed, or another writer did not finish in time.
        """
        writer = self._writer if sync else self._unsynced_writer
        with _translated(), writer.begin() as connection:
            yield connection

    async def run(self, call: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """Run a call that reads or writes in a thread; as many at a time as there are connections."""
        return await to_thread.run_sync(call, *arguments, limiter=self._limiter)

    def scrub(self, needles: Sequence[bytes] | None) -> None:
        """Make sure that what was deleted is in no file of the database. No transaction of the caller may be under way.

        Args:
            needles: what is looked for; if it is still somewhere, the whole database is written anew, which takes
                seconds for each gigabyte and keeps other writers waiting. None: it is written anew without a look.

        Raises:
            StorageUnavailable: somebody read or wrote for too long; nothing is lost by trying again.
        """
        with _translated():
            self._scrub(self.engine, needles)

    def close(self) -> None:
        """Close all connections. No transaction may be under way."""
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    """Say what went wrong in our own words; errors of the caller's statements pass as they are."""
    try:
        yield
    except (OperationalError, InterfaceError, WaitedTooLong) as exc:
        raise StorageUnavailable(context={"reason": str(exc.args[0]) if exc.args else type(exc).__name__}) from exc
