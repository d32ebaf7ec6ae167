import numpy as np

from oss_faces.rendering import EXPRESSION_COLUMNS, FACE_COLUMNS, RenderingSettings, expression_rows, face_rows
from oss_faces.values import (
    EXPRESSION_NAMES,
    Age,
    Box,
    Emotion,
    Face,
    FaceResult,
    HeadPose,
    ImageSize,
    Label,
)

_YES = Label("none", 0.75)


def _result(face: Face) -> FaceResult:
    return FaceResult(ImageSize(100, 80), (face,), ("m@1",))


def _whole_face() -> Face:
    scores = dict.fromkeys(EXPRESSION_NAMES, 1 / 7)
    return Face(
        Box(1, 2, 31, 42),
        0.9,
        np.arange(10, dtype=np.float32).reshape(5, 2),
        age=Age(33.2, 5),
        gender=Label("female", 0.75),
        emotion=Emotion(scores),
        mouth=Label("open", 0.75),
        beard=_YES,
        mask=_YES,
        hat=_YES,
        glasses=_YES,
        pose=HeadPose(1, 2, 3),
        attractive=0.5,
        sharpness=0.5,
        quality=0.5,
    )


def test_every_column_of_faces() -> None:
    """A face of which everything was measured fills every column, by the names and values of the wire."""
    [row] = face_rows(_result(_whole_face()), "E", RenderingSettings())
    assert list(row) == list(FACE_COLUMNS)
    assert (row["Left"], row["Top"], row["Width"], row["Height"], row["Age"]) == (1, 2, 30, 40, 33)
    assert (row["Pitch"], row["Yaw"], row["Roll"], row["Gender"]) == (1, 2, 3, "female")


def test_every_column_of_expressions() -> None:
    """The same for expressions; a point is two columns."""
    [row] = expression_rows(_result(_whole_face()), "E", RenderingSettings())
    assert list(row) == list(EXPRESSION_COLUMNS)
    assert (row["Happy"], row["LeftEyeX"], row["RightMouthCornerY"]) == (0.143, 0.0, 9.0)


def test_what_was_not_measured_is_left_out() -> None:
    """A face of which only the box is known has no more than that."""
    face = Face(Box(1, 2, 31, 42), 0.9, np.zeros((5, 2), np.float32))
    [row] = face_rows(_result(face), "E", RenderingSettings())
    assert set(row) == {"FigureId", "FigureConfidence", "Left", "Top", "Width", "Height"}
