"""What the object operations do besides asking for permission."""

from contextlib import aclosing

import pytest

from oss_faces.errors import (
    FileAlreadyExists,
    InvalidDigest,
    InvalidRange,
    NoSuchBucket,
    NotModified,
    PreconditionFailed,
)
from oss_faces.grants import EVERYTHING, Permission
from oss_faces.operations import Buckets, Objects, OpenedObject
from oss_faces.request import (
    Conditions,
    CopyObject,
    DeleteObjects,
    ListBuckets,
    ListObjects,
    PutBucket,
    ReadObject,
    WantedRange,
    WriteObject,
)
from oss_faces.storage import ByteRange, ListQuery, MemoryStore
from oss_faces.storage.memory import MemoryObject
from oss_faces.values import Acl, Address, ObjectHeaders, Principal

pytestmark = pytest.mark.anyio

KEY = Principal("key", EVERYTHING)
PLACE = Address("private", "k")


async def body(content: bytes):
    yield content


def writing(**changes) -> WriteObject:
    fields = {
        "address": PLACE,
        "headers": ObjectHeaders("text/plain", {"a": "b"}, {"expires": "0"}),
        "acl": Acl.PUBLIC_READ,
        "size_bytes": None,
        "content_md5": None,
        "forbid_overwrite": False,
    }
    return WriteObject(**{**fields, **changes})


async def content_of(opened: OpenedObject) -> bytes:
    async with opened.content, aclosing(opened.content.chunks(opened.byte_range)) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_object_is_stored_with_everything_that_was_said(shelf: MemoryStore) -> None:
    """Headers, ACL and content come back as they were given."""
    objects = Objects(shelf)
    await objects.put(KEY, writing(), body(b"123456789"))
    opened = await objects.open(KEY, ReadObject(PLACE, Conditions()))
    assert opened.size_bytes == 9
    meta = opened.meta
    assert (meta.content_type, meta.user, meta.headers) == ("text/plain", {"a": "b"}, {"expires": "0"})
    assert (meta.acl, meta.etag, meta.crc64) == (
        Acl.PUBLIC_READ,
        "25F9E794323B453885F5181F1B624D0B",
        11051210869376104954,
    )
    assert await content_of(opened) == b"123456789"


async def test_what_was_announced_is_checked(shelf: MemoryStore) -> None:
    """A digest of another body and a key that is taken are refused."""
    objects = Objects(shelf)
    with pytest.raises(InvalidDigest):
        await objects.put(KEY, writing(content_md5=bytes(16)), body(b"x"))
    await objects.put(KEY, writing(), body(b"x"))
    with pytest.raises(FileAlreadyExists):
        await objects.put(KEY, writing(forbid_overwrite=True), body(b"y"))


@pytest.mark.parametrize(
    ("wanted", "byte_range", "content"),
    [
        (None, None, b"content"),
        (WantedRange(1, 2), ByteRange(1, 3), b"on"),
        (WantedRange(None, 2), ByteRange(5, 7), b"nt"),
        (WantedRange(5, 99), ByteRange(5, 7), b"nt"),
        (WantedRange(7, None), None, b"content"),
    ],
)
async def test_range_is_resolved_against_what_is_open(
    wanted: WantedRange | None, byte_range: ByteRange | None, content: bytes, shelf: MemoryStore
) -> None:
    """The part that is sent is known before the first byte; one that covers nothing is the whole object."""
    opened = await Objects(shelf).open(KEY, ReadObject(Address("private", "default"), Conditions(), wanted))
    assert opened.byte_range == byte_range
    assert opened.size_bytes == len(content)
    assert await content_of(opened) == content


class _Watched(MemoryStore):
    """Hands out objects that note whether they were let go."""

    def __init__(self, store: MemoryStore) -> None:
        self.__dict__ = store.__dict__
        self.closed = 0

    async def open(self, bucket: str, key: str) -> MemoryObject:
        opened, watcher = await super().open(bucket, key), self

        class Watched(MemoryObject):
            async def aclose(self) -> None:
                watcher.closed += 1

        return Watched(opened._stored, 4)


@pytest.mark.parametrize(
    ("want", "error"),
    [
        (ReadObject(Address("private", "default"), Conditions(if_match=("X",))), PreconditionFailed),
        (ReadObject(Address("private", "default"), Conditions(if_none_match=("*",))), NotModified),
        (ReadObject(Address("private", "default"), Conditions(), WantedRange(7, 9), strict_range=True), InvalidRange),
    ],
)
async def test_refused_read_lets_go_of_the_object(want: ReadObject, error: type[Exception], shelf: MemoryStore) -> None:
    """An object that was opened and is not sent is closed."""
    store = _Watched(shelf)
    with pytest.raises(error):
        await Objects(store).open(KEY, want)
    assert store.closed == 1


async def test_head_checks_the_conditions(shelf: MemoryStore) -> None:
    """HEAD is conditional like GET."""
    with pytest.raises(NotModified):
        await Objects(shelf).head(KEY, ReadObject(Address("private", "default"), Conditions(if_none_match=("*",))))


def copying(**changes) -> CopyObject:
    fields = {
        "address": Address("public-read", "copy"),
        "source": PLACE,
        "headers": None,
        "acl": Acl.DEFAULT,
        "conditions": Conditions(),
        "forbid_overwrite": False,
    }
    return CopyObject(**{**fields, **changes})


async def test_copy_takes_content_and_headers_but_not_the_acl(shelf: MemoryStore) -> None:
    """The copy is the source under another name, with an ACL of its own; its headers can be replaced."""
    objects = Objects(shelf)
    await objects.put(KEY, writing(), body(b"x"))
    kept = await objects.copy(KEY, copying())
    assert (kept.content_type, kept.user, kept.acl) == ("text/plain", {"a": "b"}, Acl.DEFAULT)
    replaced = await objects.copy(KEY, copying(headers=ObjectHeaders("image/png"), acl=Acl.PRIVATE))
    assert (replaced.content_type, replaced.user, replaced.acl) == ("image/png", {}, Acl.PRIVATE)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"conditions": Conditions(if_match=("X",))}, PreconditionFailed),
        ({"address": Address("private", "default"), "forbid_overwrite": True}, FileAlreadyExists),
        ({"address": Address("absent", "k")}, NoSuchBucket),
        ({"source": Address("absent", "k")}, NoSuchBucket),
    ],
)
async def test_copy_that_may_not_be_made_is_refused(
    changes: dict[str, object], error: type[Exception], shelf: MemoryStore
) -> None:
    """Conditions on the source, a taken key and missing buckets."""
    objects = Objects(shelf)
    await objects.put(KEY, writing(), body(b"x"))
    with pytest.raises(error):
        await objects.copy(KEY, copying(**changes))


async def test_deleting_is_done_when_nothing_is_there(shelf: MemoryStore) -> None:
    """A key that is absent is deleted already; a bucket that is absent is an error."""
    objects = Objects(shelf)
    await objects.delete(KEY, Address("private", "default"))
    await objects.delete(KEY, Address("private", "default"))
    await objects.delete_many(KEY, DeleteObjects("private", ("private", "missing"), quiet=True, encode_url=False))
    page = await shelf.list("private", ListQuery())
    assert [meta.key for meta in page.objects] == ["public-read", "public-read-write"]
    with pytest.raises(NoSuchBucket):
        await objects.delete(KEY, Address("absent", "k"))


async def test_list_passes_on_every_limit(shelf: MemoryStore) -> None:
    """Prefix, place and number reach the store."""
    want = ListObjects("private", 1, "p", "-", "private", "", None, 1, fetch_owner=False, encode_url=False)
    page = await Objects(shelf).list(KEY, want)
    assert page.common_prefixes == ("public-",)
    assert not page.objects
    assert not page.is_truncated


async def test_bucket_is_made_listed_changed_and_removed(shelf: MemoryStore) -> None:
    """The life of a bucket."""
    buckets = Buckets(shelf, "4711")
    made = await buckets.put(KEY, PutBucket("photos", None))
    assert (made.acl, made.owner) == (Acl.PRIVATE, "4711")
    assert (await buckets.put(KEY, PutBucket("photos", Acl.PUBLIC_READ))).acl is Acl.PUBLIC_READ
    await buckets.set_acl(KEY, "photos", Acl.PUBLIC_READ_WRITE)
    assert (await buckets.get(KEY, "photos", Permission.GET_BUCKET_INFO)).acl is Acl.PUBLIC_READ_WRITE
    page = await buckets.list(KEY, ListBuckets("p", "photo", 1))
    assert ([bucket.name for bucket in page.buckets], page.next_marker) == (["photos"], "photos")
    await buckets.delete(KEY, "photos")
    with pytest.raises(NoSuchBucket):
        await buckets.get(KEY, "photos", Permission.GET_BUCKET_INFO)
