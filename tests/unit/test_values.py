"""The values that travel: what they compute, and what they refuse to be made of."""

import numpy as np
import pytest

from oss_faces.values import Box, Detections, Emotion, Image, ImageSize, Principal, WireRequest


def pixels(height: int = 2, width: int = 3) -> np.ndarray:
    return np.zeros((height, width, 3), np.uint8)


def detections(count: int = 3) -> Detections:
    numbers = np.arange(count, dtype=np.float32)
    return Detections(
        np.stack([numbers, numbers, numbers + 1, numbers + 1], axis=1),
        numbers / 10,
        np.tile(numbers[:, None, None], (1, 5, 2)).astype(np.float32),
    )


def test_pixels_of_a_size_is_width_times_height() -> None:
    """A size counts its pixels."""
    assert ImageSize(30, 20).pixels == 600


@pytest.mark.parametrize(
    ("array", "orientation"),
    [
        (np.zeros((2, 3), np.uint8), 1),
        (np.zeros((2, 3, 4), np.uint8), 1),
        (np.zeros((2, 3, 3), np.float32), 1),
        (pixels(), 0),
        (pixels(), 9),
    ],
)
def test_image_refuses_what_is_not_upright_rgb(array: np.ndarray, orientation: int) -> None:
    """Grey, alpha, other types and unknown orientations never travel down the line."""
    with pytest.raises(AssertionError):
        Image(array, ImageSize(3, 2), "png", orientation)


def test_scale_is_rendition_pixels_per_source_pixel() -> None:
    """A rendition of half the width and a quarter of the height says so, x before y."""
    assert Image(pixels(5, 10), ImageSize(20, 20), "jpeg").scale == (0.5, 0.25)
    assert Image(pixels(5, 10), ImageSize(10, 5), "jpeg").scale == (1.0, 1.0)


@pytest.mark.parametrize(
    ("boxes", "scores", "landmarks"),
    [
        (np.zeros((1, 5)), np.zeros(1), np.zeros((1, 5, 2))),
        (np.zeros((1, 4)), np.zeros(2), np.zeros((1, 5, 2))),
        (np.zeros((1, 4)), np.zeros(1), np.zeros((1, 10))),
    ],
)
def test_detections_refuse_arrays_that_do_not_belong_together(
    boxes: np.ndarray, scores: np.ndarray, landmarks: np.ndarray
) -> None:
    """Arrays of the wrong shape are a broken promise at once, not a wrong answer later."""
    with pytest.raises(AssertionError):
        Detections(boxes.astype(np.float32), scores.astype(np.float32), landmarks.astype(np.float32))


def test_detections_are_float32() -> None:
    """Arrays of another type are refused."""
    with pytest.raises(AssertionError):
        Detections(np.zeros((1, 4)), np.zeros(1), np.zeros((1, 5, 2)))  # type: ignore[arg-type]  # the point of the test


def test_no_detection_is_empty_arrays() -> None:
    """No face is zero rows of every array."""
    nothing = Detections.empty()
    assert len(nothing) == 0
    assert nothing.boxes.shape == (0, 4)
    assert nothing.landmarks.shape == (0, 5, 2)


@pytest.mark.parametrize("index", [np.array([2, 0]), np.array([True, False, True]), slice(0, 3, 2)])
def test_select_takes_the_same_rows_of_every_array(index: np.ndarray | slice) -> None:
    """Box, score and landmarks of one face stay together."""
    chosen = detections().select(index)
    assert len(chosen) == 2
    for box, score, landmarks in zip(chosen.boxes, chosen.scores, chosen.landmarks, strict=True):
        assert box[0] == landmarks[0, 0]
        assert score == pytest.approx(box[0] / 10)


def test_select_keeps_the_order_that_was_asked_for() -> None:
    """Places come back in the order of the index."""
    assert detections().select(np.array([2, 0])).boxes[:, 0].tolist() == [2, 0]


def test_box_measures_itself() -> None:
    """Width, height and area are those between the far edges."""
    box = Box(1.5, 2, 4, 10)
    assert (box.width, box.height, box.area) == (2.5, 8, 20)


def test_emotion_is_the_likeliest_expression() -> None:
    """The value of an emotion is the expression with the highest probability."""
    assert Emotion({"happy": 0.2, "sad": 0.5, "neutral": 0.3}).value == "sad"


def test_header_is_found_stripped_and_joined() -> None:
    """Blanks around a value are no part of it; a header sent twice is one list; one that is absent is None."""
    request = WireRequest("GET", "/", "", (("a", " 1 "), ("b", "2"), ("a", "3")))
    assert request.header("a") == "1,3"
    assert request.header("b") == "2"
    assert request.header("c") is None


def test_caller_without_a_key_is_anonymous() -> None:
    """Only an access key id makes a caller known."""
    assert Principal().is_anonymous
    assert not Principal("id").is_anonymous
