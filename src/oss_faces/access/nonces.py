"""The nonces of requests that were answered, so that no request is answered twice."""

import hashlib
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from sqlalchemy import delete

from oss_faces.access.tables import NONCES
from oss_faces.database import Database, insert_into

_SWEEP: Final = timedelta(minutes=1)
_DIGEST_BYTES: Final = 16
"""Enough that no two nonces ever look alike, and the same for short and long ones."""


class Nonces(Protocol):
    """Remembers nonces for as long as a request with one of them could still be accepted."""

    async def use(self, access_key_id: str, nonce: str, until: datetime, now: datetime) -> bool:
        """Take a nonce; False when this key has used it before.

        Args:
            until: aware UTC; after it a request with this nonce is refused for its age.

        Raises:
            StorageUnavailable: it is not known whether it was used.
        """
        ...


class MemoryNonces:
    """Nonces held in memory: at most `count_max`, the oldest are forgotten first. A new start begins anew."""

    def __init__(self, count_max: int) -> None:
        self._count_max = count_max
        self._until: OrderedDict[bytes, datetime] = OrderedDict()

    async def use(self, access_key_id: str, nonce: str, until: datetime, now: datetime) -> bool:
        """Take a nonce; see `Nonces.use`."""
        entry = _digest(access_key_id, nonce)
        if entry in self._until:
            return False
        self._forget(now)
        self._until[entry] = until
        return True

    def __len__(self) -> int:
        return len(self._until)

    def _forget(self, now: datetime) -> None:
        """Drop what is over, from the oldest on, and more where there is no room for another."""
        while self._until:
            oldest, until = next(iter(self._until.items()))
            if until >= now and len(self._until) < self._count_max:
                return
            del self._until[oldest]


class DatabaseNonces:
    """Nonces in the state database, so that a request that one server has answered is refused by the others.

    What is over is removed once a minute, by whichever server comes to it, and a minute late: its clock may be ahead.
    They outlast the end of a server, but not a sudden end of the machine with the database: a nonce is not worth
    waiting for its disk.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        inserting = insert_into(NONCES, database.engine.dialect.name)
        self._insert = inserting.on_conflict_do_nothing().returning(NONCES.c.digest)
        self._swept = datetime.min.replace(tzinfo=UTC)

    async def use(self, access_key_id: str, nonce: str, until: datetime, now: datetime) -> bool:
        """Take a nonce; see `Nonces.use`."""
        # Up to the next second: it is remembered a little longer, never shorter.
        row = {"digest": _digest(access_key_id, nonce), "until_s": int(until.timestamp()) + 1}
        is_due = now - self._swept >= _SWEEP
        if is_due:
            self._swept = now

        def work() -> bool:
            with self._database.writing(sync=False, turn=None) as connection:
                is_new = connection.execute(self._insert, row).first() is not None
                if is_due:
                    connection.execute(delete(NONCES).where(NONCES.c.until_s < int((now - _SWEEP).timestamp())))
                return is_new

        return await self._database.run(work)


def _digest(access_key_id: str, nonce: str) -> bytes:
    return hashlib.blake2b(f"{access_key_id}\n{nonce}".encode(), digest_size=_DIGEST_BYTES).digest()
