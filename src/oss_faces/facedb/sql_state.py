"""What the parts of the face database in SQL share: transactions, and finding datasets in them."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Connection, Row, select, update

from oss_faces.database import Database
from oss_faces.datasets import DatasetRef
from oss_faces.facedb import refusals
from oss_faces.facedb.base import Clock
from oss_faces.facedb.settings import FaceDbSettings
from oss_faces.facedb.tables import DATASETS

Item = TypeVar("Item")
Result = TypeVar("Result")

# Below what every engine takes as values of one statement.
_BATCH = 5_000


class SqlState:
    """The database, and how work is done on it."""

    def __init__(self, database: Database, settings: FaceDbSettings, now: Clock) -> None:
        self.database = database
        self.settings = settings
        self.now = now
        # Threads of their own: what waits for an index or for the disk must not keep others from the database.
        self._searching = CapacityLimiter(settings.searches_max)
        self._erasing = CapacityLimiter(1)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Do work on one unchanging state."""
        return await self.database.run(self.read_now, work)

    async def write(self, work: Callable[[Connection], Result], turn: str | None = None) -> Result:
        """Do work as one transaction, which is on the disk when this returns.

        Args:
            turn: see `Database.writing`; what changes one dataset takes none and locks its row instead.
        """
        return await self.database.run(self.write_now, work, turn)

    async def search(self, call: Callable[[], Result]) -> Result:
        """Do what works with an index in a thread."""
        return await to_thread.run_sync(call, limiter=self._searching)

    async def erase(self, call: Callable[[], Result]) -> Result:
        """Do what cleans the disk in a thread, one after the other."""
        return await to_thread.run_sync(call, limiter=self._erasing)

    def read_now(self, work: Callable[[Connection], Result]) -> Result:
        """As `read`, for callers that are in a thread of their own already."""
        with self.database.reading() as connection:
            return work(connection)

    def write_now(self, work: Callable[[Connection], Result], turn: str | None = None) -> Result:
        """As `write`, for callers that are in a thread of their own already."""
        with self.database.writing(turn=turn) as connection:
            return work(connection)


def find_dataset(connection: Connection, ref: DatasetRef, *, locks: bool = False) -> Row[Any]:
    """Give a dataset's row.

    Args:
        locks: whether nobody else may change the dataset until the end of the transaction.

    Raises:
        ResourceNotFound: there is no such dataset.
    """
    wanted = select(DATASETS).where(DATASETS.c.project == ref.project, DATASETS.c.name == ref.name)
    row = connection.execute(wanted.with_for_update() if locks else wanted).first()
    if row is None:
        raise refusals.no_dataset(ref)
    return row


def next_change(connection: Connection, dataset: int) -> int:
    """Give the number of a change of a dataset's vectors. Its row is locked: changes are seen in their order."""
    counted = update(DATASETS).where(DATASETS.c.number == dataset).values(change=DATASETS.c.change + 1)
    return int(connection.execute(counted.returning(DATASETS.c.change)).scalar_one())


def batches(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Cut a list into pieces that fit into one statement."""
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch
