from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from oss_faces.analysis import ATTRIBUTES, AnalysisSettings, AttributeAnalyser, FixedAnalyser
from oss_faces.analysis.crops import CROP_SIDE
from oss_faces.analysis.reading import INPUT
from oss_faces.errors import ConfigurationError
from oss_faces.geometry import FRONTAL_POINTS
from oss_faces.inference import ModelSettings, OnnxSession, attributes_spec, prepare_attributes, read_model
from oss_faces.values import Detections, Face, Image, ImageSize

SIZES = (1, 2, 7, 1, 1, 1, 1, 3, 1, 3, 1, 1)


class MeanSession:
    """A stand-in network: every output is the mean brightness of the crop. Keeps the size of each batch."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def run(self, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        crops = inputs[INPUT]
        assert crops.shape[1:] == (CROP_SIDE, CROP_SIDE, 3)
        self.batches.append(len(crops))
        mean = crops.astype(np.float32).mean(axis=(1, 2, 3)) / 255
        return [np.repeat(mean[:, None], size, axis=1) for size in SIZES]


def scene(count: int) -> tuple[Image, Detections]:
    """A picture that grows brighter to the right, with faces of growing size from left to right."""
    pixels = np.repeat(np.linspace(0, 255, 800).astype(np.uint8)[None, :, None], 300, axis=0).repeat(3, axis=2)
    left = np.linspace(20, 650, count, dtype=np.float32) if count else np.zeros(0, np.float32)
    side = np.linspace(30, 90, count, dtype=np.float32) if count else np.zeros(0, np.float32)
    boxes = np.stack([left, 100 + 0 * left, left + side, 100 + side], axis=1)
    landmarks = boxes[:, None, :2] + FRONTAL_POINTS[None] * side[:, None, None]
    detections = Detections(boxes, np.linspace(0.9, 0.5, count, dtype=np.float32), landmarks.astype(np.float32))
    return Image(np.ascontiguousarray(pixels), ImageSize(800, 300), "png"), detections


def plain(face: Face) -> dict[str, Any]:
    """Everything but the landmarks, for comparison."""
    return {item.name: getattr(face, item.name) for item in fields(face) if item.name != "landmarks"}


def test_empty_picture_runs_no_network() -> None:
    """No detection, no face, no run."""
    session = MeanSession()
    image, _ = scene(0)
    assert AttributeAnalyser(session, AnalysisSettings()).analyse(image, Detections.empty()) == ()
    assert session.batches == []


def test_largest_face_comes_first() -> None:
    """Faces come by descending area of the clipped box, with their own score and landmarks."""
    image, detections = scene(5)
    faces = AttributeAnalyser(MeanSession(), AnalysisSettings()).analyse(image, detections)
    areas = [face.box.area for face in faces]
    assert areas == sorted(areas, reverse=True)
    assert [face.score for face in faces] == pytest.approx(detections.scores[::-1])
    assert np.array_equal(faces[0].landmarks, detections.landmarks[-1])


def test_batches_are_bounded_and_change_nothing() -> None:
    """Seven faces in batches of three are three runs, and say the same as seven runs of one."""
    image, detections = scene(7)
    together, alone = MeanSession(), MeanSession()
    several = AttributeAnalyser(together, AnalysisSettings(batch_max=3)).analyse(image, detections)
    single = AttributeAnalyser(alone, AnalysisSettings(batch_max=1)).analyse(image, detections)
    assert together.batches == [3, 3, 1]
    assert alone.batches == [1] * 7
    assert [plain(face) for face in several] == [plain(face) for face in single]
    assert len({face.sharpness for face in several}) == 7, "the faces are told apart"


def test_box_is_clipped_and_a_face_outside_is_left_out() -> None:
    """The box ends at the picture's edge, landmarks stay as found, and what shows nothing is no face."""
    image, detections = scene(2)
    boxes = np.array([[-20, -10, 60, 70], [900, 10, 950, 60]], np.float32)
    moved = Detections(boxes, detections.scores, detections.landmarks)
    (face,) = AttributeAnalyser(MeanSession(), AnalysisSettings()).analyse(image, moved)
    assert (face.box.left, face.box.top, face.box.right, face.box.bottom) == (0, 0, 60, 70)
    assert face.score == pytest.approx(float(detections.scores[0]))


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_omitted_attribute_is_absent(name: str) -> None:
    """An omitted attribute is `None`, and only that one."""
    image, detections = scene(1)
    (face,) = AttributeAnalyser(MeanSession(), AnalysisSettings(omit=(name,))).analyse(image, detections)
    assert [other for other in ATTRIBUTES if getattr(face, other) is None] == [name]


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        (AnalysisSettings(omit=("age", "shoe_size")), "shoe_size"),
        (AnalysisSettings(batch_max=0), "batch_max"),
        (AnalysisSettings(batch_max=5000), "batch_max"),
    ],
)
def test_impossible_settings_are_refused(settings: AnalysisSettings, field: str) -> None:
    """Construction fails and names what is wrong."""
    with pytest.raises(ConfigurationError, match=field):
        AttributeAnalyser(MeanSession(), settings)


def test_fixed_analyser_orders_and_clips_like_the_real_one() -> None:
    """The fake gives the same boxes in the same order, and the attributes that it was made with."""
    image, detections = scene(4)
    real = AttributeAnalyser(MeanSession(), AnalysisSettings()).analyse(image, detections)
    fixed = FixedAnalyser({"sharpness": 0.25}).analyse(image, detections)
    assert [face.box for face in fixed] == [face.box for face in real]
    assert {face.sharpness for face in fixed} == {0.25}
    assert {face.gender for face in fixed} == {None}


@pytest.fixture(scope="module")
def network() -> OnnxSession:
    settings = ModelSettings()
    return OnnxSession(prepare_attributes(read_model(attributes_spec(settings), settings)))


def test_shipped_network_gives_every_attribute_within_its_range(network: OnnxSession) -> None:
    """The network of the package has the outputs that the code names, and probabilities are probabilities."""
    image, detections = scene(3)
    for face in AttributeAnalyser(network, AnalysisSettings()).analyse(image, detections):
        assert all(getattr(face, name) is not None for name in ATTRIBUTES)
        assert face.emotion is not None
        assert sum(face.emotion.scores.values()) == pytest.approx(1, abs=1e-4)
        labels = [face.gender, face.mouth, face.beard, face.mask, face.hat]
        assert all(label is not None and 0.5 <= label.confidence <= 1 for label in labels)
        assert face.glasses is not None
        assert face.glasses.confidence >= 1 / 3
        shares = [face.attractive, face.sharpness, face.quality]
        assert all(share is not None and 0 <= share <= 1 for share in shares)
        assert face.age is not None
        assert 0 <= face.age.years <= 100
        assert face.age.sd > 0


def test_shipped_network_says_the_same_in_any_batch(network: OnnxSession) -> None:
    """A batch of five equals five batches of one, within the rounding of the engine."""
    image, detections = scene(5)
    several = AttributeAnalyser(network, AnalysisSettings()).analyse(image, detections)
    single = AttributeAnalyser(network, AnalysisSettings(batch_max=1)).analyse(image, detections)
    for one, other in zip(several, single, strict=True):
        assert one.age is not None
        assert other.age is not None
        assert one.age.years == pytest.approx(other.age.years, abs=1e-2)
        assert one.sharpness == pytest.approx(other.sharpness, abs=1e-4)
