"""What only SQLite needs: a private file, the write-ahead log, and transactions that begin when we say so."""

import os
import sqlite3
import stat
from collections.abc import Collection, Sequence
from io import FileIO
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event

from oss_faces.database.engine import UNSYNCED, WRITES
from oss_faces.database.needles import held_in
from oss_faces.database.settings import DatabaseSettings
from oss_faces.errors import ConfigurationError, StorageUnavailable

# Looking for more than that takes as long as writing everything anew.
_NEEDLES_MAX: Final = 20_000
_HELD_MAX: Final = 16
# How long it is asked again whether the log can be cut off, and after which pause.
_LOG_IN_USE_S: Final = 3.0
_LOG_PAUSE_S: Final = 0.02
_LOG_BYTES_MAX: Final = 16 * 1024 * 1024
_PRAGMAS: Final = (
    "journal_mode = WAL",
    # A transaction is on the disk before COMMIT returns: a key that was shown outlasts a power cut.
    "synchronous = FULL",
    "foreign_keys = ON",
    # A deleted secret is overwritten, not only forgotten.
    "secure_delete = ON",
    f"journal_size_limit = {_LOG_BYTES_MAX}",
)


def sqlite_engine(path: Path, settings: DatabaseSettings) -> Engine:
    """Make the engine for a file, which is made, readable by its owner only, when it does not exist.

    Raises:
        ConfigurationError: the file is open to others, or is no file.
        OSError: it cannot be made.
    """
    _make_private(path)
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path.resolve())),
        connect_args={"timeout": settings.busy_timeout_s, "check_same_thread": False},
        poolclass=QueuePool,
        pool_size=settings.connections_max,
        max_overflow=0,
        pool_timeout=settings.busy_timeout_s,
        # Errors may be logged; names and vectors may not.
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _make_private(path: Path) -> None:
    """Make the file, and refuse one that others can read: the log beside it gets the same mode from SQLite."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        mode = os.fstat(descriptor).st_mode
    finally:
        os.close(descriptor)
    if not stat.S_ISREG(mode) or mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(f"the state database is open to others or no file; run: chmod 600 {path}")


def _set_up(connection: Any, _record: object) -> None:
    # The driver would begin transactions by itself, late and only before writes; `_begin` does it instead.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Take the lock for writing at the start: a transaction that reads first could not get it any more, only fail."""
    options = connection.get_execution_options()
    if not options.get(WRITES, False):
        connection.exec_driver_sql("BEGIN")
        return
    # It holds for the connection, which may have been the other kind before.
    connection.exec_driver_sql(f"PRAGMA synchronous = {'NORMAL' if options.get(UNSYNCED, False) else 'FULL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


class Scrubber:
    """Keeps what was deleted out of the file; see `Database.scrub`.

    A deleted row is overwritten (`secure_delete`), but two things outlast it: the log, which is emptied here, and
    copies that are left in the unused part of a page when rows are moved to another page. What some row still says, an
    address that a task names for instance, cannot leave the file, and is no reason to write it anew.

    The file is looked through by a descriptor that stays open for as long as the connections do. By the rules of
    POSIX a process that closes any descriptor of a file loses all of its locks on it, also those of SQLite's
    connections; another process that came and went would then take the log away under our hands, with all that is
    written into it later.
    """

    def __init__(self, engine: Engine) -> None:
        self._file: FileIO | None = None
        self._looking = Lock()
        event.listen(engine, "engine_disposed", self._close)

    def __call__(self, engine: Engine, needles: Sequence[bytes] | None) -> None:
        """See `Database.scrub`."""
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            _empty_log(cursor)
            if needles is None or len(needles) > _NEEDLES_MAX or _has_remains(cursor, self._held(engine, needles)):
                cursor.execute("VACUUM")
                _empty_log(cursor)
        except sqlite3.OperationalError as exc:
            raise StorageUnavailable(context={"reason": str(exc)}) from exc
        finally:
            connection.close()

    def _held(self, engine: Engine, needles: Sequence[bytes]) -> frozenset[bytes]:
        with self._looking:
            if self._file is None:
                self._file = FileIO(str(engine.url.database))
            return held_in(self._file, needles)

    def _close(self, _engine: Engine) -> None:
        with self._looking:
            if self._file is not None:
                self._file.close()
            self._file = None


def _empty_log(cursor: Any) -> None:
    """Bring the log into the file, and cut it off.

    For readers and writers SQLite waits itself, but not for another connection that is doing the same, as every
    thousandth page of a writer makes it do. So it is asked again for a while.

    Source: "sqlite3_wal_checkpoint_v2" in the C interface of SQLite.
    """
    until = monotonic() + _LOG_IN_USE_S
    while cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if monotonic() > until:
            raise StorageUnavailable(context={"reason": "the log of the state database is in use"})
        sleep(_LOG_PAUSE_S)


def _has_remains(cursor: Any, held: Collection[bytes]) -> bool:
    """Tell whether the file holds something that no row says; of many, that is taken for granted."""
    return len(held) > _HELD_MAX or not all(_is_said(cursor, needle) for needle in held)


def _is_said(cursor: Any, needle: bytes) -> bool:
    for table in _tables(cursor):
        names = [row[1] for row in cursor.execute("SELECT * FROM pragma_table_info(?)", (table,)).fetchall()]
        holds = " OR ".join(f"instr(CAST({_quoted(name)} AS BLOB), ?) > 0" for name in names)
        # Names of our own tables and columns, quoted all the same; the text that is looked for is a parameter.
        asked = f"SELECT 1 FROM {_quoted(table)} WHERE {holds} LIMIT 1"  # noqa: S608
        if cursor.execute(asked, (needle,) * len(names)).fetchone() is not None:
            return True
    return False


def _tables(cursor: Any) -> list[str]:
    """Name the tables, those of vectors last: they are by far the largest, and say no text."""
    listed = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name LIKE '%vectors', name"
    return [row[0] for row in cursor.execute(listed).fetchall()]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
