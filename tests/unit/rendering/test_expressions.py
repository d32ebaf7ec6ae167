"""A face result as the answer of `image/expressions`."""

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from oss_faces.errors import EngineFailed
from oss_faces.rendering import RenderingSettings
from oss_faces.rendering.expressions import expressions, expressions_body
from oss_faces.rendering.figures import figures
from oss_faces.values import Age, Box, Emotion, Face, FaceResult, HeadPose, ImageSize, Label

ETAG = "D41D8CD98F00B204E9800998ECF8427E"
REQUEST_ID = "5F2389FE-A5E3-076F-B071-43A33DB0D716"
UPRIGHT, STORED = RenderingSettings(), RenderingSettings(frame="stored")
SIZE = ImageSize(640, 480)
POINTS = np.array([[20, 30.04], [80, 30], [50, 60], [30, 90], [70, 650.26]], np.float32)
SCORES = {
    "angry": 0.1234,
    "disgust": 0.0004,
    "fear": 0.0,
    "happy": 0.6,
    "neutral": 0.2,
    "sad": 0.05,
    "surprise": 0.0262,
}
FACE = Face(
    Box(10, 20, 110, 220),
    0.9876,
    POINTS,
    age=Age(12.4, 5.0),
    emotion=Emotion(SCORES),
    mouth=Label("open", 0.567),
    pose=HeadPose(pitch=-12.309, yaw=3.443, roll=-11.362),
)


def result(*faces: Face, orientation: int = 1) -> FaceResult:
    return FaceResult(SIZE, faces, ("finder@1", "describer@2"), orientation)


def only(face: Face, settings: RenderingSettings = UPRIGHT, orientation: int = 1) -> dict:
    [record] = expressions(result(face, orientation=orientation), ETAG, settings)
    return record


def test_no_face_is_an_empty_list() -> None:
    """A picture without a face is answered with the envelope around nothing."""
    assert json.loads(expressions_body(result(), ETAG, UPRIGHT, REQUEST_ID)) == {
        "RequestId": REQUEST_ID,
        "Figures": [],
    }


def test_face_has_exactly_what_was_measured_of_its_expression() -> None:
    """Every field of the operation, value for value; what else is known of the face is not told here."""
    record = json.loads(expressions_body(result(FACE), ETAG, UPRIGHT, REQUEST_ID))["Figures"][0]
    assert record.pop("FigureId") == figures(result(FACE), ETAG, UPRIGHT)[0]["FigureId"]
    assert record == {
        "FigureConfidence": 0.988,
        "Boundary": {"Left": 10, "Top": 20, "Width": 100, "Height": 200},
        "Expression": "happy",
        "ExpressionConfidence": 0.6,
        "Scores": {
            "angry": 0.123,
            "disgust": 0.0,
            "fear": 0.0,
            "happy": 0.6,
            "neutral": 0.2,
            "sad": 0.05,
            "surprise": 0.026,
        },
        "Mouth": "open",
        "MouthConfidence": 0.567,
        "HeadPose": {"Pitch": -12.309, "Roll": -11.362, "Yaw": 3.443},
        "Landmarks": {
            "LeftEye": {"X": 20.0, "Y": 30.0},
            "RightEye": {"X": 80.0, "Y": 30.0},
            "Nose": {"X": 50.0, "Y": 60.0},
            "LeftMouthCorner": {"X": 30.0, "Y": 90.0},
            "RightMouthCorner": {"X": 70.0, "Y": 650.3},
        },
    }


def test_scores_sum_to_one_within_rounding() -> None:
    """Seven numbers of three decimals are together at most seven halves of a thousandth off."""
    random = np.random.default_rng(5)
    for shares in random.dirichlet(np.ones(7), 200):
        record = only(replace(FACE, emotion=Emotion(dict(zip(SCORES, shares, strict=True)))))
        assert sum(record["Scores"].values()) == pytest.approx(1, abs=0.0036)
        assert record["ExpressionConfidence"] == max(record["Scores"].values())


@pytest.mark.parametrize(
    ("attribute", "fields"),
    [
        ("emotion", {"Expression", "ExpressionConfidence", "Scores"}),
        ("mouth", {"Mouth", "MouthConfidence"}),
        ("pose", {"HeadPose"}),
    ],
)
def test_what_was_not_measured_is_left_out(attribute: str, fields: set[str]) -> None:
    """An attribute that the settings omit takes its own fields away and no other."""
    assert set(only(FACE)) - set(only(replace(FACE, **{attribute: None}))) == fields


@pytest.mark.parametrize("orientation", range(1, 9))
def test_landmarks_stay_in_the_frame_of_the_box(orientation: int) -> None:
    """Asked for the stored frame, each point lies as far into the box as it does upright, turned like the box."""
    # The corners of the box stand for landmarks: wherever the box goes, its corners go with it.
    corners = np.array([[10, 20], [110, 20], [110, 220], [10, 220], [60, 120]], np.float32)
    record = only(replace(FACE, landmarks=corners), STORED, orientation)
    box = record["Boundary"]
    right, bottom = box["Left"] + box["Width"], box["Top"] + box["Height"]
    points = [(point["X"], point["Y"]) for point in record["Landmarks"].values()]
    assert set(points[:4]) == {(x, y) for x in (box["Left"], right) for y in (box["Top"], bottom)}
    assert points[4] == ((box["Left"] + right) / 2, (box["Top"] + bottom) / 2)
    # Neighbours stay neighbours.
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in itertools.pairwise(points[:4]))


def test_upright_landmarks_do_not_turn() -> None:
    """By default the points are those of the picture as it is shown, like the box."""
    assert only(FACE, UPRIGHT, 6) == only(FACE, UPRIGHT, 1)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_number_that_is_none_is_an_error(number: float) -> None:
    """JSON cannot write it, and leaving it out would look like something that was not measured."""
    with pytest.raises(EngineFailed):
        only(replace(FACE, emotion=Emotion({**SCORES, "sad": number})))
    with pytest.raises(EngineFailed):
        only(replace(FACE, landmarks=np.full((5, 2), number, np.float32)))
