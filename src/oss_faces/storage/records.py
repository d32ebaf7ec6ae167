"""Names and metadata of buckets and objects in SQLite. Everything here blocks."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from oss_faces.errors import (
    BucketAlreadyExists,
    BucketNotEmpty,
    FileAlreadyExists,
    NoSuchBucket,
    NoSuchKey,
    TooManyBuckets,
)
from oss_faces.storage.base import BucketPage, ListPage, ListQuery
from oss_faces.storage.connections import Connections
from oss_faces.storage.listing import list_page
from oss_faces.storage.naming import key_bytes
from oss_faces.values import Acl, BucketMeta, ObjectMeta

_CRC64_BYTES: Final = 8
_BUCKET: Final = "SELECT name, acl, created_s, owner FROM buckets"
_OBJECT: Final = """
    SELECT key, content_id, size_bytes, etag, crc64, content_type, modified_s, acl, user_metadata, headers
    FROM objects
"""
_PLACE: Final = """
    REPLACE INTO objects (bucket_id, key, content_id, size_bytes, etag, crc64, content_type, modified_s, acl,
        user_metadata, headers)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(frozen=True, slots=True)
class Record:
    """An object's metadata and where its content lies."""

    meta: ObjectMeta
    content_id: str


class Records:
    """The tables of one store. May be used from any thread."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    # --- buckets -------------------------------------------------------------------------------------------

    def create_bucket(self, bucket: BucketMeta, acl: Acl | None, buckets_max: int) -> BucketMeta:
        """Add a bucket, or find it when its owner has it already; `acl` then replaces its own, if given.

        Raises:
            BucketAlreadyExists, TooManyBuckets: see `Buckets`.
        """
        with self._connections.writing() as connection:
            row = connection.execute(f"{_BUCKET} WHERE name = ?", [bucket.name]).fetchone()
            if row is None:
                (count,) = connection.execute("SELECT count(*) FROM buckets").fetchone()
                if count >= buckets_max:
                    raise TooManyBuckets
                connection.execute(
                    "INSERT INTO buckets (name, owner, acl, created_s) VALUES (?, ?, ?, ?)",
                    [bucket.name, bucket.owner, bucket.acl, int(bucket.created.timestamp())],
                )
            elif _bucket(row).owner != bucket.owner:
                raise BucketAlreadyExists
            elif acl is not None:
                connection.execute("UPDATE buckets SET acl = ? WHERE name = ?", [acl, bucket.name])
            return _bucket(connection.execute(f"{_BUCKET} WHERE name = ?", [bucket.name]).fetchone())

    def get_bucket(self, name: str) -> BucketMeta:
        """Describe a bucket."""
        with self._connections.reading() as connection:
            bucket_id = _bucket_id(connection, name)
            return _bucket(connection.execute(f"{_BUCKET} WHERE id = ?", [bucket_id]).fetchone())

    def list_buckets(self, prefix: str, marker: str, limit: int) -> BucketPage:
        """List buckets by name."""
        with self._connections.reading() as connection:
            buckets = [_bucket(row) for row in connection.execute(f"{_BUCKET} ORDER BY name")]
        found = [bucket for bucket in buckets if bucket.name.startswith(prefix) and bucket.name > marker]
        shown = tuple(found[:limit])
        return BucketPage(shown, shown[-1].name if len(found) > limit else "")

    def set_bucket_acl(self, name: str, acl: Acl) -> None:
        """Replace the ACL of a bucket."""
        with self._connections.writing() as connection:
            bucket_id = _bucket_id(connection, name)
            connection.execute("UPDATE buckets SET acl = ? WHERE id = ?", [acl, bucket_id])

    def delete_bucket(self, name: str) -> None:
        """Remove an empty bucket."""
        with self._connections.writing() as connection:
            bucket_id = _bucket_id(connection, name)
            if connection.execute("SELECT 1 FROM objects WHERE bucket_id = ? LIMIT 1", [bucket_id]).fetchone():
                raise BucketNotEmpty
            connection.execute("DELETE FROM buckets WHERE id = ?", [bucket_id])

    # --- objects -------------------------------------------------------------------------------------------

    def find(self, bucket: str, key: str) -> Record:
        """Look an object up.

        Raises:
            NoSuchKey: it does not exist.
        """
        encoded = key_bytes(key)
        with self._connections.reading() as connection:
            bucket_id = _bucket_id(connection, bucket)
            row = connection.execute(f"{_OBJECT} WHERE bucket_id = ? AND key = ?", [bucket_id, encoded]).fetchone()
        if row is None:
            raise NoSuchKey(details={"Key": key})
        return _record(row)

    def check_place(self, bucket: str, key: str, *, forbid_overwrite: bool) -> None:
        """Refuse a write early, before its body is read, when it could not be recorded as things are now.

        Raises:
            FileAlreadyExists: the key is taken and may not be overwritten.
        """
        encoded = key_bytes(key)
        with self._connections.reading() as connection:
            _replaced(connection, _bucket_id(connection, bucket), encoded, forbid_overwrite=forbid_overwrite)

    def place(self, bucket: str, record: Record, *, forbid_overwrite: bool) -> str | None:
        """Record an object. Return the id of the content that it replaces, which no record names any more.

        Raises:
            FileAlreadyExists: the key is taken and may not be overwritten.
        """
        meta = record.meta
        assert meta.crc64 is not None, "what comes in here has gone through a Fingerprinter"
        key = key_bytes(meta.key)
        with self._connections.writing() as connection:
            bucket_id = _bucket_id(connection, bucket)
            replaced = _replaced(connection, bucket_id, key, forbid_overwrite=forbid_overwrite)
            values = [
                *(bucket_id, key, record.content_id, meta.size_bytes, meta.etag),
                *(meta.crc64.to_bytes(_CRC64_BYTES, "big"), meta.content_type),
                *(int(meta.last_modified.timestamp()), meta.acl),
                *(json.dumps(dict(meta.user)), json.dumps(dict(meta.headers))),
            ]
            connection.execute(_PLACE, values)
        return replaced

    def set_object_acl(self, bucket: str, key: str, acl: Acl) -> None:
        """Replace the ACL of an object.

        Raises:
            NoSuchKey: it does not exist.
        """
        encoded = key_bytes(key)
        with self._connections.writing() as connection:
            bucket_id = _bucket_id(connection, bucket)
            changed = connection.execute(
                "UPDATE objects SET acl = ? WHERE bucket_id = ? AND key = ?", [acl, bucket_id, encoded]
            ).rowcount
            if not changed:
                raise NoSuchKey(details={"Key": key})

    def remove(self, bucket: str, keys: Sequence[bytes]) -> list[str]:
        """Forget objects. Return the ids of their contents, which no record names any more."""
        removed: list[str] = []
        with self._connections.writing() as connection:
            bucket_id = _bucket_id(connection, bucket)
            for key in keys:
                rows = connection.execute(
                    "DELETE FROM objects WHERE bucket_id = ? AND key = ? RETURNING content_id", [bucket_id, key]
                ).fetchall()
                removed.extend(content_id for (content_id,) in rows)
        return removed

    def list(self, bucket: str, query: ListQuery) -> ListPage:
        """Build one page of a listing."""
        with self._connections.reading() as connection:
            bucket_id = _bucket_id(connection, bucket)

            def scan(lower: bytes, upper: bytes | None, limit: int) -> Iterator[tuple[bytes, ObjectMeta]]:
                bound, values = ("", []) if upper is None else ("AND key < ?", [upper])
                rows = connection.execute(
                    f"{_OBJECT} WHERE bucket_id = ? AND key >= ? {bound} ORDER BY key LIMIT ?",
                    [bucket_id, lower, *values, limit],
                )
                return ((row[0], _record(row).meta) for row in rows)

            return list_page(query, scan)

    # --- state of the store --------------------------------------------------------------------------------

    def content_ids(self, shard: str) -> set[str]:
        """Give the ids of all recorded contents that begin with these two hex digits."""
        # "g" is the first letter behind the hex digits.
        with self._connections.reading() as connection:
            rows = connection.execute(
                "SELECT content_id FROM objects WHERE content_id >= ? AND content_id < ?", [shard, f"{shard}g"]
            )
            return {content_id for (content_id,) in rows}

    def is_clean(self) -> bool:
        """Tell whether the last process left no orphaned content."""
        with self._connections.reading() as connection:
            return bool(connection.execute("SELECT is_clean FROM state").fetchone()[0])

    def set_clean(self, *, is_clean: bool) -> None:
        """Note whether orphaned contents may lie about from now on; after an uncertain commit they always may."""
        is_clean = is_clean and not self._connections.has_uncertain_commit
        with self._connections.writing() as connection:
            connection.execute("UPDATE state SET is_clean = ?", [int(is_clean)])

    def close(self) -> None:
        """Close the database."""
        self._connections.close()


def _bucket_id(connection: sqlite3.Connection, name: str) -> int:
    # No bucket has a name beyond ASCII, and SQLite could not even be asked for one with lone surrogates.
    row = connection.execute("SELECT id FROM buckets WHERE name = ?", [name]).fetchone() if name.isascii() else None
    if row is None:
        raise NoSuchBucket(details={"BucketName": name})
    return int(row[0])


def _replaced(connection: sqlite3.Connection, bucket_id: int, key: bytes, *, forbid_overwrite: bool) -> str | None:
    row = connection.execute(
        "SELECT content_id FROM objects WHERE bucket_id = ? AND key = ?", [bucket_id, key]
    ).fetchone()
    if row is None:
        return None
    if forbid_overwrite:
        raise FileAlreadyExists
    return str(row[0])


def _bucket(row: tuple[str, str, int, str]) -> BucketMeta:
    name, acl, created_s, owner = row
    return BucketMeta(name, Acl(acl), datetime.fromtimestamp(created_s, UTC), owner)


def _record(row: tuple[bytes, str, int, str, bytes, str, int, str, str, str]) -> Record:
    key, content_id, size_bytes, etag, crc64, content_type, modified_s, acl, user, headers = row
    meta = ObjectMeta(
        key=key.decode("utf-8"),
        size_bytes=size_bytes,
        etag=etag,
        crc64=int.from_bytes(crc64, "big"),
        content_type=content_type,
        last_modified=datetime.fromtimestamp(modified_s, UTC),
        acl=Acl(acl),
        user=json.loads(user),
        headers=json.loads(headers),
    )
    return Record(meta, content_id)
