"""Buckets of every store."""

import pytest

from oss_faces.errors import (
    BucketAlreadyExists,
    BucketNotEmpty,
    InvalidBucketName,
    NoSuchBucket,
    TooManyBuckets,
)
from oss_faces.storage import (
    PutSpec,
)
from oss_faces.values import Acl, BucketMeta
from tests.contracts.storage.shelf import BUCKET, NOW_WHOLE_SECONDS, OWNER, keys_of, pieces, put

pytestmark = pytest.mark.anyio


async def test_new_bucket_is_private(store):
    """A bucket is created private, with its owner and the time in whole seconds."""
    expected = BucketMeta(BUCKET, Acl.PRIVATE, NOW_WHOLE_SECONDS, OWNER)
    assert await store.get_bucket(BUCKET) == expected
    assert (await store.list_buckets()).buckets == (expected,)


@pytest.mark.needs("a bucket of the wire")
async def test_creating_ones_own_bucket_again_keeps_it(store):
    """Creating a bucket again is no error, keeps its objects, and changes the ACL only when one is given."""
    await put(store, "key", b"content")
    created = await store.create_bucket(BUCKET, OWNER, Acl.PUBLIC_READ)
    assert created.acl == Acl.PUBLIC_READ
    assert await store.create_bucket(BUCKET, OWNER) == created
    assert await store.get_bucket(BUCKET) == created
    assert await keys_of(store) == ["key"]


@pytest.mark.needs("a bucket of the wire")
async def test_bucket_of_another_owner_is_refused(store):
    """A name that someone else has cannot be taken."""
    with pytest.raises(BucketAlreadyExists):
        await store.create_bucket(BUCKET, "someone else", Acl.PUBLIC_READ)
    assert (await store.get_bucket(BUCKET)).acl == Acl.PRIVATE


@pytest.mark.parametrize("name", ["abc", "123", "a-b", "x" * 63])
async def test_good_bucket_names(store, name):
    """Names within the rules are taken."""
    assert (await store.create_bucket(name, OWNER)).name == name


@pytest.mark.parametrize(
    "name", ["", "ab", "x" * 64, "Abc", "a_b", "a.b", "-ab", "ab-", "a b", "abc\n", "äbc", "../x", "a/b"]
)
async def test_bad_bucket_names(store, name):
    """Names outside the rules are InvalidBucketName."""
    with pytest.raises(InvalidBucketName):
        await store.create_bucket(name, OWNER)


@pytest.mark.needs("a bucket of the wire")
async def test_buckets_are_limited(store):
    """Beyond the limit no bucket is made, but one's own is still found."""
    for name in ("aaa", "bbb", "ccc"):
        await store.create_bucket(name, OWNER)
    with pytest.raises(TooManyBuckets):
        await store.create_bucket("ddd", OWNER)
    assert (await store.create_bucket("aaa", OWNER)).name == "aaa"
    assert len((await store.list_buckets()).buckets) == 4


async def test_buckets_are_listed_by_name_in_pages(store):
    """Buckets come by name, behind the marker, with the prefix, in pages that join without gap or repetition."""
    for name in ("b-two", "a-one", "b-one"):
        await store.create_bucket(name, OWNER)

    async def names(prefix: str = "", marker: str = "", limit: int = 1000) -> tuple[list[str], str]:
        page = await store.list_buckets(prefix, marker, limit)
        assert page.is_truncated == bool(page.next_marker)
        return [bucket.name for bucket in page.buckets], page.next_marker

    assert await names() == (["a-one", "b-one", "b-two", BUCKET], "")
    assert await names(limit=3) == (["a-one", "b-one", "b-two"], "b-two")
    assert await names(marker="b-two") == ([BUCKET], "")
    assert await names(prefix="b-") == (["b-one", "b-two"], "")
    assert await names(prefix="b-", limit=1) == (["b-one"], "b-one")
    assert await names(prefix="b-", marker="b-one", limit=1) == (["b-two"], "")
    assert await names(prefix="\0") == ([], "")
    assert await names(prefix="\ud800", marker="\ud800") == ([], "")


@pytest.mark.needs("a bucket of the wire")
async def test_bucket_acl_can_be_replaced(store):
    """Setting the ACL of a bucket changes it and nothing else."""
    before = await store.get_bucket(BUCKET)
    await store.set_bucket_acl(BUCKET, Acl.PUBLIC_READ_WRITE)
    after = await store.get_bucket(BUCKET)
    assert after == BucketMeta(before.name, Acl.PUBLIC_READ_WRITE, before.created, before.owner)


@pytest.mark.needs("a bucket of the wire")
async def test_only_empty_buckets_are_deleted(store):
    """A bucket with objects stays; an empty one goes, and its name is free for anyone."""
    await put(store, "key", b"content")
    with pytest.raises(BucketNotEmpty):
        await store.delete_bucket(BUCKET)
    await store.delete(BUCKET, "key")
    await store.delete_bucket(BUCKET)
    with pytest.raises(NoSuchBucket):
        await store.get_bucket(BUCKET)
    assert (await store.create_bucket(BUCKET, "someone else")).owner == "someone else"


async def test_buckets_do_not_share_keys(store):
    """The same key in two buckets is two objects."""
    await store.create_bucket("otherbucket", OWNER)
    await put(store, "key", b"one")
    await store.put("otherbucket", "key", pieces(b"two"), PutSpec())
    await store.delete(BUCKET, "key")
    assert (await store.read("otherbucket", "key", 3))[1] == b"two"
