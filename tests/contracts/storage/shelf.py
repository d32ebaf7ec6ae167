"""The bucket, the clock and the small limits of the stores under test, and short ways to use them."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from oss_faces.storage import (
    ByteRange,
    ListQuery,
    ObjectStore,
    PutSpec,
)
from oss_faces.values import ObjectMeta

BUCKET = "examplebucket"
OWNER = "account"
NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
NOW_WHOLE_SECONDS = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
# Small, so that small contents already take several pieces.
CHUNK_BYTES = 16
OBJECT_BYTES_MAX = 200
PART_BYTES_MIN = 8
LIMITS = {
    "chunk_bytes": CHUNK_BYTES,
    "object_bytes_max": OBJECT_BYTES_MAX,
    "buckets_max": 4,
    "metadata_bytes_max": 64,
    "part_bytes_min": PART_BYTES_MIN,
    "multipart_bytes_max": 300,
    "uploads_max": 3,
    "unfinished_bytes_max": 500,
    "upload_days_max": 2,
}


class MovableClock:
    """Tells `NOW` until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()


async def put(store: ObjectStore, key: str, content: bytes, spec: PutSpec | None = None) -> ObjectMeta:
    return await store.put(BUCKET, key, pieces(content), spec or PutSpec())


async def get(store: ObjectStore, key: str, byte_range: ByteRange | None = None) -> bytes:
    async with await store.open(BUCKET, key) as opened:
        return b"".join([chunk async for chunk in opened.chunks(byte_range)])


async def keys_of(store: ObjectStore) -> list[str]:
    page = await store.list(BUCKET, ListQuery(max_keys=1000))
    return [meta.key for meta in page.objects]
