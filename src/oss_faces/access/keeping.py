"""Keeping keys that are made, listed, switched off and removed while the server runs."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from oss_faces.access.keys import AccessKey, KeyRing
from oss_faces.errors import ConfigurationError
from oss_faces.grants import Grant, Rights
from oss_faces.protocol.claims import Secret

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as it is listed: all of it but what proves who one is.

    Attributes:
        name: the owner's own words, to know it by; may be empty.
        grants: of a lasting key, what it may do; of temporary credentials, what they may do at most.
        created: aware UTC, whole seconds.
        parent_id: for temporary credentials the lasting key that they were made with; else empty.
        expires: aware UTC end of temporary credentials, whole seconds; None for a lasting key.
    """

    access_key_id: str
    name: str
    grants: tuple[Grant, ...]
    created: datetime
    is_enabled: bool = True
    parent_id: str = ""
    expires: datetime | None = None


class KeyStore(KeyRing, Protocol):
    """A key ring whose keys come and go. What one call has changed, the next `find` of any process sees."""

    async def add(self, record: KeyRecord, secret: Secret, token: Secret | None, keys_max: int) -> None:
        """Keep a new key.

        Raises:
            ConfigurationError: there are `keys_max` keys already, or there is no such lasting key as `parent_id`.
        """

    async def list(self) -> tuple[KeyRecord, ...]:
        """List all keys, oldest first."""

    async def set_enabled(self, access_key_id: str, *, is_enabled: bool) -> bool:
        """Switch a key on or off, and with it the temporary credentials made with it. Return whether there is one."""

    async def delete(self, access_key_id: str) -> bool:
        """Remove a key, and the temporary credentials made with it. Return whether there was one."""

    async def sweep(self, before: datetime) -> int:
        """Remove temporary credentials that ended before this moment, a whole second. Return how many."""


def compose(record: KeyRecord, secret: Secret, token: Secret | None, parent: KeyRecord | None) -> AccessKey:
    """Put together what a request is judged by: temporary credentials never reach past the key they were made with."""
    within = Rights(parent.grants) if parent is not None else None
    return AccessKey(
        record.access_key_id,
        secret,
        token=token,
        expires=record.expires,
        rights=Rights(record.grants, within),
        parent_id=record.parent_id,
        is_enabled=record.is_enabled and (parent is None or parent.is_enabled),
    )


def too_many(keys_max: int) -> ConfigurationError:
    """Say that no further key can be kept."""
    return ConfigurationError(f"there are {keys_max} keys already; delete some first")


def no_such_parent(access_key_id: str) -> ConfigurationError:
    """Say that temporary credentials need a lasting key that was made here."""
    return ConfigurationError(
        f"no such key: {access_key_id}; temporary credentials are made with a lasting key of `oss-faces keys list`"
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    record: KeyRecord
    secret: Secret = field(repr=False)
    token: Secret | None = field(repr=False)


class MemoryKeyStore:
    """Keys held in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    async def find(self, access_key_id: str) -> AccessKey | None:
        """Return the key with this id."""
        kept = self._kept.get(access_key_id)
        if kept is None:
            return None
        parent = self._kept[kept.record.parent_id].record if kept.record.parent_id else None
        return compose(kept.record, kept.secret, kept.token, parent)

    async def add(self, record: KeyRecord, secret: Secret, token: Secret | None, keys_max: int) -> None:
        """Keep a new key; see `KeyStore.add`."""
        if len(self._kept) >= keys_max:
            raise too_many(keys_max)
        if record.parent_id and (record.parent_id not in self._kept or self._kept[record.parent_id].record.parent_id):
            raise no_such_parent(record.parent_id)
        self._kept[record.access_key_id] = _Kept(record, secret, token)

    async def list(self) -> tuple[KeyRecord, ...]:
        """List all keys, oldest first."""
        records = (kept.record for kept in self._kept.values())
        return tuple(sorted(records, key=lambda record: (record.created, record.access_key_id)))

    async def set_enabled(self, access_key_id: str, *, is_enabled: bool) -> bool:
        """Switch a key on or off; see `KeyStore.set_enabled`."""
        kept = self._kept.get(access_key_id)
        if kept is None:
            return False
        self._kept[access_key_id] = replace(kept, record=replace(kept.record, is_enabled=is_enabled))
        return True

    async def delete(self, access_key_id: str) -> bool:
        """Remove a key and what hangs on it; see `KeyStore.delete`."""
        if access_key_id not in self._kept:
            return False
        self._drop(lambda record: access_key_id in (record.access_key_id, record.parent_id))
        return True

    async def sweep(self, before: datetime) -> int:
        """Remove what ended before this moment; see `KeyStore.sweep`."""
        return self._drop(lambda record: record.expires is not None and record.expires < before)

    def _drop(self, goes: Callable[[KeyRecord], bool]) -> int:
        gone = [access_key_id for access_key_id, kept in self._kept.items() if goes(kept.record)]
        for access_key_id in gone:
            del self._kept[access_key_id]
        return len(gone)
