"""Keys kept in the state database."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, select, update

from oss_faces.access.keeping import KeyRecord, compose, no_such_parent, too_many
from oss_faces.access.keys import AccessKey
from oss_faces.access.tables import ACCESS_KEYS
from oss_faces.database import Database
from oss_faces.grants import Grant
from oss_faces.protocol.claims import Secret

_KEY: Final = ACCESS_KEYS
_TURN: Final = "access"
_PARENT: Final = ACCESS_KEYS.alias("parent")
# One statement for known, unknown, lasting and temporary ids: all take the same time.
_FIND: Final = (
    select(_KEY, _PARENT.c.grants.label("parent_grants"), _PARENT.c.is_enabled.label("parent_is_enabled"))
    .select_from(_KEY.outerjoin(_PARENT, _PARENT.c.access_key_id == _KEY.c.parent_id))
    .where(_KEY.c.access_key_id == bindparam("wanted"))
)
# Put together, and thrown away, for an unknown id: that costs as much as a key.
_NOBODY: Final = SimpleNamespace(
    access_key_id="",
    name="",
    grants=[[["oss:GetObject"], "a-bucket", "a/prefix/"]],
    created_s=0,
    is_enabled=True,
    parent_id=None,
    expires_s=None,
    secret="",
    token=None,
)


class DatabaseKeyStore:
    """Each call is one transaction; nothing is held back, so that a change by another process counts at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, access_key_id: str) -> AccessKey | None:
        """Return the key with this id."""
        return await self._database.run(self._find, access_key_id)

    async def add(self, record: KeyRecord, secret: Secret, token: Secret | None, keys_max: int) -> None:
        """Keep a new key; see `KeyStore.add`."""
        await self._database.run(self._add, record, secret, token, keys_max)

    async def list(self) -> tuple[KeyRecord, ...]:
        """List all keys, oldest first."""
        return await self._database.run(self._list)

    async def set_enabled(self, access_key_id: str, *, is_enabled: bool) -> bool:
        """Switch a key on or off; see `KeyStore.set_enabled`."""
        statement = update(_KEY).where(_KEY.c.access_key_id == access_key_id).values(is_enabled=is_enabled)
        return await self._database.run(self._change, statement) == 1

    async def delete(self, access_key_id: str) -> bool:
        """Remove a key and, by the rule of the table, what hangs on it; see `KeyStore.delete`."""
        statement = delete(_KEY).where(_KEY.c.access_key_id == access_key_id)
        return await self._database.run(self._change, statement) == 1

    async def sweep(self, before: datetime) -> int:
        """Remove what ended before this moment; see `KeyStore.sweep`."""
        statement = delete(_KEY).where(_KEY.c.expires_s < int(before.timestamp()))
        return await self._database.run(self._change, statement)

    def _find(self, access_key_id: str) -> AccessKey | None:
        with self._database.reading() as connection:
            row = connection.execute(_FIND, {"wanted": access_key_id}).one_or_none()
        key = _key(row if row is not None else _NOBODY)
        return key if row is not None else None

    def _add(self, record: KeyRecord, secret: Secret, token: Secret | None, keys_max: int) -> None:
        values = {
            "access_key_id": record.access_key_id,
            "secret": secret.reveal(),
            "name": record.name,
            "is_enabled": record.is_enabled,
            "created_s": int(record.created.timestamp()),
            "grants": [[list(grant.permissions), grant.bucket, grant.prefix] for grant in record.grants],
            "parent_id": record.parent_id or None,
            "token": token.reveal() if token else None,
            "expires_s": int(record.expires.timestamp()) if record.expires else None,
        }
        parents = select(_KEY.c.access_key_id).where(
            _KEY.c.access_key_id == record.parent_id, _KEY.c.parent_id.is_(None)
        )
        with self._database.writing(turn=_TURN) as connection:
            if connection.execute(select(func.count()).select_from(_KEY)).scalar_one() >= keys_max:
                raise too_many(keys_max)
            if record.parent_id and connection.execute(parents).first() is None:
                raise no_such_parent(record.parent_id)
            connection.execute(insert(_KEY).values(values))

    def _list(self) -> tuple[KeyRecord, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(select(_KEY).order_by(_KEY.c.created_s, _KEY.c.access_key_id)).all()
        return tuple(_record(row) for row in rows)

    def _change(self, statement: Any) -> int:
        with self._database.writing(turn=None) as connection:
            return connection.execute(statement).rowcount


def _key(row: Any) -> AccessKey:
    record, parent = _record(row), None
    if record.parent_id:
        grants = _grants(row.parent_grants)
        parent = KeyRecord(record.parent_id, "", grants, record.created, row.parent_is_enabled)
    return compose(record, Secret(row.secret), Secret(row.token) if row.token else None, parent)


def _record(row: Any) -> KeyRecord:
    return KeyRecord(
        row.access_key_id,
        row.name,
        _grants(row.grants),
        _moment(row.created_s),
        row.is_enabled,
        row.parent_id or "",
        _moment(row.expires_s) if row.expires_s is not None else None,
    )


def _grants(entries: list[Any]) -> tuple[Grant, ...]:
    return tuple(Grant(tuple(permissions), bucket, prefix) for permissions, bucket, prefix in entries)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
