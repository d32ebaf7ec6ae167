"""What each operation needs of the caller's grants: enough, and not less."""

from collections.abc import AsyncIterator, Awaitable, Callable

import numpy as np
import pytest

from oss_faces.analysis import FixedAnalyser
from oss_faces.detection import FixedDetector
from oss_faces.errors import AccessDenied, NoSuchKey
from oss_faces.grants import ANY, Grant, Permission, Rights
from oss_faces.operations import (
    Bindings,
    Buckets,
    CacheSettings,
    FaceFinder,
    Objects,
    PictureProcessor,
    ResultCache,
)
from oss_faces.operations.permission import require
from oss_faces.pipeline import FacePipeline
from oss_faces.projects import ImmSettings, MemoryProjects
from oss_faces.protocol.picture_steps import Rotate
from oss_faces.request import (
    Conditions,
    CopyObject,
    DeleteObjects,
    DescribePicture,
    DetectFaces,
    EditPicture,
    ListBuckets,
    ListObjects,
    PutBucket,
    ReadObject,
    SavePicture,
    WriteObject,
)
from oss_faces.request.imm import DetectImageFaces
from oss_faces.storage import MemoryStore
from oss_faces.values import Acl, Address, Detections, Image, ImageSize, ObjectHeaders, Principal
from oss_faces.workers import Workers
from tests.unit.decoding import pictures
from tests.unit.operations.conftest import NOON, pieces
from tests.working import threads

pytestmark = pytest.mark.anyio

PICTURE = pictures.save(pictures.corners(), "PNG")
BUCKET, KEY, OTHER = "private", "2024/a.jpg", "2025/a.jpg"
NONE = Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32))
LINE = FacePipeline(
    lambda _: Image(np.zeros((9, 9, 3), np.uint8), ImageSize(9, 9), "test"),
    FixedDetector(NONE),
    FixedAnalyser({}),
    ("m@1",),
)


class Services:
    """The operations over one store, as the server has them."""

    def __init__(self, store: MemoryStore, workers: Workers) -> None:
        self.objects, self.buckets = Objects(store), Buckets(store, "owner")
        bindings = Bindings(MemoryProjects(ImmSettings(), lambda: NOON), ImmSettings())
        self.faces = FaceFinder(store, workers, 1000, bindings, LINE.models, ResultCache(CacheSettings()))
        self.pictures = PictureProcessor(self.objects, workers, 1_000_000)


@pytest.fixture
async def services(shelf) -> AsyncIterator[Services]:
    for key in (KEY, OTHER):
        await shelf.add(BUCKET, key, PICTURE)
    workers = threads(LINE)
    yield Services(shelf, workers)
    await workers.aclose()


def read(key: str) -> ReadObject:
    return ReadObject(Address(BUCKET, key), Conditions())


def write(key: str) -> WriteObject:
    return WriteObject(Address(BUCKET, key), ObjectHeaders(), Acl.DEFAULT, None, None, forbid_overwrite=False)


def copy(source: str, target: str) -> CopyObject:
    return CopyObject(
        Address(BUCKET, target), Address(BUCKET, source), None, Acl.DEFAULT, Conditions(), forbid_overwrite=False
    )


def listing(prefix: str) -> ListObjects:
    return ListObjects(BUCKET, 1, prefix, "", "", "", None, 100, fetch_owner=False, encode_url=False)


Call = Callable[[Services, Principal, str], Awaitable[object]]

# What needs which permissions on the object `key`, which is the prefix for a listing.
ON_OBJECTS: dict[str, tuple[Call, set[Permission]]] = {
    "GetObject": (lambda on, who, key: on.objects.open(who, read(key)), {Permission.GET_OBJECT}),
    "HeadObject": (lambda on, who, key: on.objects.head(who, read(key)), {Permission.GET_OBJECT}),
    "PutObject": (lambda on, who, key: on.objects.put(who, write(key), pieces(b"x")), {Permission.PUT_OBJECT}),
    "DeleteObject": (lambda on, who, key: on.objects.delete(who, Address(BUCKET, key)), {Permission.DELETE_OBJECT}),
    "DeleteMultipleObjects": (
        lambda on, who, key: on.objects.delete_many(
            who, DeleteObjects(BUCKET, (key, f"{key}2"), quiet=False, encode_url=False)
        ),
        {Permission.DELETE_OBJECT},
    ),
    "CopyObject": (
        lambda on, who, key: on.objects.copy(who, copy(key, f"{key}-copy")),
        {Permission.GET_OBJECT, Permission.PUT_OBJECT},
    ),
    "ListObjects": (lambda on, who, key: on.objects.list(who, listing(key)), {Permission.LIST_OBJECTS}),
    "GetObjectAcl": (lambda on, who, key: on.objects.acl(who, Address(BUCKET, key)), {Permission.GET_OBJECT_ACL}),
    "PutObjectAcl": (
        lambda on, who, key: on.objects.set_acl(who, Address(BUCKET, key), Acl.PRIVATE),
        {Permission.PUT_OBJECT_ACL},
    ),
    "image/faces": (
        lambda on, who, key: on.faces.detect_faces(who, DetectFaces(Address(BUCKET, key), Conditions())),
        {Permission.GET_OBJECT, Permission.PROCESS_IMM, Permission.DETECT_IMAGE_FACES},
    ),
    "DetectImageFaces": (
        lambda on, who, key: on.faces.detect_image_faces(who, DetectImageFaces("p", Address(BUCKET, key))),
        {Permission.GET_OBJECT, Permission.DETECT_IMAGE_FACES},
    ),
}

ON_PICTURES: dict[str, tuple[Call, set[Permission]]] = {
    "image/info": (
        lambda on, who, key: on.pictures.describe(who, DescribePicture(read(key))),
        {Permission.GET_OBJECT},
    ),
    "image/rotate": (
        lambda on, who, key: on.pictures.edit(who, EditPicture(read(key), (Rotate(90),))),
        {Permission.GET_OBJECT},
    ),
    "ProcessObject": (
        lambda on, who, key: on.pictures.save(
            who, SavePicture(read(key), (Rotate(90),), Address(BUCKET, f"{key}-turned"))
        ),
        {Permission.GET_OBJECT, Permission.POST_PROCESS_TASK, Permission.PUT_OBJECT},
    ),
}

ON_BUCKETS: dict[str, tuple[Call, Permission]] = {
    "PutBucket": (lambda on, who, name: on.buckets.put(who, PutBucket(name, None)), Permission.PUT_BUCKET),
    "GetBucketInfo": (
        lambda on, who, name: on.buckets.get(who, name, Permission.GET_BUCKET_INFO),
        Permission.GET_BUCKET_INFO,
    ),
    "GetBucketLocation": (
        lambda on, who, name: on.buckets.get(who, name, Permission.GET_BUCKET_LOCATION),
        Permission.GET_BUCKET_LOCATION,
    ),
    "GetBucketAcl": (
        lambda on, who, name: on.buckets.get(who, name, Permission.GET_BUCKET_ACL),
        Permission.GET_BUCKET_ACL,
    ),
    "PutBucketAcl": (
        lambda on, who, name: on.buckets.set_acl(who, name, Acl.PRIVATE),
        Permission.PUT_BUCKET_ACL,
    ),
    "DeleteBucket": (lambda on, who, name: on.buckets.delete(who, name), Permission.DELETE_BUCKET),
    "ListObjects": (
        lambda on, who, name: on.objects.list(
            who, ListObjects(name, 1, "", "", "", "", None, 9, fetch_owner=False, encode_url=False)
        ),
        Permission.LIST_OBJECTS,
    ),
}


def caller(*grants: Grant) -> Principal:
    return Principal("key", Rights(grants))


async def missing(call: Awaitable[object]) -> str:
    """Run a call; give the permission that it was refused for, or nothing."""
    try:
        await call
    except AccessDenied as refused:
        return refused.details["AuthAction"]
    return ""


@pytest.mark.parametrize(("call", "needed"), (ON_OBJECTS | ON_PICTURES).values(), ids=ON_OBJECTS | ON_PICTURES)
async def test_an_object_operation_needs_its_permissions(
    call: Call, needed: set[Permission], services: Services
) -> None:
    """With them on the prefix it is done there and not beside it; without any one of them it is not done."""
    enough = caller(Grant(tuple(needed), BUCKET, "2024/"))
    assert await missing(call(services, enough, OTHER)) in needed
    for left_out in needed:
        others = tuple(set(Permission) - {left_out})
        assert await missing(call(services, caller(Grant(others, BUCKET)), KEY)) == left_out
    elsewhere = caller(Grant((ANY,), "public-read"), Grant((ANY,), ANY, "2025/"))
    assert await missing(call(services, elsewhere, KEY)) in needed
    assert await missing(call(services, enough, KEY)) == ""


@pytest.mark.parametrize(("call", "needed"), ON_BUCKETS.values(), ids=ON_BUCKETS)
async def test_a_bucket_operation_needs_the_whole_bucket(
    call: Call, needed: Permission, services: Services, shelf: MemoryStore
) -> None:
    """A grant on a prefix of the bucket, or on another bucket, does not do."""
    await shelf.create_bucket("photos", "owner")
    for grant in (Grant((needed,), "photos", "2024/"), Grant((needed,), "private"), Grant((), "photos")):
        assert await missing(call(services, caller(grant), "photos")) == needed
    for other in set(Permission) - {needed}:
        assert await missing(call(services, caller(Grant((other,))), "photos")) == needed
    assert await missing(call(services, caller(Grant((needed,), "photos")), "photos")) == ""


async def test_listing_buckets_needs_every_bucket(services: Services) -> None:
    """ListBuckets is about the service: a grant on one bucket does not cover it."""
    want = ListBuckets("", "", 100)
    one, every = Grant(("oss:*",), BUCKET), Grant((Permission.LIST_BUCKETS,))
    assert await missing(services.buckets.list(caller(one), want)) == "oss:ListBuckets"
    assert await missing(services.buckets.list(caller(every), want)) == ""


async def test_a_key_may_what_everyone_may(services: Services, shelf: MemoryStore) -> None:
    """Signing with a key without grants takes nothing away that an ACL opens; faces stay closed."""
    await shelf.create_bucket("open", "owner", Acl.PUBLIC_READ_WRITE)
    nobody, place = caller(), Address("open", "k")
    want = WriteObject(place, ObjectHeaders(), Acl.DEFAULT, None, None, forbid_overwrite=False)
    await services.objects.put(nobody, want, pieces(b"x"))
    assert (await services.objects.head(nobody, ReadObject(place, Conditions()))).size_bytes == 1
    assert await missing(services.faces.detect_faces(nobody, DetectFaces(place, Conditions()))) == "oss:GetObject"
    await services.objects.delete(nobody, place)


async def test_a_stricter_object_in_an_open_bucket_needs_a_grant(services: Services, shelf: MemoryStore) -> None:
    """Where everyone may write, a private object is replaced only by a key that is granted it."""
    await shelf.add("public-read-write", "mine", acl=Acl.PRIVATE)
    want = WriteObject(
        Address("public-read-write", "mine"), ObjectHeaders(), Acl.DEFAULT, None, None, forbid_overwrite=False
    )
    assert await missing(services.objects.put(caller(), want, pieces(b"x"))) == "oss:PutObject"
    granted = caller(Grant((Permission.PUT_OBJECT,), "public-read-write"))
    assert await missing(services.objects.put(granted, want, pieces(b"x"))) == ""


async def test_absence_is_told_to_those_who_might_read(services: Services) -> None:
    """A key that may neither read nor list a place does not learn what is there."""
    for read_it in (services.objects.open, services.objects.head):
        for grant in (Grant((Permission.GET_OBJECT,), BUCKET), Grant((Permission.LIST_OBJECTS,), BUCKET)):
            with pytest.raises(NoSuchKey):
                await read_it(caller(grant), read("2024/missing"))
        assert await missing(read_it(caller(Grant((Permission.PUT_OBJECT,), BUCKET)), read("2024/missing")))
    copying = services.objects.copy(caller(Grant((Permission.PUT_OBJECT,), BUCKET)), copy("missing", KEY))
    assert await missing(copying)


async def test_deleting_many_takes_all_or_nothing(services: Services, shelf: MemoryStore) -> None:
    """One key outside of the grant, and nothing is deleted."""
    who = caller(Grant((Permission.DELETE_OBJECT,), BUCKET, "2024/"))
    want = DeleteObjects(BUCKET, (KEY, OTHER), quiet=False, encode_url=False)
    assert await missing(services.objects.delete_many(who, want)) == "oss:DeleteObject"
    await shelf.head(BUCKET, KEY)


@pytest.mark.parametrize(("parent", "kind"), [("", "SubUser"), ("mother", "AssumedRoleUser")])
def test_a_refusal_names_what_is_missing(parent: str, kind: str) -> None:
    """It says which permission, and what kind of key has asked; the text tells object, bucket and service apart."""
    who = Principal("key", Rights(), parent)
    texts = set()
    for place in (("b", "k"), ("b", ""), ("", "")):
        with pytest.raises(AccessDenied) as refused:
            require(who, Permission.PROCESS_IMM, *place)
        texts.add(refused.value.message)
        assert (refused.value.http_status, refused.value.ec_value) == (403, "0003-00000001")
        assert refused.value.details == {
            "AuthAction": "oss:ProcessImm",
            "AuthPrincipalType": kind,
            "NoPermissionType": "ImplicitDeny",
        }
    assert texts == {
        "You have no right to access this object.",
        "The bucket you access does not belong to you.",
        "You have no right to perform this operation.",
    }
