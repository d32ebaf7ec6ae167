"""Making keys, and taking them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from oss_faces.access.keeping import Clock, KeyRecord, KeyStore
from oss_faces.access.keys import AccessKey, new_key, new_temporary_key
from oss_faces.errors import ConfigurationError
from oss_faces.grants import ANY, Grant

NAME_CHARACTERS_MAX: Final = 64
GRANTS_MAX: Final = 32
KEYS_MAX: Final = 10_000
"""Lasting and temporary ones together. Each request reads one; a listing reads all."""

DURATION_MAX: Final = timedelta(days=7)
"""As long as the longest presigned URL; AssumeRole of the real service ends at 12 hours."""

KEPT_AFTER_END: Final = timedelta(days=1)
"""For so long credentials that have ended are known, so that their holder is told that they have."""


@dataclass(frozen=True, slots=True)
class KeyIssuer:
    """What the owner of the server does with keys. A secret leaves it once, when its key is made."""

    store: KeyStore
    now: Clock

    async def create(self, name: str, grants: Sequence[Grant]) -> AccessKey:
        """Make a lasting key.

        Raises:
            ConfigurationError: a bad name, too many grants, or too many keys.
        """
        if len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
            raise ConfigurationError(f"a name has at most {NAME_CHARACTERS_MAX} printable characters")
        key = new_key()
        await self.store.add(self._record(key, name, grants), key.secret, None, KEYS_MAX)
        return key

    async def assume(self, parent_id: str, duration: timedelta, grants: Sequence[Grant]) -> AccessKey:
        """Make temporary credentials with a lasting key.

        Args:
            grants: what they may do at most; all that the key may do when there are none.

        Raises:
            ConfigurationError: no such key, a bad duration, too many grants, or too many keys.
        """
        if not timedelta(seconds=1) <= duration <= DURATION_MAX:
            raise ConfigurationError("temporary credentials last from 1 second to 7 days")
        if not parent_id:
            raise ConfigurationError("temporary credentials need the id of a key")
        await self.sweep()
        key = new_temporary_key(parent_id, self._moment() + duration)
        record = self._record(key, "", grants or (Grant((ANY,)),))
        await self.store.add(record, key.secret, key.token, KEYS_MAX)
        return key

    async def list(self) -> Sequence[KeyRecord]:
        """List all keys, oldest first; their secrets are not told."""
        return await self.store.list()

    async def set_enabled(self, access_key_id: str, *, is_enabled: bool) -> None:
        """Switch a key on or off; counts from the next request.

        Raises:
            ConfigurationError: no such key.
        """
        if not await self.store.set_enabled(access_key_id, is_enabled=is_enabled):
            raise _unknown(access_key_id)

    async def delete(self, access_key_id: str) -> None:
        """Remove a key for good, and the temporary credentials made with it.

        Raises:
            ConfigurationError: no such key.
        """
        if not await self.store.delete(access_key_id):
            raise _unknown(access_key_id)

    async def sweep(self) -> int:
        """Forget temporary credentials that ended long ago. Return how many."""
        return await self.store.sweep(self._moment() - KEPT_AFTER_END)

    def _record(self, key: AccessKey, name: str, grants: Sequence[Grant]) -> KeyRecord:
        if len(grants) > GRANTS_MAX:
            raise ConfigurationError(f"a key has at most {GRANTS_MAX} grants; one grant may name many permissions")
        created = self._moment()
        return KeyRecord(key.access_key_id, name, tuple(grants), created, parent_id=key.parent_id, expires=key.expires)

    def _moment(self) -> datetime:
        return self.now().replace(microsecond=0)


def _unknown(access_key_id: str) -> ConfigurationError:
    return ConfigurationError(f"no such key: {access_key_id}; see `oss-faces keys list`")
