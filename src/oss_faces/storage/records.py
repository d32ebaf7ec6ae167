"""Names and metadata of buckets and objects in SQLite. Everything here blocks."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from oss_faces.errors import (
    BucketAlreadyExists,
    BucketNotEmpty,
    NoSuchKey,
    PositionNotEqualToLength,
    TooManyBuckets,
)
from oss_faces.storage import rows
from oss_faces.storage.assembling import appended, check_appendable
from oss_faces.storage.base import BucketPage, ListPage, ListQuery
from oss_faces.storage.connections import Connections
from oss_faces.storage.listing import list_page
from oss_faces.storage.naming import key_bytes
from oss_faces.storage.receiving import Fingerprint
from oss_faces.storage.rows import Record
from oss_faces.values import Acl, BucketMeta, ObjectMeta

_CONTENT_IDS: Final = """
    SELECT content_id FROM objects WHERE content_id >= :first AND content_id < :behind
    UNION ALL SELECT content_id FROM pieces WHERE content_id >= :first AND content_id < :behind
    UNION ALL SELECT content_id FROM parts WHERE content_id >= :first AND content_id < :behind
"""
_BUCKET: Final = "SELECT name, acl, created_s, owner FROM buckets"


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
            bucket_id = rows.bucket_id(connection, name)
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
            bucket_id = rows.bucket_id(connection, name)
            connection.execute("UPDATE buckets SET acl = ? WHERE id = ?", [acl, bucket_id])

    def delete_bucket(self, name: str) -> None:
        """Remove an empty bucket."""
        with self._connections.writing() as connection:
            bucket_id = rows.bucket_id(connection, name)
            if connection.execute("SELECT 1 FROM objects WHERE bucket_id = ? LIMIT 1", [bucket_id]).fetchone():
                raise BucketNotEmpty
            if connection.execute("SELECT 1 FROM uploads WHERE bucket_id = ? LIMIT 1", [bucket_id]).fetchone():
                raise BucketNotEmpty("The bucket has multipart uploads. Please complete or abort them first.")
            connection.execute("DELETE FROM buckets WHERE id = ?", [bucket_id])

    # --- objects -------------------------------------------------------------------------------------------

    def find(self, bucket: str, key: str) -> Record:
        """Look an object up.

        Raises:
            NoSuchKey: it does not exist.
        """
        encoded = key_bytes(key)
        with self._connections.reading() as connection:
            record = rows.find_object(connection, rows.bucket_id(connection, bucket), encoded)
        if record is None:
            raise NoSuchKey(details={"Key": key})
        return record

    def check_place(self, bucket: str, key: str, *, forbid_overwrite: bool) -> None:
        """Refuse a write early, before its body is read, when it could not be recorded as things are now.

        Raises:
            FileAlreadyExists: the key is taken and may not be overwritten.
        """
        encoded = key_bytes(key)
        with self._connections.reading() as connection:
            bucket_id = rows.bucket_id(connection, bucket)
            rows.check_free(connection, bucket_id, encoded, forbid_overwrite=forbid_overwrite)

    def place(self, bucket: str, record: Record, *, forbid_overwrite: bool) -> list[str]:
        """Record an object. Return the ids of the contents that it replaces, which no record names any more.

        Raises:
            FileAlreadyExists: the key is taken and may not be overwritten.
        """
        key = key_bytes(record.meta.key)
        with self._connections.writing() as connection:
            bucket_id = rows.bucket_id(connection, bucket)
            rows.check_free(connection, bucket_id, key, forbid_overwrite=forbid_overwrite)
            return rows.place_object(connection, bucket_id, key, record)

    def place_first(self, bucket: str, record: Record) -> None:
        """Record an object that appending begins.

        Raises:
            PositionNotEqualToLength, ObjectNotAppendable: the key was taken meanwhile.
        """
        key = key_bytes(record.meta.key)
        with self._connections.writing() as connection:
            bucket_id = rows.bucket_id(connection, bucket)
            found = rows.find_object(connection, bucket_id, key)
            check_appendable(None if found is None else found.meta, 0)
            if found is not None:
                raise PositionNotEqualToLength(context={"length": 0})
            rows.place_object(connection, bucket_id, key, record)

    def extend(self, bucket: str, before: Record, piece: Fingerprint, now: datetime) -> ObjectMeta | None:
        """Record that a content has become longer; None when its object is no longer there.

        Raises:
            PositionNotEqualToLength, ObjectNotAppendable: another piece came first.
        """
        key = key_bytes(before.meta.key)
        with self._connections.writing() as connection:
            bucket_id = rows.bucket_id(connection, bucket)
            found = rows.find_object(connection, bucket_id, key)
            if found is None or found.content_id != before.content_id:
                return None
            check_appendable(found.meta, before.meta.size_bytes)
            after = appended(found.meta, piece, now)
            rows.place_object(connection, bucket_id, key, Record(after, found.content_id))
            return after

    def set_object_acl(self, bucket: str, key: str, acl: Acl) -> None:
        """Replace the ACL of an object.

        Raises:
            NoSuchKey: it does not exist.
        """
        encoded = key_bytes(key)
        with self._connections.writing() as connection:
            bucket_id = rows.bucket_id(connection, bucket)
            changed = connection.execute(
                "UPDATE objects SET acl = ? WHERE bucket_id = ? AND key = ?", [acl, bucket_id, encoded]
            ).rowcount
            if not changed:
                raise NoSuchKey(details={"Key": key})

    def remove(self, bucket: str, keys: Sequence[bytes]) -> list[str]:
        """Forget objects. Return the ids of their contents, which no record names any more."""
        removed: list[str] = []
        with self._connections.writing() as connection:
            bucket_id = rows.bucket_id(connection, bucket)
            for key in keys:
                removed.extend(rows.remove_object(connection, bucket_id, key))
        return removed

    def list(self, bucket: str, query: ListQuery) -> ListPage:
        """Build one page of a listing."""
        with self._connections.reading() as connection:
            bucket_id = rows.bucket_id(connection, bucket)

            def scan(lower: bytes, upper: bytes | None, limit: int) -> Iterator[tuple[bytes, ObjectMeta]]:
                bound, values = ("", []) if upper is None else ("AND key < ?", [upper])
                found = connection.execute(
                    f"{rows.OBJECT} WHERE bucket_id = ? AND key >= ? {bound} ORDER BY key LIMIT ?",
                    [bucket_id, lower, *values, limit],
                )
                return ((row[0], rows.record_of(row).meta) for row in found)

            return list_page(query, scan)

    # --- state of the store --------------------------------------------------------------------------------

    def content_ids(self, shard: str) -> set[str]:
        """Give the ids of all recorded contents that begin with these two hex digits."""
        # "g" is the first letter behind the hex digits.
        with self._connections.reading() as connection:
            found = connection.execute(_CONTENT_IDS, {"first": shard, "behind": f"{shard}g"})
            return {content_id for (content_id,) in found}

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


def _bucket(row: tuple[str, str, int, str]) -> BucketMeta:
    name, acl, created_s, owner = row
    return BucketMeta(name, Acl(acl), datetime.fromtimestamp(created_s, UTC), owner)
