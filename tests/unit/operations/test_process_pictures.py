"""Pictures made of stored ones: who, which object, when; and saving them."""

import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from oss_faces.errors import (
    AccessDenied,
    EntityTooLarge,
    NoSuchBucket,
    NoSuchKey,
    NotModified,
    Overloaded,
    PictureNotSupported,
    PictureTooLarge,
    PreconditionFailed,
)
from oss_faces.grants import EVERYTHING
from oss_faces.operations import Objects, PictureProcessor
from oss_faces.protocol.picture_steps import Format, PictureFormat, Resize
from oss_faces.request import Conditions, DescribePicture, EditPicture, ReadObject, SavePicture
from oss_faces.storage import MemoryStore, PutSpec, StorageLimits
from oss_faces.values import Acl, Address, Principal
from oss_faces.workers import Workers
from tests.unit.decoding import pictures
from tests.unit.operations.conftest import NOON, pieces
from tests.working import threads

pytestmark = pytest.mark.anyio

KEY = Principal("key", EVERYTHING)
PICTURE = pictures.save(pictures.corners(), "PNG")
HALF = (Resize(percent=50),)


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    made = threads(None)
    yield made
    await made.aclose()


@pytest.fixture
async def processor(shelf, workers: Workers) -> PictureProcessor:
    for bucket in ("private", "public-read"):
        await shelf.add(bucket, "picture", PICTURE)
    await shelf.add("public-read", "hidden", PICTURE, Acl.PRIVATE)
    return PictureProcessor(Objects(shelf), workers, 1000)


def source(key: str = "picture", bucket: str = "private", conditions: Conditions | None = None) -> ReadObject:
    return ReadObject(Address(bucket, key), conditions or Conditions())


def save(target: Address, key: str = "picture") -> SavePicture:
    return SavePicture(source(key), (*HALF, Format(PictureFormat.WEBP)), target)


async def test_picture_is_described_and_edited(processor: PictureProcessor) -> None:
    """The object's facts come with what was made of it."""
    meta, facts = await processor.describe(KEY, DescribePicture(source()))
    assert (meta.key, facts.format, facts.size.width) == ("picture", "png", 64)
    meta, file = await processor.edit(KEY, EditPicture(source(), HALF))
    assert (meta.key, file.media_type) == ("picture", "image/png")
    assert Image.open(io.BytesIO(file.content)).size == (32, 24)


async def test_stranger_sees_what_is_public(processor: PictureProcessor) -> None:
    """Unlike faces, edits follow the ACL of what they read."""
    stranger = Principal()
    await processor.edit(stranger, EditPicture(source(bucket="public-read"), HALF))
    await processor.describe(stranger, DescribePicture(source(bucket="public-read")))
    for hidden in (source(), source("hidden", "public-read"), source("missing")):
        with pytest.raises(AccessDenied):
            await processor.edit(stranger, EditPicture(hidden, HALF))
        with pytest.raises(AccessDenied):
            await processor.describe(stranger, DescribePicture(hidden))


@pytest.mark.parametrize(
    ("conditions", "error"),
    [(Conditions(if_none_match=("*",)), NotModified), (Conditions(if_match=("OTHER",)), PreconditionFailed)],
)
async def test_condition_is_checked_before_anything_is_read(
    conditions: Conditions, error: type[Exception], processor: PictureProcessor, shelf
) -> None:
    """The ETag is the source's; a picture that the caller knows already costs nothing."""
    async with processor.workers.place():
        with pytest.raises(error):
            await processor.edit(KEY, EditPicture(source(conditions=conditions), HALF))
    assert not shelf.calls


async def test_errors_of_the_source(processor: PictureProcessor, shelf) -> None:
    """Missing, no picture, too long: each has its own answer."""
    await shelf.add("private", "long", bytes(1001))
    for wanted, error in (
        (source("missing"), NoSuchKey),
        (source(bucket="absent"), NoSuchBucket),
        (source("default"), PictureNotSupported),
        (source("long"), PictureTooLarge),
    ):
        with pytest.raises(error):
            await processor.edit(KEY, EditPicture(wanted, HALF))


async def test_full_house_reads_nothing(processor: PictureProcessor, shelf) -> None:
    """Edits share the places, and the refusal, of image/faces."""
    async with processor.workers.place():
        with pytest.raises(Overloaded):
            await processor.edit(KEY, EditPicture(source(), HALF))
    assert "read" not in shelf.calls


async def test_result_is_stored(processor: PictureProcessor, shelf) -> None:
    """As an object with the media type of its format, in the bucket that was named; the source stays."""
    read, saved = await processor.save(KEY, save(Address("public-read", "small.webp")))
    meta, content = await shelf.read("public-read", "small.webp", 10_000)
    assert (read.key, read.size_bytes, saved) == ("picture", len(PICTURE), meta)
    assert (meta.content_type, meta.size_bytes) == ("image/webp", len(content))
    assert Image.open(io.BytesIO(content)).size == (32, 24)
    assert (await shelf.read("private", "picture", 10_000))[1] == PICTURE


async def test_result_replaces_its_source(processor: PictureProcessor, shelf) -> None:
    """The name of the source may be the target's."""
    await processor.save(KEY, save(Address("private", "picture")))
    assert (await shelf.head("private", "picture")).content_type == "image/webp"


async def test_stranger_saves_nothing(processor: PictureProcessor, shelf) -> None:
    """Not even from a public picture into a bucket where everyone may write."""
    await shelf.add("public-read-write", "picture", PICTURE)
    want = SavePicture(source(bucket="public-read"), HALF, Address("public-read-write", "x"))
    shelf.calls.clear()
    with pytest.raises(AccessDenied):
        await processor.save(Principal(), want)
    with pytest.raises(AccessDenied):
        processor.require_saving(Principal(), want.source.address)
    assert not shelf.calls


async def test_target_is_looked_at_before_any_work(processor: PictureProcessor, shelf) -> None:
    """A bucket that does not exist is told before the picture is read."""
    shelf.calls.clear()
    with pytest.raises(NoSuchBucket):
        await processor.save(KEY, save(Address("absent", "x")))
    assert not shelf.calls


async def test_error_leaves_nothing_behind(processor: PictureProcessor, shelf) -> None:
    """What could not be made was not stored."""
    with pytest.raises(PictureNotSupported):
        await processor.save(KEY, save(Address("private", "new"), "default"))
    with pytest.raises(NoSuchKey):
        await shelf.head("private", "new")


async def test_limit_of_the_store_holds_for_results(workers: Workers) -> None:
    """A result is an upload like any other."""
    store = MemoryStore(StorageLimits(object_bytes_max=len(PICTURE)), lambda: NOON)
    await store.create_bucket("photos", "owner")
    processor = PictureProcessor(Objects(store), workers, 1_000_000)
    await processor.objects.store.put("photos", "a", pieces(PICTURE), PutSpec())
    want = SavePicture(
        ReadObject(Address("photos", "a"), Conditions()), (Format(PictureFormat.BMP),), Address("photos", "b")
    )
    with pytest.raises(EntityTooLarge):
        await processor.save(KEY, want)
