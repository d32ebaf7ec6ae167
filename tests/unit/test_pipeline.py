"""The straight line from bytes to faces."""

import itertools
from dataclasses import dataclass, field

import numpy as np
import pytest

from oss_faces.analysis import FixedAnalyser
from oss_faces.detection import FixedDetector
from oss_faces.errors import CorruptImage
from oss_faces.geometry import FloatArray
from oss_faces.pipeline import FacePipeline, RecognitionPipeline
from oss_faces.recognition import FixedEmbedder
from oss_faces.values import Box, Detections, Image, ImageSize, Label

IMAGE = Image(np.zeros((10, 20, 3), np.uint8), ImageSize(20, 10), "test", 6)
FOUND = Detections(
    np.array([[0, 0, 2, 2], [5, 5, 30, 9]], np.float32),
    np.array([0.9, 0.6], np.float32),
    np.array([np.zeros((5, 2)), np.ones((5, 2))], np.float32),
)


@dataclass(frozen=True, slots=True)
class Embedder(FixedEmbedder):
    """Remembers the points that it was given."""

    given: list[FloatArray] = field(default_factory=list)

    def embed(self, image: Image, landmarks: FloatArray) -> FloatArray:
        self.given.append(landmarks)
        return FixedEmbedder.embed(self, image, landmarks)


def pipeline(detections: Detections = FOUND) -> FacePipeline:
    """A line with fixed stages, on a clock whose ticks get longer."""
    ticks = (tick**2 for tick in itertools.count())

    def decode(content: bytes) -> Image:
        if content != b"picture":
            raise CorruptImage
        return IMAGE

    analyser = FixedAnalyser({"hat": Label("hat", 0.5)})
    return FacePipeline(decode, FixedDetector(detections), analyser, ("a@1", "b@2"), clock=lambda: next(ticks))


def test_faces_come_by_area_with_what_was_measured() -> None:
    """Every stage adds its facts: the size, the boxes within the picture, the attributes, the models."""
    result = pipeline().find_faces(b"picture")
    assert (result.size, result.orientation, result.models) == (ImageSize(20, 10), 6, ("a@1", "b@2"))
    assert [face.box for face in result.faces] == [Box(5, 5, 20, 9), Box(0, 0, 2, 2)]
    assert [round(face.score, 3) for face in result.faces] == [0.6, 0.9]
    assert {face.hat for face in result.faces} == {Label("hat", 0.5)}


def test_picture_without_faces_gives_none() -> None:
    """Nothing found is a result."""
    assert pipeline(Detections.empty()).find_faces(b"picture").faces == ()


def test_each_stage_has_its_own_time() -> None:
    """The times are in milliseconds and belong to the stage that took them."""
    assert pipeline().find_faces(b"picture").stage_ms == {"decode": 1000, "detect": 3000, "analyse": 5000}


def test_error_of_a_stage_passes_through() -> None:
    """Nobody in the middle catches."""
    with pytest.raises(CorruptImage):
        pipeline().find_faces(b"damaged")


def test_described_faces_come_with_their_own_vectors() -> None:
    """The faces are those of a description alone, and each vector is that of the face in the same place."""
    embedder = Embedder()
    described = RecognitionPipeline(pipeline(), embedder).describe(b"picture")
    assert [face.box for face in described.result.faces] == [Box(5, 5, 20, 9), Box(0, 0, 2, 2)]
    assert {face.hat for face in described.result.faces} == {Label("hat", 0.5)}
    assert described.vectors.shape == (2, 128)
    (given,) = embedder.given
    assert given.tolist() == [np.ones((5, 2)).tolist(), np.zeros((5, 2)).tolist()]


def test_description_keeps_its_models_and_counts_the_embedding() -> None:
    """Ids of faces follow from the models of the result, so they stay; the whole list of models has the space."""
    line = RecognitionPipeline(pipeline(), FixedEmbedder())
    described = line.describe(b"picture")
    assert described.result.models == ("a@1", "b@2")
    assert line.models == ("a@1", "b@2", "fixed@1")
    assert described.result.stage_ms == {"decode": 1000, "detect": 3000, "analyse": 5000, "embed": 9000}


def test_description_of_a_picture_without_faces_has_no_vectors() -> None:
    """Nothing found is a result, of the right shape."""
    described = RecognitionPipeline(pipeline(Detections.empty()), FixedEmbedder()).describe(b"picture")
    assert described.result.faces == ()
    assert described.vectors.shape == (0, 128)


def test_decoded_picture_is_described_like_its_file() -> None:
    """A frame of a video goes down the same line behind the decoder, whose time it does not have."""
    line = RecognitionPipeline(pipeline(), FixedEmbedder())
    of_file, of_frame = line.describe(b"picture"), line.describe_image(IMAGE)
    assert [face.box for face in of_frame.result.faces] == [face.box for face in of_file.result.faces]
    assert of_frame.result.size == of_file.result.size
    np.testing.assert_array_equal(of_frame.vectors, of_file.vectors)
    assert list(of_frame.result.stage_ms) == ["detect", "analyse", "embed"]
