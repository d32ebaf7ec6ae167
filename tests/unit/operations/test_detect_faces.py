"""image/faces behind the wire: who, which object, when, and what its errors become."""

from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pytest

from oss_faces.analysis import FixedAnalyser
from oss_faces.detection import FixedDetector
from oss_faces.errors import (
    AccessDenied,
    BucketNotAttached,
    CorruptImage,
    ImageTooLarge,
    NoSuchBucket,
    NoSuchKey,
    NotModified,
    Overloaded,
    PreconditionFailed,
)
from oss_faces.grants import EVERYTHING
from oss_faces.imm_errors import ResourceNotFound
from oss_faces.operations import Bindings, CacheSettings, FaceFinder, ResultCache
from oss_faces.pipeline import FacePipeline
from oss_faces.projects import ImmSettings, MemoryProjects
from oss_faces.request import Conditions, DetectFaces
from oss_faces.request.imm import DetectImageFaces
from oss_faces.storage import MemoryStore
from oss_faces.values import Address, Detections, Image, ImageSize, Label, Principal
from oss_faces.workers import Workers
from tests.unit.operations.conftest import NOON
from tests.working import NO_RESULTS, threads

pytestmark = pytest.mark.anyio

KEY = Principal("key", EVERYTHING)
BINDINGS = Bindings(MemoryProjects(ImmSettings(), lambda: NOON), ImmSettings())
FOUND = Detections(
    np.array([[1, 1, 3, 3], [2, 2, 8, 8]], np.float32),
    np.array([0.9, 0.8], np.float32),
    np.zeros((2, 5, 2), np.float32),
)


def decode(content: bytes) -> Image:
    """A decoder of one format: the word `damaged` is damaged, anything else is a picture."""
    if content == b"damaged":
        raise CorruptImage
    return Image(np.zeros((10, 10, 3), np.uint8), ImageSize(10, 10), "test", 6)


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    analyser = FixedAnalyser({"gender": Label("female", 0.9)})
    made = threads(FacePipeline(decode, FixedDetector(FOUND), analyser, ("m@1",)))
    yield made
    await made.aclose()


@pytest.fixture
async def finder(shelf: MemoryStore, workers: Workers) -> FaceFinder:
    return FaceFinder(shelf, workers, 100, BINDINGS, ("m@1",), NO_RESULTS)


def want(key: str = "default", bucket: str = "private", conditions: Conditions | None = None) -> DetectFaces:
    return DetectFaces(Address(bucket, key), conditions or Conditions())


async def test_picture_is_found_and_described(finder: FaceFinder) -> None:
    """The object's facts come with its faces, the largest first, by the models that were used."""
    meta, result = await finder.detect_faces(KEY, want())
    assert (meta.key, meta.size_bytes) == ("default", 7)
    assert [face.box.left for face in result.faces] == [2, 1]
    assert {face.gender for face in result.faces} == {Label("female", 0.9)}
    assert (result.size, result.orientation, result.models) == (ImageSize(10, 10), 6, ("m@1",))
    assert set(result.stage_ms) == {"queue", "read", "decode", "detect", "analyse"}


@pytest.mark.parametrize("bucket", ["private", "public-read", "public-read-write", "absent"])
@pytest.mark.parametrize("key", ["public-read", "missing"])
async def test_stranger_is_refused_whatever_the_acl(bucket: str, key: str, finder: FaceFinder, shelf) -> None:
    """image/faces is never anonymous, and a stranger learns nothing about buckets and keys by trying."""
    with pytest.raises(AccessDenied) as caught:
        await finder.detect_faces(Principal(), want(key, bucket))
    assert caught.value.message == "Anonymous access is forbidden for this operation."
    assert caught.value.ec_value == "0003-00000905"
    assert not shelf.calls


@pytest.mark.parametrize(
    ("conditions", "error"),
    [(Conditions(if_none_match=("*",)), NotModified), (Conditions(if_match=("OTHER",)), PreconditionFailed)],
)
async def test_condition_is_checked_before_anything_is_read(
    conditions: Conditions, error: type[Exception], finder: FaceFinder, shelf
) -> None:
    """A picture that the caller knows already costs no reading and no place in the line."""
    async with finder.workers.place():
        with pytest.raises(error):
            await finder.detect_faces(KEY, want(conditions=conditions))
    assert not shelf.calls


async def test_missing_picture_is_missing(finder: FaceFinder) -> None:
    """No such key, no such bucket: the store's own answers."""
    with pytest.raises(NoSuchKey):
        await finder.detect_faces(KEY, want("missing"))
    with pytest.raises(NoSuchBucket):
        await finder.detect_faces(KEY, want(bucket="absent"))


async def test_large_object_is_a_large_picture(finder: FaceFinder, shelf) -> None:
    """The store's limit becomes the documented error of the operation."""
    await shelf.add("private", "large", bytes(101))
    await shelf.add("private", "fitting", bytes(100))
    with pytest.raises(ImageTooLarge):
        await finder.detect_faces(KEY, want("large"))
    await finder.detect_faces(KEY, want("fitting"))


async def test_error_of_a_stage_reaches_the_caller_and_frees_the_place(finder: FaceFinder, shelf) -> None:
    """A damaged picture is the caller's news, and the next one is served."""
    await shelf.add("private", "broken", b"damaged")
    for _ in range(3):
        with pytest.raises(CorruptImage):
            await finder.detect_faces(KEY, want("broken"))
    await finder.detect_faces(KEY, want())


async def test_full_house_reads_nothing(finder: FaceFinder, shelf) -> None:
    """Who is refused for lack of room has cost no bytes."""
    async with finder.workers.place():
        with pytest.raises(Overloaded):
            await finder.detect_faces(KEY, want())
    assert "read" not in shelf.calls


# --- DetectImageFaces of IMM --------------------------------------------------------------------------------------


async def test_imm_finds_the_same_faces(finder: FaceFinder) -> None:
    """Both operations are one analysis of one object."""
    meta, result = await finder.detect_image_faces(KEY, DetectImageFaces("p", Address("private", "default")))
    other_meta, other = await finder.detect_faces(KEY, want())
    assert meta == other_meta
    assert [face.box for face in result.faces] == [face.box for face in other.faces] != []


async def test_imm_refuses_before_it_reads(finder: FaceFinder, shelf) -> None:
    """A missing object takes no place in the line, nor does a project that must exist and does not."""
    async with finder.workers.place():
        with pytest.raises(NoSuchKey):
            await finder.detect_image_faces(KEY, DetectImageFaces("p", Address("private", "missing")))
        strict = ImmSettings(auto_project=False)
        bound = replace(finder, bindings=Bindings(MemoryProjects(strict, lambda: NOON), strict))
        with pytest.raises(ResourceNotFound):
            await bound.detect_image_faces(KEY, DetectImageFaces("p", Address("private", "default")))
    assert not shelf.calls


async def test_an_unattached_bucket_is_refused_before_it_is_read(finder: FaceFinder, shelf) -> None:
    """With automatic attachment off, image/faces needs an attached bucket; IMM's own operation does not."""
    strict = ImmSettings(auto_attach=False)
    bound = replace(finder, bindings=Bindings(MemoryProjects(strict, lambda: NOON), strict))
    with pytest.raises(BucketNotAttached):
        await bound.detect_faces(KEY, want())
    assert not shelf.calls
    await bound.detect_image_faces(KEY, DetectImageFaces("p", Address("private", "default")))


# --- results that are kept ----------------------------------------------------------------------------------------


@pytest.fixture
def keeping(finder: FaceFinder) -> FaceFinder:
    return replace(finder, results=ResultCache(CacheSettings()))


async def test_the_second_question_costs_no_picture(keeping: FaceFinder, shelf) -> None:
    """The same faces, with no reading, and no place in the line; for IMM as for OSS."""
    _, first = await keeping.detect_faces(KEY, want())
    shelf.calls.clear()
    async with keeping.workers.place():
        meta, second = await keeping.detect_faces(KEY, want())
        _, third = await keeping.detect_image_faces(KEY, DetectImageFaces("p", Address("private", "default")))
    assert not shelf.calls
    assert [face.box for face in second.faces] == [face.box for face in third.faces] == [f.box for f in first.faces]
    assert (first.is_cached, second.is_cached, third.is_cached) == (False, True, True)
    assert meta == await shelf.head("private", "default")


async def test_a_kept_result_is_for_nobody_who_may_not_ask(keeping: FaceFinder, shelf) -> None:
    """Rights, conditions and attachment are judged for each request, before anything is looked up."""
    await keeping.detect_faces(KEY, want())
    with pytest.raises(AccessDenied):
        await keeping.detect_faces(Principal(), want())
    with pytest.raises(NotModified):
        await keeping.detect_faces(KEY, want(conditions=Conditions(if_none_match=("*",))))
    strict = ImmSettings(auto_attach=False)
    bound = replace(keeping, bindings=Bindings(MemoryProjects(strict, lambda: NOON), strict))
    with pytest.raises(BucketNotAttached):
        await bound.detect_faces(KEY, want())


async def test_a_picture_that_is_gone_has_no_result(keeping: FaceFinder, shelf) -> None:
    """Deleted is deleted; what is stored under its name afterwards is looked at."""
    await shelf.add("private", "mine", b"first")
    await keeping.detect_faces(KEY, want("mine"))
    await shelf.delete("private", "mine")
    with pytest.raises(NoSuchKey):
        await keeping.detect_faces(KEY, want("mine"))
    await shelf.add("private", "mine", b"other")
    _, result = await keeping.detect_faces(KEY, want("mine"))
    assert not result.is_cached
    await shelf.add("private", "mine", b"damaged")
    with pytest.raises(CorruptImage):
        await keeping.detect_faces(KEY, want("mine"))


async def test_a_failure_is_not_kept(keeping: FaceFinder, shelf) -> None:
    """The next one who asks has it tried again."""
    await shelf.add("private", "broken", b"damaged")
    for _ in range(2):
        with pytest.raises(CorruptImage):
            await keeping.detect_faces(KEY, want("broken"))
    assert shelf.calls.count("read") == 2
