"""Keys and buckets are names in every store; those that cannot be or are not there are told."""

import hashlib
from collections.abc import Awaitable, Callable

import pytest

from oss_faces.errors import (
    InvalidObjectName,
    NoSuchBucket,
    NoSuchKey,
)
from oss_faces.storage import (
    CopySpec,
    ListQuery,
    ObjectStore,
    PutSpec,
)
from oss_faces.values import Acl, Address
from tests.contracts.storage.shelf import BUCKET, get, keys_of, pieces, put

pytestmark = pytest.mark.anyio


AWKWARD_KEYS = [
    "..",
    ".",
    "../../../../etc/passwd",
    "/",
    "//",
    "/leading",
    "a//b",
    "a/",
    "a/./b",
    "a/../b",
    "a\\b",
    "照片/臉.jpg",
    "👩‍👩‍👧‍👦.png",
    "e\u0301",
    "\u00e9",
    "new\nline",
    "tab\tand\rreturn",
    "nul\0inside",
    "%2F",
    "a b+c",
    "'\"; DROP TABLE objects; --",
    "%_like*glob?",
    "\U0010ffff",
    "x" * 1023,
    "é" * 511,
    "a/" * 511,
]


@pytest.mark.needs("any key")
async def test_awkward_keys_are_only_names(store):
    """Keys that mean something to file systems, SQL or URLs are told apart, kept as they are, and found again."""
    for key in AWKWARD_KEYS:
        await put(store, key, hashlib.sha256(key.encode()).digest())
    for key in AWKWARD_KEYS:
        assert await get(store, key) == hashlib.sha256(key.encode()).digest()
        assert (await store.head(BUCKET, key)).key == key
    assert await keys_of(store) == sorted(AWKWARD_KEYS, key=lambda key: key.encode())
    await store.delete_many(BUCKET, AWKWARD_KEYS)
    assert await keys_of(store) == []


Call = Callable[[ObjectStore, str], Awaitable[object]]
ON_A_KEY: dict[str, Call] = {
    "put": lambda store, key: put(store, key, b""),
    "head": lambda store, key: store.head(BUCKET, key),
    "open": lambda store, key: store.open(BUCKET, key),
    "read": lambda store, key: store.read(BUCKET, key, 1),
    "set_object_acl": lambda store, key: store.set_object_acl(BUCKET, key, Acl.PRIVATE),
    "delete": lambda store, key: store.delete(BUCKET, key),
    "delete_many": lambda store, key: store.delete_many(BUCKET, ["good", key]),
    "copy from": lambda store, key: store.copy(Address(BUCKET, key), Address(BUCKET, "good"), CopySpec()),
    "copy to": lambda store, key: store.copy(Address(BUCKET, "good"), Address(BUCKET, key), CopySpec()),
}


@pytest.mark.parametrize("call", ON_A_KEY)
@pytest.mark.parametrize("key", ["", "x" * 1024, "é" * 512, "\ud800"], ids=["empty", "ascii", "utf-8", "surrogate"])
async def test_impossible_keys_are_refused(store, call, key):
    """Empty keys, keys of more than 1,023 bytes and keys outside UTF-8 are InvalidObjectName for every call."""
    await put(store, "good", b"")
    with pytest.raises(InvalidObjectName):
        await ON_A_KEY[call](store, key)
    assert await keys_of(store) == ["good"]


@pytest.mark.parametrize("call", ["head", "open", "read", "set_object_acl", "copy from"])
async def test_missing_key_is_told(store, call):
    """Whatever needs an object says NoSuchKey when there is none."""
    with pytest.raises(NoSuchKey):
        await ON_A_KEY[call](store, "missing")
    assert await keys_of(store) == []


ON_A_BUCKET: dict[str, Call] = {
    "get_bucket": lambda store, bucket: store.get_bucket(bucket),
    "set_bucket_acl": lambda store, bucket: store.set_bucket_acl(bucket, Acl.PRIVATE),
    "delete_bucket": lambda store, bucket: store.delete_bucket(bucket),
    "list": lambda store, bucket: store.list(bucket, ListQuery()),
    "put": lambda store, bucket: store.put(bucket, "key", pieces(b""), PutSpec()),
    "head": lambda store, bucket: store.head(bucket, "key"),
    "open": lambda store, bucket: store.open(bucket, "key"),
    "read": lambda store, bucket: store.read(bucket, "key", 1),
    "set_object_acl": lambda store, bucket: store.set_object_acl(bucket, "key", Acl.PRIVATE),
    "delete": lambda store, bucket: store.delete(bucket, "key"),
    "delete_many": lambda store, bucket: store.delete_many(bucket, ["key"]),
    "copy from": lambda store, bucket: store.copy(Address(bucket, "key"), Address(BUCKET, "key"), CopySpec()),
    "copy to": lambda store, bucket: store.copy(Address(BUCKET, "key"), Address(bucket, "key"), CopySpec()),
}


@pytest.mark.parametrize("call", ON_A_BUCKET)
@pytest.mark.parametrize("bucket", ["missing", "", "..", "Not A Name", "桶\0", "\ud800"])
async def test_missing_bucket_is_told(store, call, bucket):
    """Every call on a bucket that does not exist, or could not, says NoSuchBucket."""
    await put(store, "key", b"x")
    with pytest.raises(NoSuchBucket):
        await ON_A_BUCKET[call](store, bucket)
