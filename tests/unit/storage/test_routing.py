"""Buckets that are fixed by the settings beside buckets of the wire."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from oss_faces.errors import BucketIsMounted, ConfigurationError, NoSuchBucket, NotImplementedOnServer
from oss_faces.storage import (
    AppendSpec,
    BodySpec,
    CompleteSpec,
    CopySpec,
    ListQuery,
    MemoryStore,
    Mount,
    PartQuery,
    PutSpec,
    RoutedStore,
    StorageLimits,
    UploadQuery,
    UploadSpec,
    route,
)
from oss_faces.values import Acl, Address, BucketMeta

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


async def body(content: bytes = b"new") -> AsyncIterator[bytes]:
    yield content


async def elsewhere(name: str) -> MemoryStore:
    """A store that stands for any place, with one object."""
    store = MemoryStore(StorageLimits(), lambda: NOW)
    await store.create_bucket(name, "owner")
    await store.put(name, "key", body(name.encode()), PutSpec())
    return store


@pytest.fixture
async def store() -> RoutedStore:
    """Buckets `fixed` (read-only) and `open-one` (writable) from elsewhere, `mine` of the wire."""
    own = await elsewhere("mine")
    mounts = {
        name: Mount(BucketMeta(name, Acl.PRIVATE, NOW, "owner"), await elsewhere(name), is_writable)
        for name, is_writable in (("fixed", False), ("open-one", True))
    }
    routed = await route(own, mounts)
    assert isinstance(routed, RoutedStore)
    return routed


WRITES = {
    "put": lambda store, bucket: store.put(bucket, "key", body(), PutSpec()),
    "delete": lambda store, bucket: store.delete(bucket, "key"),
    "delete_many": lambda store, bucket: store.delete_many(bucket, ["key"]),
    "copy": lambda store, bucket: store.copy(Address("mine", "key"), Address(bucket, "key"), CopySpec()),
    "copy within": lambda store, bucket: store.copy(Address(bucket, "key"), Address(bucket, "key2"), CopySpec()),
    "set_object_acl": lambda store, bucket: store.set_object_acl(bucket, "key", Acl.PUBLIC_READ),
}
IN_PIECES = {
    "begin_upload": lambda store, bucket: store.begin_upload(bucket, "key", UploadSpec()),
    "put_part": lambda store, bucket: store.put_part(bucket, "key", "id", 1, body(), BodySpec()),
    "complete_upload": lambda store, bucket: store.complete_upload(bucket, "key", "id", CompleteSpec()),
    "abort_upload": lambda store, bucket: store.abort_upload(bucket, "key", "id"),
    "list_parts": lambda store, bucket: store.list_parts(bucket, "key", "id", PartQuery()),
    "append": lambda store, bucket: store.append(bucket, "key", 3, body(), AppendSpec()),
}


async def content(store: RoutedStore, bucket: str, key: str = "key") -> bytes:
    return (await store.read(bucket, key, 100))[1]


@pytest.mark.parametrize("call", [*WRITES, *IN_PIECES])
async def test_read_only_bucket_takes_nothing(store, call):
    """Whatever would change a read-only bucket is refused, and it stays as it was."""
    with pytest.raises(BucketIsMounted, match="read-only"):
        await (WRITES | IN_PIECES)[call](store, "fixed")
    page = await store.list("fixed", ListQuery())
    assert [(meta.key, meta.acl) for meta in page.objects] == [("key", Acl.DEFAULT)]
    assert await content(store, "fixed") == b"fixed"


@pytest.mark.parametrize("call", WRITES)
async def test_writable_bucket_takes_objects_in_one_piece(store, call):
    """The same calls work on a writable one."""
    await WRITES[call](store, "open-one")


@pytest.mark.parametrize("call", IN_PIECES)
async def test_objects_in_pieces_are_refused(store, call):
    """A mounted bucket that is writable says clearly that it takes no parts and no appending."""
    with pytest.raises(NotImplementedOnServer, match="one piece"):
        await IN_PIECES[call](store, "open-one")


async def test_own_bucket_takes_objects_in_pieces(store):
    """What is mounted beside it takes nothing from a bucket of the wire."""
    upload = await store.begin_upload("mine", "parts", UploadSpec())
    await store.put_part("mine", "parts", upload.upload_id, 1, body(b"part"), BodySpec())
    assert len((await store.list_parts("mine", "parts", upload.upload_id, PartQuery())).parts) == 1
    assert len((await store.list_uploads("mine", UploadQuery())).uploads) == 1
    assert await store.expire_uploads() == 0
    await store.complete_upload("mine", "parts", upload.upload_id, CompleteSpec())
    assert await content(store, "mine", "parts") == b"part"
    other = await store.begin_upload("mine", "parts", UploadSpec())
    await store.abort_upload("mine", "parts", other.upload_id)
    assert (await store.append("mine", "log", 0, body(), AppendSpec())).size_bytes == 3


@pytest.mark.parametrize("bucket", ["fixed", "open-one"])
async def test_no_upload_is_under_way_in_a_mounted_bucket(store, bucket):
    """Listing uploads is an empty page, so that programs that clean up go on."""
    assert (await store.list_uploads(bucket, UploadQuery())).uploads == ()


async def test_mounted_buckets_are_listed_in_order_with_the_others(store):
    """All buckets come by name, whatever the size of the pages."""
    await store.create_bucket("also-mine", "owner")
    for limit in (1, 2, 3, 4, 1000):
        found: list[str] = []
        marker = ""
        while True:
            page = await store.list_buckets("", marker, limit)
            assert len(page.buckets) <= limit
            found += [meta.name for meta in page.buckets]
            marker = page.next_marker
            if not page.is_truncated:
                break
        assert found == ["also-mine", "fixed", "mine", "open-one"]
    assert [meta.name for meta in (await store.list_buckets("fi")).buckets] == ["fixed"]


async def test_mounted_bucket_is_described(store):
    """GetBucketInfo knows it, and creating it again is as harmless as with every other bucket."""
    meta = await store.get_bucket("fixed")
    assert (meta.name, meta.acl, meta.owner) == ("fixed", Acl.PRIVATE, "owner")
    assert await store.create_bucket("fixed", "owner") == meta
    assert await store.create_bucket("fixed", "owner", Acl.PRIVATE) == meta


@pytest.mark.parametrize("bucket", ["fixed", "open-one"])
async def test_mounted_bucket_cannot_be_changed_over_the_wire(store, bucket):
    """Its ACL and its being there are the settings' affair, writable or not."""
    with pytest.raises(BucketIsMounted):
        await store.create_bucket(bucket, "owner", Acl.PUBLIC_READ)
    with pytest.raises(BucketIsMounted):
        await store.set_bucket_acl(bucket, Acl.PUBLIC_READ)
    with pytest.raises(BucketIsMounted):
        await store.delete_bucket(bucket)
    assert (await store.get_bucket(bucket)).acl == Acl.PRIVATE


async def test_own_buckets_are_changed_as_ever(store):
    """Making, changing and deleting a bucket of the wire goes to the own store."""
    await store.create_bucket("another", "owner")
    await store.set_bucket_acl("another", Acl.PUBLIC_READ)
    assert (await store.get_bucket("another")).acl == Acl.PUBLIC_READ
    await store.delete_bucket("another")
    with pytest.raises(NoSuchBucket):
        await store.get_bucket("another")


async def test_copy_goes_from_store_to_store(store):
    """A picture can be copied out of a mounted bucket, and into a writable one."""
    await store.copy(Address("fixed", "key"), Address("mine", "copy"), CopySpec())
    await store.copy(Address("mine", "copy"), Address("open-one", "copy"), CopySpec())
    assert await content(store, "open-one", "copy") == b"fixed"


async def test_mount_does_not_hide_a_bucket():
    """A mount with the name of a bucket that holds objects ends the start, and no object is lost from sight."""
    own, other = await elsewhere("photos"), await elsewhere("photos")
    mount = Mount(BucketMeta("photos", Acl.PRIVATE, NOW, "owner"), other, is_writable=False)
    with pytest.raises(ConfigurationError, match=r"mounts\.buckets\.photos"):
        await route(own, {"photos": mount})


async def test_without_mounts_nothing_stands_in_between():
    """The own store is used as it is."""
    own = await elsewhere("mine")
    assert await route(own, {}) is own


async def test_closing_closes_all():
    """Every store is closed, also when one of them fails to."""
    closed: list[str] = []

    class Closing(MemoryStore):
        def __init__(self, name: str) -> None:
            super().__init__(StorageLimits(), lambda: NOW)
            self.name = name

        async def aclose(self) -> None:
            closed.append(self.name)
            if self.name == "b":
                raise OSError("disk gone")

    mounts = {name: Mount(BucketMeta(name, Acl.PRIVATE, NOW), Closing(name), is_writable=False) for name in "ab"}
    with pytest.raises(OSError, match="disk gone"):
        await RoutedStore(Closing("own"), mounts).aclose()
    assert sorted(closed) == ["a", "b", "own"]
