"""Connections to one SQLite database: one that writes, as many that read as there are readers. All of it blocks."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Full, LifoQueue
from typing import Final

# 64 MiB: the write-ahead log is cut back to this size after a burst.
_LOG_BYTES_MAX: Final = 64 * 1024 * 1024
_SETTINGS: Final = (
    "journal_mode = WAL",
    # A transaction is on the disk before COMMIT returns, so an acknowledged object outlasts a power cut.
    "synchronous = FULL",
    "foreign_keys = ON",
    f"journal_size_limit = {_LOG_BYTES_MAX}",
)
# A COMMIT that fails with one of these has certainly not happened; SQLite writes the commit mark last.
_NOT_COMMITTED: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY})


class CommitUncertain(sqlite3.OperationalError):
    """The disk failed in mid-commit; whether the transaction stands is known only after the next start."""


class Connections:
    """Hands out connections for the length of one transaction. May be used from any thread.

    Attributes:
        has_uncertain_commit: whether CommitUncertain was ever raised.
    """

    def __init__(self, path: Path, readers_max: int, busy_timeout_s: float) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._writer = self._connect()
        self._writing = threading.Lock()
        self.has_uncertain_commit = False
        self._idle_readers: LifoQueue[sqlite3.Connection] = LifoQueue(readers_max)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run a block as one writing transaction, undone when it raises.

        Raises:
            CommitUncertain: see there.
            sqlite3.OperationalError: another writer did not finish in time, or the disk failed.
        """
        if not self._writing.acquire(timeout=self._busy_timeout_s):
            raise sqlite3.OperationalError("waited too long for the writing connection")
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._commit()
            finally:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
        finally:
            self._writing.release()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Run a block on one unchanging state of the database."""
        connection = self._reader()
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close all connections. No transaction may be under way."""
        while True:
            try:
                self._idle_readers.get_nowait().close()
            except Empty:
                break
        self._writer.close()

    def _reader(self) -> sqlite3.Connection:
        try:
            return self._idle_readers.get_nowait()
        except Empty:
            return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._idle_readers.put_nowait(connection)
        except (sqlite3.Error, Full):
            # Broken, or more than are worth keeping. What the reader saw, or its own error, stands.
            connection.close()

    def _commit(self) -> None:
        try:
            self._writer.execute("COMMIT")
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode in _NOT_COMMITTED:
                raise
            self.has_uncertain_commit = True
            raise CommitUncertain(str(exc)) from exc

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=self._busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        try:
            for setting in _SETTINGS:
                connection.execute(f"PRAGMA {setting}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection
