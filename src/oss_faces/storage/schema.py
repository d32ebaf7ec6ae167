"""The tables of the embedded store, and the way from each version of them to the next."""

import sqlite3
from typing import Final

from oss_faces.errors import ConfigurationError
from oss_faces.storage.connections import Connections

# STRICT tables came with SQLite 3.37, the newest feature used here.
SQLITE_VERSION_MIN: Final = (3, 37, 0)

# One tuple of statements for each version. A released one is never edited: changes are a new tuple at the end.
_MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """
        CREATE TABLE state (
            is_clean INTEGER NOT NULL  -- 1: the last process ended in order and left no orphaned content
        ) STRICT
        """,
        "INSERT INTO state (is_clean) VALUES (1)",
        """
        CREATE TABLE buckets (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            owner TEXT NOT NULL,
            acl TEXT NOT NULL,
            created_s INTEGER NOT NULL  -- UNIX time
        ) STRICT
        """,
        """
        CREATE TABLE objects (
            bucket_id INTEGER NOT NULL REFERENCES buckets (id),
            key BLOB NOT NULL,  -- UTF-8: blobs compare byte by byte, which is the order of listings
            content_id TEXT NOT NULL UNIQUE,
            size_bytes INTEGER NOT NULL,
            etag TEXT NOT NULL,
            crc64 BLOB NOT NULL,  -- 8 bytes, big endian: it does not fit a signed INTEGER
            content_type TEXT NOT NULL,
            modified_s INTEGER NOT NULL,  -- UNIX time
            acl TEXT NOT NULL,
            user_metadata TEXT NOT NULL,  -- JSON object of strings
            headers TEXT NOT NULL,  -- JSON object of strings
            PRIMARY KEY (bucket_id, key)
        ) STRICT, WITHOUT ROWID
        """,
    ),
    (
        "ALTER TABLE objects ADD COLUMN object_type TEXT NOT NULL DEFAULT 'Normal'",
        """
        CREATE TABLE pieces (  -- of the objects that were put together from parts
            object_content_id TEXT NOT NULL,
            place INTEGER NOT NULL,
            content_id TEXT NOT NULL UNIQUE,
            size_bytes INTEGER NOT NULL,
            PRIMARY KEY (object_content_id, place)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE uploads (  -- that are under way
            id TEXT PRIMARY KEY,
            bucket_id INTEGER NOT NULL REFERENCES buckets (id),
            key BLOB NOT NULL,
            started_s INTEGER NOT NULL,  -- UNIX time
            acl TEXT NOT NULL,
            content_type TEXT NOT NULL,
            user_metadata TEXT NOT NULL,  -- JSON object of strings
            headers TEXT NOT NULL  -- JSON object of strings
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX uploads_of_bucket ON uploads (bucket_id, key, id)",
        """
        CREATE TABLE parts (
            upload_id TEXT NOT NULL REFERENCES uploads (id),
            number INTEGER NOT NULL,
            content_id TEXT NOT NULL UNIQUE,
            size_bytes INTEGER NOT NULL,
            etag TEXT NOT NULL,
            crc64 BLOB NOT NULL,
            modified_s INTEGER NOT NULL,  -- UNIX time
            PRIMARY KEY (upload_id, number)
        ) STRICT, WITHOUT ROWID
        """,
    ),
)


def is_new(connections: Connections) -> bool:
    """Tell whether the database has no tables yet."""
    with connections.reading() as connection:
        return _version(connection) == 0


def migrate(connections: Connections) -> None:
    """Bring the database to the newest version.

    Raises:
        ConfigurationError: this SQLite is too old, or the database is of a later version of this program.
    """
    if sqlite3.sqlite_version_info < SQLITE_VERSION_MIN:
        raise ConfigurationError(f"SQLite {sqlite3.sqlite_version} is too old; 3.37 or later is needed")
    with connections.writing() as connection:
        version = _version(connection)
        if version > len(_MIGRATIONS):
            raise ConfigurationError(
                f"the store has format {version}; this version of oss-faces knows formats up to {len(_MIGRATIONS)}"
            )
        for statements in _MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")


def require_newest(connections: Connections) -> None:
    """Refuse a database that only the server may bring to the version that this program reads, or that is ahead of it.

    Raises:
        ConfigurationError.
    """
    with connections.reading() as connection:
        version = _version(connection)
    if version != len(_MIGRATIONS):
        raise ConfigurationError(
            f"the store has format {version} and this program reads {len(_MIGRATIONS)}; start its server once"
        )


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
