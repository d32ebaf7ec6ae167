"""CompareImageFaces behind the wire: which face, whose pictures, and what its errors become."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from oss_faces.analysis import FixedAnalyser
from oss_faces.detection import FixedDetector
from oss_faces.errors import AccessDenied, CorruptImage, ImageTooLarge, NoSuchBucket, NoSuchKey, Overloaded
from oss_faces.geometry import FloatArray
from oss_faces.grants import ANY, EVERYTHING, Grant, Permission, Rights
from oss_faces.imm_errors import NoFaceFound, ResourceNotFound
from oss_faces.operations import Bindings, FaceComparer
from oss_faces.pipeline import FacePipeline, RecognitionPipeline
from oss_faces.projects import ImmSettings, MemoryProjects
from oss_faces.recognition import FixedEmbedder
from oss_faces.request.imm import CompareImageFaces
from oss_faces.values import Address, Detections, Image, ImageSize, Principal
from oss_faces.workers import Workers
from tests.unit.operations.conftest import NOON, Shelf
from tests.working import threads

pytestmark = pytest.mark.anyio

KEY = Principal("key", EVERYTHING)
A, B = Address("private", "default"), Address("public-read", "private")
# The second box is the larger one inside the picture: most of the first lies outside.
FOUND = Detections(
    np.array([[-90, -90, 3, 3], [2, 2, 8, 8]], np.float32),
    np.array([0.9, 0.8], np.float32),
    np.array([np.zeros((5, 2)), np.ones((5, 2))], np.float32),
)


def decode(content: bytes) -> Image:
    """A decoder of one format: `damaged` is damaged, `empty` shows nobody, anything else is a picture of its own."""
    if content == b"damaged":
        raise CorruptImage
    shade = len(content)
    return Image(np.full((10, 10, 3), shade, np.uint8), ImageSize(10, 10), content.decode())


@dataclass(frozen=True)
class Detector(FixedDetector):
    """Finds nobody in the picture that shows nobody."""

    def detect(self, image: Image) -> Detections:
        return Detections.empty() if image.format == "empty" else self.detections


@dataclass(frozen=True)
class Embedder(FixedEmbedder):
    """Remembers which landmarks it was given."""

    given: list[FloatArray] = field(default_factory=list)

    def embed(self, image: Image, landmarks: FloatArray) -> FloatArray:
        self.given.append(landmarks)
        return FixedEmbedder().embed(image, landmarks)


LINE = FacePipeline(decode, Detector(FOUND), FixedAnalyser(), ("fixed@1",))


@pytest.fixture
async def workers(embedder: Embedder) -> AsyncIterator[Workers]:
    made = threads(LINE, embedder)
    yield made
    await made.aclose()


@pytest.fixture
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture
async def comparer(shelf: Shelf, workers: Workers, embedder: Embedder) -> FaceComparer:
    pipeline = RecognitionPipeline(LINE, embedder)
    bindings = Bindings(MemoryProjects(ImmSettings(), lambda: NOON), ImmSettings())
    return FaceComparer(shelf, pipeline, workers, 100, bindings)


def want(first: Address = A, second: Address = B) -> CompareImageFaces:
    return CompareImageFaces("p", first, second)


async def test_the_largest_faces_are_compared(comparer: FaceComparer, embedder: Embedder) -> None:
    """The face with the largest box inside the picture, one of each, and no other."""
    found = await comparer.compare_faces(KEY, want())
    assert [given.tolist() for given in embedder.given] == [FOUND.landmarks[1:].tolist()] * 2
    assert found.similarity == pytest.approx(1, abs=1e-5)
    assert (found.source_bytes, found.faces) == (14, 4)
    assert set(found.stage_ms) == {"queue", "read", "decode", "detect", "embed"}


async def test_other_pictures_are_less_alike(comparer: FaceComparer, shelf: Shelf) -> None:
    """What the calibration of the space says of both vectors is the answer, whichever picture comes first."""
    await shelf.add("private", "other", b"another content")
    other = Address("private", "other")
    forth = await comparer.compare_faces(KEY, want(A, other))
    back = await comparer.compare_faces(KEY, want(other, A))
    assert forth.similarity == pytest.approx(back.similarity)
    assert forth.similarity < 0.9


@pytest.mark.parametrize(("first", "second", "name"), [("empty", "default", "URI1"), ("default", "empty", "URI2")])
async def test_a_picture_without_a_face_is_named(
    first: str, second: str, name: str, comparer: FaceComparer, shelf: Shelf
) -> None:
    """Nobody can be compared with nobody; the answer says in which picture."""
    await shelf.add("private", "empty", b"empty")
    with pytest.raises(NoFaceFound, match=rf"Source\.{name}"):
        await comparer.compare_faces(KEY, want(Address("private", first), Address("private", second)))


async def test_both_pictures_need_their_grants(comparer: FaceComparer, shelf: Shelf) -> None:
    """Each of the two permissions, on each of the two pictures."""
    needed = (Permission.COMPARE_IMAGE_FACES, Permission.GET_OBJECT)
    both = (Grant(needed, A.bucket), Grant(needed, B.bucket))
    await comparer.compare_faces(Principal("key", Rights(both)), want())
    refused = [(Grant(needed, A.bucket),), (Grant(needed, B.bucket),)]
    refused += [(Grant(tuple(set(Permission) - {left_out}), ANY),) for left_out in needed]
    shelf.calls.clear()
    for grants in (*refused, ()):
        with pytest.raises(AccessDenied):
            await comparer.compare_faces(Principal("key", Rights(grants)), want())
    with pytest.raises(AccessDenied):
        await comparer.compare_faces(Principal(), want())
    assert not shelf.calls


async def test_what_is_missing_is_found_out_first(comparer: FaceComparer, shelf: Shelf) -> None:
    """Neither picture is read, and no place is taken, when one of them is not there."""
    async with comparer.workers.place():
        for absent, error in ((Address("private", "absent"), NoSuchKey), (Address("absent", "a"), NoSuchBucket)):
            for pair in (want(A, absent), want(absent, A)):
                with pytest.raises(error):
                    await comparer.compare_faces(KEY, pair)
    assert "read" not in shelf.calls


async def test_a_project_may_have_to_be_made(comparer: FaceComparer) -> None:
    """With the switch off, the project must have been created."""
    strict = ImmSettings(auto_project=False)
    bound = replace(comparer, bindings=Bindings(MemoryProjects(strict, lambda: NOON), strict))
    with pytest.raises(ResourceNotFound):
        await bound.compare_faces(KEY, want())


async def test_errors_reach_the_caller_and_free_the_place(comparer: FaceComparer, shelf: Shelf) -> None:
    """A damaged or a large picture is the caller's news, and the next one is served."""
    await shelf.add("private", "broken", b"damaged")
    await shelf.add("private", "large", bytes(101))
    for _ in range(3):
        with pytest.raises(CorruptImage):
            await comparer.compare_faces(KEY, want(Address("private", "broken")))
        with pytest.raises(ImageTooLarge):
            await comparer.compare_faces(KEY, want(A, Address("private", "large")))
    await comparer.compare_faces(KEY, want())


async def test_full_house_reads_nothing(comparer: FaceComparer, shelf: Shelf) -> None:
    """Who is refused for lack of room has cost no bytes."""
    async with comparer.workers.place():
        with pytest.raises(Overloaded):
            await comparer.compare_faces(KEY, want())
    assert "read" not in shelf.calls
