"""The answer of `image/expressions`, an operation of ours: what a face shows."""

import json
from typing import Final

from oss_faces.rendering.figures import figures, rounded, stored_box
from oss_faces.rendering.settings import Frame, RenderingSettings
from oss_faces.values import LANDMARK_NAMES, Box, Emotion, Face, FaceResult

_SHARED: Final[tuple[str, ...]] = ("FigureId", "FigureConfidence", "Boundary", "Mouth", "MouthConfidence", "HeadPose")
"""Fields that are those of `image/faces`, value for value."""

# A detector is not surer of a point than that.
_POINT_DECIMALS: Final = 1
POINT_NAMES: Final = tuple("".join(word.title() for word in name.split("_")) for name in LANDMARK_NAMES)


def expressions_body(result: FaceResult, etag: str, settings: RenderingSettings, request_id: str) -> bytes:
    """Write the answer of `image/expressions`; arguments and errors as for `figures.faces_body`."""
    document = {"RequestId": request_id, "Figures": expressions(result, etag, settings)}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def expressions(result: FaceResult, etag: str, settings: RenderingSettings) -> list[dict[str, object]]:
    """Return the `Figures` list alone; what was not measured is left out."""
    records = zip(result.faces, figures(result, etag, settings), strict=True)
    return [_expression(face, record, result, settings.frame) for face, record in records]


def _expression(face: Face, figure: dict[str, object], result: FaceResult, frame: Frame) -> dict[str, object]:
    record = {name: figure[name] for name in _SHARED if name in figure}
    if face.emotion is not None:
        record |= _scores(face.emotion)
    points = {
        name: _point(float(x), float(y), result, frame)
        for name, (x, y) in zip(POINT_NAMES, face.landmarks, strict=True)
    }
    return {**record, "Landmarks": points}


def _scores(emotion: Emotion) -> dict[str, object]:
    """All seven, and the likeliest; the sum is 1 but for what rounding takes or adds."""
    scores = {name: rounded(share) for name, share in emotion.scores.items()}
    return {"Expression": emotion.value, "ExpressionConfidence": scores[emotion.value], "Scores": scores}


def _point(x: float, y: float, result: FaceResult, frame: Frame) -> dict[str, float]:
    """One landmark in the frame of the boxes; it may lie outside of the picture."""
    place = Box(x, y, x, y)
    if frame == "stored":
        place = stored_box(place, result.size, result.orientation)
    return {"X": rounded(place.left, _POINT_DECIMALS), "Y": rounded(place.top, _POINT_DECIMALS)}
