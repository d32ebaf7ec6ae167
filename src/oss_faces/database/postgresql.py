"""What only PostgreSQL needs: isolation, turns, errors that repeat no values, and getting rid of what was deleted.

A reader has one unchanging state (REPEATABLE READ). A writer sees with each statement what was committed before it
(READ COMMITTED), and what must not be interleaved takes a turn: an advisory lock that ends with the transaction. Why
not SERIALIZABLE: decision 0711.
"""

import importlib
import math
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, ExceptionContext, QueuePool, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError

from oss_faces.database.engine import TURN, UNSYNCED, WRITES
from oss_faces.database.settings import DatabaseSettings
from oss_faces.errors import ConfigurationError

_DRIVER: Final = "postgresql+psycopg"
_NAMESPACE: Final = "oss-faces:"
_KEY_BYTES: Final = 8
# Errors of this class are about values, and some repeat them in their first line as well.
_ABOUT_VALUES: Final = "22"

# A connection over which nothing has come for so long is lost.
_SILENCE_S_MAX: Final = 15
_KEEPALIVE_S: Final = 5

REMAINS: Final = {
    "vacuum": "PostgreSQL (freed room in its tables, its log, replicas and copies)",
    "rewrite": "PostgreSQL (its log, replicas and copies)",
}
"""Where erased bytes may be all the same, by `database.erase_by`."""


def postgresql_engine(settings: DatabaseSettings) -> Engine:
    """Make the engine for `settings.url`; nothing is connected to yet.

    Raises:
        ConfigurationError: psycopg is not installed.
    """
    try:
        importlib.import_module("psycopg")
    except ImportError as exc:
        raise ConfigurationError(
            "a state database in PostgreSQL needs the extra: pip install 'oss-faces[postgres]'"
        ) from exc
    address = settings.address
    assert address is not None, "there is a URL"
    engine = create_engine(
        address.set(drivername=_DRIVER),
        connect_args=_parameters(address, settings.busy_timeout_s),
        isolation_level="REPEATABLE READ",
        poolclass=QueuePool,
        pool_size=settings.connections_max,
        max_overflow=0,
        pool_timeout=settings.busy_timeout_s,
        # A connection that the database has ended, by a restart for instance, fails no request.
        pool_pre_ping=True,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _repeat_no_values, retval=True)
    return engine


def _parameters(address: URL, busy_timeout_s: float) -> dict[str, str]:
    """Give the parameters of libpq that an address does not set itself, and the options of both."""
    given = address.normalized_query
    ours = {
        "connect_timeout": str(max(2, math.ceil(busy_timeout_s))),
        "application_name": "oss-faces",
        # Else a machine that goes away without a word keeps every call waiting for a quarter of an hour or more.
        "tcp_user_timeout": str(_SILENCE_S_MAX * 1000),
        "keepalives_idle": str(_KEEPALIVE_S),
        "keepalives_interval": str(_KEEPALIVE_S),
        "keepalives_count": str(_SILENCE_S_MAX // _KEEPALIVE_S),
    }
    wait_ms = math.ceil(busy_timeout_s * 1e3)
    options = [*given.get("options", ()), f"-c lock_timeout={wait_ms} -c client_encoding=UTF8"]
    return {name: ours[name] for name in ours if name not in given} | {"options": " ".join(options)}


def _begin(connection: Connection) -> None:
    """Begin to write: one round trip, before the first statement of the transaction."""
    options = connection.get_execution_options()
    if not options.get(WRITES, False):
        return
    steps = ["SET TRANSACTION ISOLATION LEVEL READ COMMITTED"]
    if options.get(UNSYNCED, False):
        steps.append("SET LOCAL synchronous_commit = off")
    turn = options.get(TURN)
    if turn is not None:
        steps.append(f"SELECT pg_advisory_xact_lock({turn_key(turn)})")
    connection.exec_driver_sql("; ".join(steps))


def turn_key(turn: str) -> int:
    """Give the number by which PostgreSQL knows a turn."""
    digest = blake2b((_NAMESPACE + turn).encode(), digest_size=_KEY_BYTES).digest()
    return int.from_bytes(digest, "big", signed=True)


def _repeat_no_values(context: ExceptionContext) -> BaseException | None:
    """Leave of an error of the database what repeats no value: its details name rows, and rows are people."""
    told, original = context.sqlalchemy_exception, context.original_exception
    diagnosis = getattr(original, "diag", None)
    if not isinstance(told, DBAPIError) or diagnosis is None or diagnosis.message_primary is None:
        return None
    state = str(diagnosis.sqlstate)
    said = diagnosis.message_primary if not state.startswith(_ABOUT_VALUES) else type(original).__name__
    plain = type(original)(f"{said} ({state})")
    return type(told)(told.statement, None, plain, hide_parameters=True, connection_invalidated=context.is_disconnect)


class Eraser:
    """How deleted rows leave PostgreSQL's files, as `database.erase_by` says; see `Database.scrub`.

    A row that a reader can still see is left for the next time, or for PostgreSQL's own vacuum.
    """

    def __init__(self, by: str) -> None:
        self._statement = "VACUUM (FULL)" if by == "rewrite" else "VACUUM"

    def __call__(self, engine: Engine, _needles: Sequence[bytes] | None) -> None:
        """Vacuum every table. What is looked for does not matter: a client cannot read the files."""
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in _tables(connection):
                connection.execute(text(f"{self._statement} {table}"))


def _tables(connection: Connection) -> list[str]:
    quote: Any = connection.dialect.identifier_preparer.quote
    return [quote(name) for name in sorted(inspect(connection).get_table_names())]
