"""Transactions on the state database, whichever engine holds it. What only one engine has is in a module of its own."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeAlias, TypeVar, TypeVarTuple

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as WaitedTooLong

from oss_faces.errors import InvalidArgument, StorageUnavailable

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

# Takes the engine and what `Database.scrub` takes.
Scrub: TypeAlias = Callable[[Engine, Sequence[bytes] | None], None]

WRITES: Final = "oss_faces_writes"
"""Execution option of connections that are going to write: an engine that needs to know it early looks for it."""

UNSYNCED: Final = "oss_faces_unsynced"
"""Execution option of writing connections that do not wait for the disk; an engine that cannot do so does not look."""

TURN: Final = "oss_faces_turn"
"""Execution option of writing connections: the turn of `Database.writing`. An engine with one writer does not look."""

ONE_FOR_ALL: Final = "all"
"""The turn of writers that name none."""


class Database:
    """Hands out connections for the length of one transaction. May be used from any thread.

    A component keeps its tables in a `sqlalchemy.MetaData` of its own, runs Core statements on the connections it is
    given here, and adds one file to `migrations/versions/` (how: see the docstring of that folder). Nothing in a
    component says which engine is behind.

        with database.writing() as connection:
            connection.execute(insert(PROJECTS).values(name="p"))

    Both block; from the event loop use `run`.
    """

    def __init__(self, engine: Engine, calls_max: int, scrub: Scrub, remains: str = "") -> None:
        """Use an engine.

        Args:
            scrub: how this engine gets rid of what was deleted, see `scrub`.
            remains: where bytes of it may be all the same, in words for a receipt; empty: nowhere.
        """
        self.engine = engine
        self.remains = remains
        self._scrub = scrub
        self._writer = engine.execution_options(**{WRITES: True})
        self._unsynced_writer = engine.execution_options(**{WRITES: True, UNSYNCED: True})
        self._limiter = CapacityLimiter(calls_max)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Run a block on one unchanging state of the database. What it writes is undone.

        Raises:
            StorageUnavailable: the database failed, or had no time.
            InvalidArgument: a value is none that the database can hold.
        """
        with _translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, *, sync: bool = True, turn: str | None = ONE_FOR_ALL) -> Iterator[Connection]:
        """Run a block as one transaction, which is on the disk when the block has ended, and undone when it raises.

        Args:
            sync: whether to wait for the disk. Without it the transaction outlasts the end of the process all the same,
                `kill -9` included, but the last ones may be undone by a power cut.
            turn: blocks of one turn run one after the other, in all processes, and each sees what those before it have
                written. None: this block is right beside any other, because what it changes is one statement, or
                because it locks the rows that it decides by. SQLite has one turn for all.

        Raises:
            StorageUnavailable: the database failed, or another writer did not finish in time.
            InvalidArgument: a value is none that the database can hold.
        """
        writer = self._writer if sync else self._unsynced_writer
        with _translated(), writer.connect() as connection, connection.execution_options(**{TURN: turn}).begin():
            yield connection

    async def run(self, call: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """Run a call that reads or writes in a thread; as many at a time as there are connections."""
        return await to_thread.run_sync(call, *arguments, limiter=self._limiter)

    def scrub(self, needles: Sequence[bytes] | None) -> None:
        """Make sure that what was deleted is in no file of the database. No transaction of the caller may be under way.

        How far that reaches is the engine's: see `remains`.

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
    except DataError as exc:
        # For instance a text with a null character, which SQLite keeps and PostgreSQL has not.
        raise InvalidArgument("A value cannot be kept.", context={"reason": _reason(exc)}) from exc
    except (OperationalError, InterfaceError, InternalError, WaitedTooLong) as exc:
        raise StorageUnavailable(context={"reason": _reason(exc)}) from exc


def _reason(error: Exception) -> str:
    return str(error.args[0]) if error.args else type(error).__name__
