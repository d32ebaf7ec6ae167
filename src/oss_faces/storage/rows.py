"""Single rows of the embedded store, inside a transaction that somebody else has opened. Everything here blocks."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from oss_faces.errors import FileAlreadyExists, NoSuchBucket
from oss_faces.values import Acl, ObjectHeaders, ObjectMeta, ObjectType

_CRC64_BYTES: Final = 8
OBJECT: Final = """
    SELECT key, content_id, size_bytes, etag, crc64, content_type, modified_s, acl, user_metadata, headers, object_type
    FROM objects
"""
_PLACE: Final = """
    REPLACE INTO objects (bucket_id, key, content_id, size_bytes, etag, crc64, content_type, modified_s, acl,
        user_metadata, headers, object_type)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A content that holds a part of an object."""

    content_id: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Record:
    """An object's metadata and where its content lies.

    Attributes:
        content_id: of the content, or, where there are pieces, of no file, but new with each version of the object.
        pieces: the contents in their order, of an object that was put together from parts; else empty.
    """

    meta: ObjectMeta
    content_id: str
    pieces: tuple[Piece, ...] = ()


def bucket_id(connection: sqlite3.Connection, name: str) -> int:
    """Find a bucket.

    Raises:
        NoSuchBucket: it does not exist.
    """
    # No bucket has a name beyond ASCII, and SQLite could not even be asked for one with lone surrogates.
    row = connection.execute("SELECT id FROM buckets WHERE name = ?", [name]).fetchone() if name.isascii() else None
    if row is None:
        raise NoSuchBucket(details={"BucketName": name})
    return int(row[0])


def find_object(connection: sqlite3.Connection, bucket: int, key: bytes) -> Record | None:
    """Look an object up, with its pieces."""
    row = connection.execute(f"{OBJECT} WHERE bucket_id = ? AND key = ?", [bucket, key]).fetchone()
    if row is None:
        return None
    record = record_of(row)
    return Record(record.meta, record.content_id, _pieces(connection, record.content_id))


def check_free(connection: sqlite3.Connection, bucket: int, key: bytes, *, forbid_overwrite: bool) -> None:
    """Refuse to overwrite what must not be overwritten.

    Raises:
        FileAlreadyExists: the key is taken and may not be overwritten.
    """
    if not forbid_overwrite:
        return
    if connection.execute("SELECT 1 FROM objects WHERE bucket_id = ? AND key = ?", [bucket, key]).fetchone():
        raise FileAlreadyExists


def place_object(connection: sqlite3.Connection, bucket: int, key: bytes, record: Record) -> list[str]:
    """Write an object's record. Return the ids of the contents that it replaces, which no record names any more."""
    replaced = remove_object(connection, bucket, key)
    meta = record.meta
    assert meta.crc64 is not None, "what comes in here has gone through a Fingerprinter"
    values = [
        *(bucket, key, record.content_id, meta.size_bytes, meta.etag, crc64_bytes(meta.crc64), meta.content_type),
        *(int(meta.last_modified.timestamp()), meta.acl),
        *(json.dumps(dict(meta.user)), json.dumps(dict(meta.headers)), meta.object_type),
    ]
    connection.execute(_PLACE, values)
    connection.executemany(
        "INSERT INTO pieces (object_content_id, place, content_id, size_bytes) VALUES (?, ?, ?, ?)",
        [
            (record.content_id, place, piece.content_id, piece.size_bytes)
            for place, piece in enumerate(record.pieces, 1)
        ],
    )
    return replaced


def remove_object(connection: sqlite3.Connection, bucket: int, key: bytes) -> list[str]:
    """Forget an object, if it is there. Return the ids of its contents, which no record names any more."""
    removed: list[str] = []
    rows = connection.execute(
        "DELETE FROM objects WHERE bucket_id = ? AND key = ? RETURNING content_id", [bucket, key]
    ).fetchall()
    for (content_id,) in rows:
        pieces = connection.execute(
            "DELETE FROM pieces WHERE object_content_id = ? RETURNING content_id", [content_id]
        ).fetchall()
        removed.extend([piece for (piece,) in pieces] or [content_id])
    return removed


def record_of(row: tuple[bytes, str, int, str, bytes, str, int, str, str, str, str]) -> Record:
    """Read a row of `OBJECT`, without the pieces."""
    key, content_id, size_bytes, etag, crc64, content_type, modified_s, acl, user, headers, object_type = row
    meta = ObjectMeta(
        key=key.decode("utf-8"),
        size_bytes=size_bytes,
        etag=etag,
        crc64=crc64_of(crc64),
        content_type=content_type,
        last_modified=moment_of(modified_s),
        acl=Acl(acl),
        user=json.loads(user),
        headers=json.loads(headers),
        object_type=ObjectType(object_type),
    )
    return Record(meta, content_id)


def headers_of(content_type: str, user: str, standard: str) -> ObjectHeaders:
    """Read the three columns that hold what a writer said about an object."""
    return ObjectHeaders(content_type, json.loads(user), json.loads(standard))


def crc64_bytes(checksum: int) -> bytes:
    """Write a checksum for its column: it does not fit a signed INTEGER."""
    return checksum.to_bytes(_CRC64_BYTES, "big")


def crc64_of(column: bytes) -> int:
    """Read a checksum out of its column."""
    return int.from_bytes(column, "big")


def moment_of(seconds: int) -> datetime:
    """Read a UNIX time out of its column."""
    return datetime.fromtimestamp(seconds, UTC)


def _pieces(connection: sqlite3.Connection, content_id: str) -> tuple[Piece, ...]:
    rows = connection.execute(
        "SELECT content_id, size_bytes FROM pieces WHERE object_content_id = ? ORDER BY place", [content_id]
    )
    return tuple(Piece(piece, size_bytes) for piece, size_bytes in rows)
