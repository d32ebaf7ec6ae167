"""A face as one flat row of a table: the names and values of the wire, without its nesting."""

import enum
from collections.abc import Mapping, Sequence
from typing import Any, Final

from oss_faces.geometry import FloatArray
from oss_faces.rendering.expressions import POINT_NAMES, expressions
from oss_faces.rendering.figures import figures
from oss_faces.rendering.settings import RenderingSettings
from oss_faces.values import EXPRESSION_NAMES, FaceResult


class Kind(enum.Enum):
    """What a column holds; every cell may be empty."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    FLAG = "yes or no"
    VECTOR = "list of numbers"


Columns = Mapping[str, Kind]

_BOX: Final[Columns] = {
    "FigureId": Kind.TEXT,
    "FigureConfidence": Kind.NUMBER,
    "Left": Kind.WHOLE,
    "Top": Kind.WHOLE,
    "Width": Kind.WHOLE,
    "Height": Kind.WHOLE,
}
_POSE: Final[Columns] = {"Pitch": Kind.NUMBER, "Roll": Kind.NUMBER, "Yaw": Kind.NUMBER}
_LABELS: Final = ("Emotion", "Gender", "Mouth", "Beard", "Hat", "Mask", "Glasses")


def _label_columns(names: Sequence[str]) -> Columns:
    pairs = ((name, f"{name}Confidence") for name in names)
    return {column: kind for pair in pairs for column, kind in zip(pair, (Kind.TEXT, Kind.NUMBER), strict=True)}


FACE_COLUMNS: Final[Columns] = {
    **_BOX,
    "Age": Kind.WHOLE,
    "AgeSD": Kind.NUMBER,
    **_label_columns(_LABELS),
    **_POSE,
    "Sharpness": Kind.NUMBER,
    "FaceQuality": Kind.NUMBER,
    "Attractive": Kind.NUMBER,
}
VECTOR_COLUMNS: Final[Columns] = {**FACE_COLUMNS, "Vector": Kind.VECTOR}
EXPRESSION_COLUMNS: Final[Columns] = {
    **_BOX,
    **_label_columns(("Expression", "Mouth")),
    **_POSE,
    **{name.title(): Kind.NUMBER for name in EXPRESSION_NAMES},
    **{f"{name}{axis}": Kind.NUMBER for name in POINT_NAMES for axis in "XY"},
}


def face_rows(result: FaceResult, etag: str, settings: RenderingSettings) -> tuple[dict[str, Any], ...]:
    """Give a row by `FACE_COLUMNS` for each face; what was not measured is left out.

    Raises:
        EngineFailed: a model gave a number that is none.
    """
    return tuple(_flat(record, FACE_COLUMNS) for record in figures(result, etag, settings))


def vector_rows(
    result: FaceResult, vectors: FloatArray, etag: str, settings: RenderingSettings
) -> tuple[dict[str, Any], ...]:
    """Do the same by `VECTOR_COLUMNS`.

    Args:
        vectors: (N, D) float32, one for each face.
    """
    rows = zip(face_rows(result, etag, settings), vectors, strict=True)
    return tuple({**row, "Vector": vector.tolist()} for row, vector in rows)


def expression_rows(result: FaceResult, etag: str, settings: RenderingSettings) -> tuple[dict[str, Any], ...]:
    """Do the same by `EXPRESSION_COLUMNS`."""
    return tuple(_flat(record, EXPRESSION_COLUMNS) for record in expressions(result, etag, settings))


def _flat(record: Mapping[str, Any], columns: Columns) -> dict[str, Any]:
    """Take the inner values of a record out of their groups, and what has a column."""
    flat = dict(record)
    for group in ("Boundary", "HeadPose"):
        flat |= flat.pop(group, {})
    flat |= {name.title(): score for name, score in flat.pop("Scores", {}).items()}
    for name, point in flat.pop("Landmarks", {}).items():
        flat |= {f"{name}{axis}": place for axis, place in point.items()}
    return {name: flat[name] for name in columns if name in flat}
