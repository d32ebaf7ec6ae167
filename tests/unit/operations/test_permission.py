"""Who may do what: the whole table of anonymous callers, by the operations themselves."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from oss_faces.errors import AccessDenied, NoSuchKey
from oss_faces.grants import EVERYTHING, Permission
from oss_faces.operations import Buckets, Objects
from oss_faces.request import (
    Conditions,
    CopyObject,
    DeleteObjects,
    ListBuckets,
    ListObjects,
    PutBucket,
    ReadObject,
    WriteObject,
)
from oss_faces.storage import MemoryStore
from oss_faces.values import Acl, Address, ObjectHeaders, Principal

pytestmark = pytest.mark.anyio

BUCKET_ACLS = (Acl.PRIVATE, Acl.PUBLIC_READ, Acl.PUBLIC_READ_WRITE)
READABLE = {Acl.PUBLIC_READ, Acl.PUBLIC_READ_WRITE}


async def nothing() -> AsyncIterator[bytes]:
    for piece in ():
        yield piece


def reading(bucket: str, key: str) -> ReadObject:
    return ReadObject(Address(bucket, key), Conditions())


def writing(bucket: str, key: str) -> WriteObject:
    return WriteObject(Address(bucket, key), ObjectHeaders(), Acl.DEFAULT, None, None, forbid_overwrite=False)


def copying(source: Address, target: Address) -> CopyObject:
    return CopyObject(target, source, None, Acl.DEFAULT, Conditions(), forbid_overwrite=False)


async def is_allowed(call: Awaitable[object]) -> bool:
    try:
        await call
    except AccessDenied:
        return False
    return True


BucketCall = Callable[[Buckets, Principal, str], Awaitable[object]]
BUCKET_CALLS: dict[str, BucketCall] = {
    "list": lambda buckets, who, _: buckets.list(who, ListBuckets("", "", 100)),
    "put": lambda buckets, who, _: buckets.put(who, PutBucket("fresh", None)),
    "get": lambda buckets, who, name: buckets.get(who, name, Permission.GET_BUCKET_INFO),
    "set_acl": lambda buckets, who, name: buckets.set_acl(who, name, Acl.PUBLIC_READ),
    "delete": lambda buckets, who, _: buckets.delete(who, "empty"),
}


@pytest.mark.parametrize("acl", BUCKET_ACLS)
@pytest.mark.parametrize("call", BUCKET_CALLS.values(), ids=BUCKET_CALLS)
async def test_buckets_are_for_signed_callers(call: BucketCall, acl: Acl, shelf: MemoryStore) -> None:
    """No ACL opens an operation on a bucket itself to everyone; a key may do each."""
    await shelf.create_bucket("empty", "owner", acl)
    buckets = Buckets(shelf, "owner")
    assert not await is_allowed(call(buckets, Principal(), acl.value))
    assert (await shelf.get_bucket("empty")).acl is acl
    assert await is_allowed(call(buckets, Principal("key", EVERYTHING), acl.value))


@pytest.mark.parametrize("bucket_acl", BUCKET_ACLS)
@pytest.mark.parametrize("object_acl", list(Acl))
async def test_everyone_reads_what_is_public(bucket_acl: Acl, object_acl: Acl, shelf: MemoryStore) -> None:
    """The object's own ACL decides, else the bucket's, for GET and HEAD alike."""
    objects, want = Objects(shelf), reading(bucket_acl.value, object_acl.value)
    allowed = (bucket_acl if object_acl is Acl.DEFAULT else object_acl) in READABLE
    assert await is_allowed(objects.open(Principal(), want)) is allowed
    assert await is_allowed(objects.head(Principal(), want)) is allowed
    assert await is_allowed(objects.open(Principal("key", EVERYTHING), want))
    assert await is_allowed(objects.head(Principal("key", EVERYTHING), want))


@pytest.mark.parametrize("bucket_acl", BUCKET_ACLS)
async def test_stranger_does_not_learn_which_keys_exist(bucket_acl: Acl, shelf: MemoryStore) -> None:
    """A missing object of a private bucket is refused like one that is there."""
    objects, want = Objects(shelf), reading(bucket_acl.value, "missing")
    error = NoSuchKey if bucket_acl in READABLE else AccessDenied
    for read in (objects.open, objects.head):
        with pytest.raises(error):
            await read(Principal(), want)
        with pytest.raises(NoSuchKey):
            await read(Principal("key", EVERYTHING), want)


@pytest.mark.parametrize("bucket_acl", BUCKET_ACLS)
async def test_everyone_lists_what_is_public(bucket_acl: Acl, shelf: MemoryStore) -> None:
    """A listing needs a bucket that is readable by all."""
    objects = Objects(shelf)
    want = ListObjects(bucket_acl.value, 1, "", "", "", "", None, 100, fetch_owner=False, encode_url=False)
    assert await is_allowed(objects.list(Principal(), want)) is (bucket_acl in READABLE)
    assert await is_allowed(objects.list(Principal("key", EVERYTHING), want))


@pytest.mark.parametrize("bucket_acl", BUCKET_ACLS)
async def test_everyone_writes_only_where_all_may_write(bucket_acl: Acl, shelf: MemoryStore) -> None:
    """New objects, copies and deletions need public-read-write."""
    objects, bucket, allowed = Objects(shelf), bucket_acl.value, bucket_acl is Acl.PUBLIC_READ_WRITE
    source = Address("public-read", "default")
    calls: dict[str, Callable[[Principal], Awaitable[object]]] = {
        "put": lambda who: objects.put(who, writing(bucket, "new"), nothing()),
        "copy": lambda who: objects.copy(who, copying(source, Address(bucket, "copied"))),
        "delete": lambda who: objects.delete(who, Address(bucket, "default")),
        "delete_many": lambda who: objects.delete_many(
            who, DeleteObjects(bucket, ("default",), quiet=False, encode_url=False)
        ),
    }
    for name, call in calls.items():
        assert await is_allowed(call(Principal())) is allowed, name
    for name, call in calls.items():
        assert await is_allowed(call(Principal("key", EVERYTHING))), name


@pytest.mark.parametrize("object_acl", list(Acl))
async def test_own_acl_protects_an_object_where_everyone_writes(object_acl: Acl, shelf: MemoryStore) -> None:
    """In a public-read-write bucket a stranger neither replaces nor deletes an object that is not so itself."""
    objects, bucket, key = Objects(shelf), "public-read-write", object_acl.value
    allowed = object_acl in (Acl.DEFAULT, Acl.PUBLIC_READ_WRITE)
    source = Address("public-read", "default")
    assert await is_allowed(objects.put(Principal(), writing(bucket, key), nothing())) is allowed
    await shelf.set_object_acl(bucket, key, object_acl)
    assert await is_allowed(objects.copy(Principal(), copying(source, Address(bucket, key)))) is allowed
    await shelf.set_object_acl(bucket, key, object_acl)
    many = DeleteObjects(bucket, ("missing", key), quiet=False, encode_url=False)
    assert await is_allowed(objects.delete_many(Principal(), many)) is allowed
    if allowed:
        await shelf.add(bucket, key, acl=object_acl)
    assert await is_allowed(objects.delete(Principal(), Address(bucket, key))) is allowed


async def test_copy_needs_to_read_the_source(shelf: MemoryStore) -> None:
    """Whoever may not read an object may not copy it to where everyone reads."""
    objects, target = Objects(shelf), Address("public-read-write", "stolen")
    assert not await is_allowed(objects.copy(Principal(), copying(Address("private", "default"), target)))
    assert not await is_allowed(objects.copy(Principal(), copying(Address("public-read", "private"), target)))
    with pytest.raises(NoSuchKey):
        await shelf.head(target.bucket, target.key)


@pytest.mark.parametrize("bucket_acl", BUCKET_ACLS)
async def test_object_acl_is_for_signed_callers(bucket_acl: Acl, shelf: MemoryStore) -> None:
    """Nobody reads or changes an ACL without a key."""
    objects, address = Objects(shelf), Address(bucket_acl.value, "default")
    assert not await is_allowed(objects.acl(Principal(), address))
    assert not await is_allowed(objects.set_acl(Principal(), address, Acl.PUBLIC_READ_WRITE))
    assert await objects.acl(Principal("key", EVERYTHING), address) is Acl.DEFAULT
    await objects.set_acl(Principal("key", EVERYTHING), address, Acl.PRIVATE)
    assert await objects.acl(Principal("key", EVERYTHING), address) is Acl.PRIVATE


async def test_refusal_says_what_oss_says(shelf: MemoryStore) -> None:
    """The two texts of AccessDenied: never open to everyone, and not opened by the ACL."""
    with pytest.raises(AccessDenied, match=r"Anonymous access is forbidden for this operation\.") as never:
        await Buckets(shelf, "owner").get(Principal(), "public-read", Permission.GET_BUCKET_INFO)
    assert never.value.ec_value == "0003-00000905"
    with pytest.raises(AccessDenied, match="because of bucket acl") as closed:
        await Objects(shelf).head(Principal(), reading("private", "default"))
    assert closed.value.ec_value == "0003-00000001"
