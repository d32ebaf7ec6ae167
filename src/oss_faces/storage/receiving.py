"""What is done to a body while it comes in, whatever store it goes to."""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fastcrc import crc64

from oss_faces.errors import EntityTooLarge, IncompleteBody, InvalidDigest
from oss_faces.values import Acl, ObjectHeaders, ObjectMeta, ObjectType

_MD5_BYTES = 16


class Announced(Protocol):
    """What a sender says of a body before it comes: every kind of specification has these, see `PutSpec`."""

    @property
    def content_md5(self) -> bytes | None:
        """MD5 that the body must have."""
        ...

    @property
    def size_bytes(self) -> int | None:
        """Length that it must have."""
        ...

    @property
    def size_bytes_max(self) -> int | None:
        """Length that it may have."""
        ...


class Described(Protocol):
    """What a writer says about an object."""

    @property
    def headers(self) -> ObjectHeaders:
        """Content type, user metadata and standard headers."""
        ...

    @property
    def acl(self) -> Acl:
        """Access control list of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Length and digests of a content: upper-case hex MD5 as `etag`, CRC-64/XZ as `crc64`."""

    size_bytes: int
    etag: str
    crc64: int


class Fingerprinter:
    """Computes a `Fingerprint` piece by piece."""

    def __init__(self) -> None:
        # The wire asks for MD5 as a name for the content, not as a safeguard against forgery.
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._crc64 = 0
        self._size_bytes = 0

    def add(self, block: bytes) -> None:
        """Take in the next bytes."""
        self._md5.update(block)
        self._crc64 = crc64.xz(block, self._crc64)
        self._size_bytes += len(block)

    def result(self) -> Fingerprint:
        """Tell length and digests of all bytes so far."""
        return Fingerprint(self._size_bytes, self._md5.hexdigest().upper(), self._crc64)


def check_announced(spec: Announced, object_bytes_max: int) -> None:
    """Refuse, before a byte is read, what cannot end well.

    Raises:
        InvalidDigest: the expected MD5 is not 16 bytes.
        EntityTooLarge: the announced length exceeds a limit.
    """
    if spec.content_md5 is not None and len(spec.content_md5) != _MD5_BYTES:
        raise InvalidDigest
    if spec.size_bytes is not None and spec.size_bytes > _limit(spec, object_bytes_max):
        raise EntityTooLarge(details={"ProposedSize": str(spec.size_bytes)})


async def blocks(
    body: AsyncIterator[bytes], spec: Announced, object_bytes_max: int, block_bytes: int
) -> AsyncGenerator[bytes, None]:
    """Join the pieces of a body to blocks of at least `block_bytes` (the last may be smaller), none empty.

    Raises:
        EntityTooLarge: as soon as more bytes have come than are allowed or announced.
    """
    limit = _limit(spec, object_bytes_max)
    if spec.size_bytes is not None:
        limit = min(limit, spec.size_bytes)
    received = 0
    waiting: list[bytes] = []
    waiting_bytes = 0
    async for piece in body:
        received += len(piece)
        if received > limit:
            raise EntityTooLarge(context={"limit_bytes": limit})
        waiting.append(piece)
        waiting_bytes += len(piece)
        if waiting_bytes >= block_bytes:
            yield b"".join(waiting)
            waiting, waiting_bytes = [], 0
    if waiting_bytes:
        yield b"".join(waiting)


def check_received(fingerprint: Fingerprint, spec: Announced) -> None:
    """Refuse a body that is not the one the sender meant.

    Raises:
        IncompleteBody: shorter than announced.
        InvalidDigest: its MD5 is another than the sender's.
    """
    if spec.size_bytes is not None and fingerprint.size_bytes < spec.size_bytes:
        raise IncompleteBody(context={"received_bytes": fingerprint.size_bytes, "announced_bytes": spec.size_bytes})
    if spec.content_md5 is not None and fingerprint.etag != spec.content_md5.hex().upper():
        raise InvalidDigest(
            "The Content-MD5 you specified did not match what we received.",
            context={"received": fingerprint.etag, "announced": spec.content_md5.hex().upper()},
        )


def describe(
    key: str,
    fingerprint: Fingerprint,
    spec: Described,
    now: datetime,
    object_type: ObjectType = ObjectType.NORMAL,
) -> ObjectMeta:
    """Put together what readers will be told about the object. `now` is aware UTC."""
    return ObjectMeta(
        key=key,
        size_bytes=fingerprint.size_bytes,
        etag=fingerprint.etag,
        crc64=fingerprint.crc64,
        content_type=spec.headers.content_type,
        last_modified=now.replace(microsecond=0),
        acl=spec.acl,
        user=dict(spec.headers.user),
        headers=dict(spec.headers.standard),
        object_type=object_type,
    )


def _limit(spec: Announced, object_bytes_max: int) -> int:
    return object_bytes_max if spec.size_bytes_max is None else min(spec.size_bytes_max, object_bytes_max)
