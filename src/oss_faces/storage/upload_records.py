"""Multipart uploads and their parts in SQLite. Everything here blocks."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from oss_faces.errors import EntityTooLarge, InvalidArgument, NoSuchUpload
from oss_faces.storage import rows
from oss_faces.storage.assembling import choose_parts, fingerprint_of_parts
from oss_faces.storage.connections import Connections
from oss_faces.storage.naming import key_bytes
from oss_faces.storage.receiving import describe
from oss_faces.storage.rows import Piece, Record
from oss_faces.storage.settings import StorageLimits
from oss_faces.storage.uploads import CompleteSpec, PartPage, PartQuery, UploadPage, UploadQuery, UploadSpec
from oss_faces.storage.uploads_listing import upload_page
from oss_faces.values import Acl, ObjectMeta, ObjectType, Part, Upload

_PART: Final = "SELECT number, size_bytes, etag, crc64, modified_s FROM parts"


class UploadRecords:
    """The tables of the uploads of one store. May be used from any thread."""

    def __init__(self, connections: Connections, limits: StorageLimits) -> None:
        self._connections = connections
        self._limits = limits

    def begin(self, bucket: str, upload: Upload, spec: UploadSpec) -> None:
        """Note a new upload.

        Raises:
            FileAlreadyExists, InvalidArgument: see `MultipartUploads`.
        """
        key = key_bytes(upload.key)
        with self._connections.writing() as connection:
            bucket_id = rows.bucket_id(connection, bucket)
            rows.check_free(connection, bucket_id, key, forbid_overwrite=spec.forbid_overwrite)
            (count,) = connection.execute("SELECT count(*) FROM uploads").fetchone()
            if count >= self._limits.uploads_max:
                raise InvalidArgument("Too many multipart uploads are under way. Complete or abort some first.")
            values = [
                *(upload.upload_id, bucket_id, key, int(upload.started.timestamp()), spec.acl),
                *(spec.headers.content_type, json.dumps(dict(spec.headers.user))),
                json.dumps(dict(spec.headers.standard)),
            ]
            connection.execute(
                "INSERT INTO uploads (id, bucket_id, key, started_s, acl, content_type, user_metadata, headers)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def check(self, bucket: str, key: str, upload_id: str) -> None:
        """Refuse a part early, before its body is read, when there is no such upload.

        Raises:
            NoSuchUpload: there is none.
        """
        with self._connections.reading() as connection:
            _check_upload(connection, bucket, key, upload_id)

    def place_part(self, bucket: str, key: str, upload_id: str, part: Part, content_id: str) -> list[str]:
        """Record a part. Return the ids of the contents that it replaces.

        Raises:
            NoSuchUpload: the upload ended meanwhile.
            EntityTooLarge: see `MultipartUploads`.
        """
        with self._connections.writing() as connection:
            _check_upload(connection, bucket, key, upload_id)
            replaced = connection.execute(
                "DELETE FROM parts WHERE upload_id = ? AND number = ? RETURNING content_id", [upload_id, part.number]
            ).fetchall()
            (unfinished,) = connection.execute("SELECT coalesce(sum(size_bytes), 0) FROM parts").fetchone()
            if unfinished + part.size_bytes > self._limits.unfinished_bytes_max:
                raise EntityTooLarge("The parts of unfinished uploads would take more space than they may.")
            connection.execute(
                "INSERT INTO parts (upload_id, number, content_id, size_bytes, etag, crc64, modified_s)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    *(upload_id, part.number, content_id, part.size_bytes, part.etag, rows.crc64_bytes(part.crc64)),
                    int(part.last_modified.timestamp()),
                ],
            )
        return [replaced_id for (replaced_id,) in replaced]

    def complete(
        self, bucket: str, key: str, upload_id: str, spec: CompleteSpec, content_id: str, now: datetime
    ) -> tuple[ObjectMeta, list[str]]:
        """Turn an upload into an object. Return it and the ids of contents that no record names any more.

        Raises:
            NoSuchUpload and what `choose_parts` raises; FileAlreadyExists.
        """
        encoded = key_bytes(key)
        with self._connections.writing() as connection:
            bucket_id = _check_upload(connection, bucket, key, upload_id)
            rows.check_free(connection, bucket_id, encoded, forbid_overwrite=spec.forbid_overwrite)
            found = connection.execute(f"{_PART} WHERE upload_id = ?", [upload_id]).fetchall()
            uploaded = {part.number: part for part in map(_part, found)}
            parts = choose_parts(uploaded, spec.parts, self._limits.part_bytes_min, self._limits.multipart_bytes_max)
            meta = describe(key, fingerprint_of_parts(parts), _described(connection, upload_id), now)
            acl = meta.acl if spec.acl is None else spec.acl
            meta = replace(meta, acl=acl, object_type=ObjectType.MULTIPART)
            contents = _end(connection, upload_id)
            pieces = tuple(Piece(contents.pop(part.number), part.size_bytes) for part in parts)
            replaced = rows.place_object(connection, bucket_id, encoded, Record(meta, content_id, pieces))
        return meta, [*replaced, *contents.values()]

    def abort(self, bucket: str, key: str, upload_id: str) -> list[str]:
        """Forget an upload. Return the ids of the contents of its parts."""
        with self._connections.writing() as connection:
            _check_upload(connection, bucket, key, upload_id)
            return list(_end(connection, upload_id).values())

    def expire(self, before: datetime) -> tuple[int, list[str]]:
        """Forget all uploads that began before. Return how many, and the ids of the contents of their parts."""
        with self._connections.writing() as connection:
            expired = connection.execute(
                "SELECT id FROM uploads WHERE started_s < ?", [int(before.timestamp())]
            ).fetchall()
            contents = [content_id for (upload_id,) in expired for content_id in _end(connection, upload_id).values()]
        return len(expired), contents

    def list_parts(self, bucket: str, key: str, upload_id: str, query: PartQuery) -> PartPage:
        """List parts by number."""
        with self._connections.reading() as connection:
            _check_upload(connection, bucket, key, upload_id)
            found = connection.execute(
                f"{_PART} WHERE upload_id = ? AND number > ? ORDER BY number LIMIT ?",
                [upload_id, query.marker, query.max_parts + 1],
            ).fetchall()
        parts = tuple(_part(row) for row in found[: query.max_parts])
        return PartPage(parts, parts[-1].number if len(found) > query.max_parts else 0)

    def list_uploads(self, bucket: str, query: UploadQuery) -> UploadPage:
        """List the uploads of a bucket; their number is bounded."""
        with self._connections.reading() as connection:
            found = connection.execute(
                "SELECT key, id, started_s FROM uploads WHERE bucket_id = ?", [rows.bucket_id(connection, bucket)]
            ).fetchall()
        uploads: Iterable[Upload] = (
            Upload(key.decode(), upload_id, rows.moment_of(started_s)) for key, upload_id, started_s in found
        )
        return upload_page(uploads, query)


def _check_upload(connection: sqlite3.Connection, bucket: str, key: str, upload_id: str) -> int:
    bucket_id = rows.bucket_id(connection, bucket)
    encoded = key_bytes(key)
    row = None
    if upload_id.isascii():
        row = connection.execute(
            "SELECT 1 FROM uploads WHERE id = ? AND bucket_id = ? AND key = ?", [upload_id, bucket_id, encoded]
        ).fetchone()
    if row is None:
        raise NoSuchUpload(details={"UploadId": upload_id})
    return bucket_id


def _described(connection: sqlite3.Connection, upload_id: str) -> UploadSpec:
    acl, *columns = connection.execute(
        "SELECT acl, content_type, user_metadata, headers FROM uploads WHERE id = ?", [upload_id]
    ).fetchone()
    return UploadSpec(rows.headers_of(*columns), Acl(acl))


def _end(connection: sqlite3.Connection, upload_id: str) -> dict[int, str]:
    """Forget an upload. Return the contents of its parts by number."""
    contents = connection.execute(
        "DELETE FROM parts WHERE upload_id = ? RETURNING number, content_id", [upload_id]
    ).fetchall()
    connection.execute("DELETE FROM uploads WHERE id = ?", [upload_id])
    return dict(contents)


def _part(row: tuple[int, int, str, bytes, int]) -> Part:
    number, size_bytes, etag, crc64, modified_s = row
    return Part(number, size_bytes, etag, rows.crc64_of(crc64), rows.moment_of(modified_s))
