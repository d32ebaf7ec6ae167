"""Copying, deleting and ACLs in every store."""

import pytest

from oss_faces.errors import (
    FileAlreadyExists,
    InvalidArgument,
    NoSuchKey,
    PreconditionFailed,
)
from oss_faces.storage import (
    CopySpec,
    PutSpec,
)
from oss_faces.values import Acl, Address, ObjectHeaders
from tests.contracts.storage.shelf import BUCKET, OWNER, get, keys_of, put

pytestmark = pytest.mark.anyio


@pytest.mark.needs("metadata", "every header", "object ACLs")
async def test_copy_keeps_content_and_headers_but_not_the_acl(store):
    """A copy has the content, digests and headers of its source, and the ACL that was asked for."""
    headers = ObjectHeaders("image/png", {"a": "b"}, {"cache-control": "no-cache"})
    await store.create_bucket("otherbucket", OWNER)
    source = await put(store, "key", bytes(100), PutSpec(headers=headers, acl=Acl.PUBLIC_READ))
    copy = await store.copy(Address(BUCKET, "key"), Address("otherbucket", "copy"), CopySpec())
    assert (copy.key, copy.acl) == ("copy", Acl.DEFAULT)
    assert (copy.etag, copy.crc64, copy.size_bytes) == (source.etag, source.crc64, source.size_bytes)
    assert (copy.content_type, copy.user, copy.headers) == (source.content_type, source.user, source.headers)
    assert await store.read("otherbucket", "copy", 100) == (copy, bytes(100))
    assert await store.head(BUCKET, "key") == source


@pytest.mark.needs("metadata", "every header", "object ACLs")
async def test_copy_onto_itself_changes_the_headers(store):
    """Copying an object over itself with new headers replaces all of them and keeps the content."""
    headers = ObjectHeaders("text/plain", {"old": "1"}, {"expires": "0"})
    await put(store, "key", bytes(100), PutSpec(headers=headers))
    spec = CopySpec(headers=ObjectHeaders("image/jpeg", {"new": "2"}), acl=Acl.PRIVATE)
    copy = await store.copy(Address(BUCKET, "key"), Address(BUCKET, "key"), spec)
    assert (copy.content_type, copy.user, copy.headers, copy.acl) == ("image/jpeg", {"new": "2"}, {}, Acl.PRIVATE)
    assert await store.read(BUCKET, "key", 100) == (copy, bytes(100))


async def test_copy_of_an_empty_object(store):
    """An object without content can be copied."""
    await put(store, "key", b"")
    copy = await store.copy(Address(BUCKET, "key"), Address(BUCKET, "copy"), CopySpec())
    assert copy.size_bytes == 0


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        (CopySpec(source_etag="0" * 32), PreconditionFailed),
        (CopySpec(forbid_overwrite=True), FileAlreadyExists),
        (CopySpec(headers=ObjectHeaders(user={"a": "v" * 64})), InvalidArgument),
    ],
)
async def test_refused_copy_changes_nothing(store, spec, error):
    """A copy that may not be made leaves the target as it was."""
    await put(store, "key", b"source")
    await put(store, "target", b"target")
    with pytest.raises(error):
        await store.copy(Address(BUCKET, "key"), Address(BUCKET, "target"), spec)
    assert await get(store, "target") == b"target"


async def test_copy_with_the_right_etag_and_a_free_key(store):
    """Conditions that hold do not stand in the way."""
    source = await put(store, "key", b"source")
    spec = CopySpec(source_etag=source.etag, forbid_overwrite=True)
    await store.copy(Address(BUCKET, "key"), Address(BUCKET, "target"), spec)
    assert await get(store, "target") == b"source"


@pytest.mark.needs("object ACLs")
async def test_object_acl_can_be_replaced(store):
    """Setting the ACL changes it and nothing else."""
    meta = await put(store, "key", b"content")
    await store.set_object_acl(BUCKET, "key", Acl.PUBLIC_READ_WRITE)
    changed = await store.head(BUCKET, "key")
    assert changed.acl == Acl.PUBLIC_READ_WRITE
    await store.set_object_acl(BUCKET, "key", Acl.DEFAULT)
    assert await store.head(BUCKET, "key") == meta
    assert await get(store, "key") == b"content"


async def test_deleted_object_is_gone(store):
    """A deleted object cannot be found, and deleting it again is no error."""
    await put(store, "key", b"content")
    await store.delete(BUCKET, "key")
    await store.delete(BUCKET, "key")
    with pytest.raises(NoSuchKey):
        await store.head(BUCKET, "key")
    assert await keys_of(store) == []


async def test_many_objects_are_deleted_together(store):
    """`delete_many` removes those that exist, takes missing and repeated keys, and leaves the others."""
    for key in ("a", "b", "c"):
        await put(store, key, b"content")
    await store.delete_many(BUCKET, [])
    await store.delete_many(BUCKET, ["a", "missing", "c", "a"])
    assert await keys_of(store) == ["b"]
