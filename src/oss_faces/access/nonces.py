"""The nonces of requests that were answered, so that no request is answered twice."""

import hashlib
from collections import OrderedDict
from datetime import datetime
from typing import Final, Protocol

_DIGEST_BYTES: Final = 16
"""Enough that no two nonces ever look alike, and the same for short and long ones."""


class Nonces(Protocol):
    """Remembers nonces for as long as a request with one of them could still be accepted."""

    def use(self, access_key_id: str, nonce: str, until: datetime, now: datetime) -> bool:
        """Take a nonce; False when this key has used it before.

        Args:
            until: aware UTC; after it a request with this nonce is refused for its age.
        """
        ...


class MemoryNonces:
    """Nonces held in memory: at most `count_max`, the oldest are forgotten first. A new start begins anew."""

    def __init__(self, count_max: int) -> None:
        self._count_max = count_max
        self._until: OrderedDict[bytes, datetime] = OrderedDict()

    def use(self, access_key_id: str, nonce: str, until: datetime, now: datetime) -> bool:
        """Take a nonce; see `Nonces.use`."""
        entry = hashlib.blake2b(f"{access_key_id}\n{nonce}".encode(), digest_size=_DIGEST_BYTES).digest()
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
