"""A face result as the `Figures` of the wire: the one home of the record's field names and enumerations.

Source: product page "image/faces" (sample answer) and the Figure, Boundary and HeadPose structures of IMM 2020-09-30.
"""

import json
import math
import uuid
from typing import Final

from oss_faces.datasets import CLUSTER_INDEPENDENT, CLUSTER_UNAVAILABLE, Figure, IndexedFile
from oss_faces.errors import EngineFailed
from oss_faces.rendering.settings import Frame, RenderingSettings
from oss_faces.values import Box, Face, FaceResult, ImageSize, Label

# Fixed name space of FigureId. A new one would change every id that a user has stored.
_FIGURE_NAMESPACE: Final = uuid.UUID("6f8d6e5c-2f0b-5c8e-9b7a-0a4c1f4b3d52")
# OSS prints three decimals (widened from float32, which no client depends on).
_DECIMALS: Final = 3


def faces_body(result: FaceResult, etag: str, settings: RenderingSettings, request_id: str) -> bytes:
    """Write the answer of `image/faces`.

    Args:
        etag: MD5 of the picture's bytes in hex; part of every FigureId.
        request_id: upper-case UUID of this answer.

    Raises:
        EngineFailed: a model gave a number that is none.
    """
    document = {"RequestId": request_id, "Figures": figures(result, etag, settings)}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def figures(result: FaceResult, etag: str, settings: RenderingSettings) -> list[dict[str, object]]:
    """Return the `Figures` list alone, for answers with another envelope."""
    return [
        {
            **_head(figure_id(face.box, result, etag), face, CLUSTER_UNAVAILABLE),
            **_figure(face, result.size, result.orientation, settings.frame),
        }
        for face in result.faces
    ]


def kept_figures(file: IndexedFile, settings: RenderingSettings) -> list[dict[str, object]]:
    """Return the `Figures` of a file of a dataset: the same records, with the cluster that each belongs to."""
    image, orientation = file.facts.image, file.facts.orientation
    return [{**_kept_head(kept), **_figure(kept.face, image, orientation, settings.frame)} for kept in file.figures]


def shown_size(size: ImageSize, orientation: int, settings: RenderingSettings) -> ImageSize:
    """Give the size of a picture in the frame that boxes are written in.

    Args:
        size: of the upright picture.
    """
    return size if settings.frame == "upright" else _stored_size(size, orientation)


def boundaries(result: FaceResult, settings: RenderingSettings) -> list[object]:
    """Return the `Boundary` of each face alone."""
    return [record["Boundary"] for record in figures(result, "", settings)]


def figure_id(box: Box, result: FaceResult, etag: str) -> str:
    """Give the FigureId of a face: the same content, models and box always have the same, on every server.

    Args:
        etag: MD5 of the picture's bytes in hex.
    """
    corners = ",".join(f"{edge:.1f}" for edge in (box.left, box.top, box.right, box.bottom))
    return str(uuid.uuid5(_FIGURE_NAMESPACE, f"{etag.upper()}|{'+'.join(result.models)}|{corners}"))


def _head(own_id: str, face: Face, cluster_id: str) -> dict[str, object]:
    return {
        "FigureId": own_id,
        "FigureType": "face",
        "FigureConfidence": rounded(face.score),
        "FigureClusterId": cluster_id,
    }


def _kept_head(kept: Figure) -> dict[str, object]:
    if not kept.cluster_id:
        return _head(kept.figure_id, kept.face, CLUSTER_INDEPENDENT if kept.is_alone else CLUSTER_UNAVAILABLE)
    confidence = {"FigureClusterConfidence": rounded(kept.cluster_confidence)}
    return {**_head(kept.figure_id, kept.face, kept.cluster_id), **confidence}


def _figure(face: Face, upright: ImageSize, orientation: int, frame: Frame) -> dict[str, object]:
    """What one face looks like; a field that was not measured is left out, with its confidence."""
    box = face.box if frame == "upright" else stored_box(face.box, upright, orientation)
    size = upright if frame == "upright" else _stored_size(upright, orientation)
    record: dict[str, object] = {"Boundary": _boundary(box, size)}
    if face.age is not None:
        record |= {"Age": _whole(face.age.years), "AgeSD": rounded(face.age.sd)}
    if face.emotion is not None:
        record |= _emotion(face.emotion.scores["happy"])
    labels = {
        "Gender": face.gender,
        "Mouth": face.mouth,
        "Beard": face.beard,
        "Hat": face.hat,
        "Mask": face.mask,
        "Glasses": face.glasses,
    }
    for name, label in labels.items():
        record |= _label(name, label)
    if face.pose is not None:
        record["HeadPose"] = {
            "Pitch": rounded(face.pose.pitch),
            "Roll": rounded(face.pose.roll),
            "Yaw": rounded(face.pose.yaw),
        }
    scores = {"Sharpness": face.sharpness, "FaceQuality": face.quality, "Attractive": face.attractive}
    record |= {name: rounded(score) for name, score in scores.items() if score is not None}
    return record


def _label(name: str, label: Label | None) -> dict[str, object]:
    if label is None:
        return {}
    return {name: label.value, f"{name}Confidence": rounded(label.confidence)}


def _emotion(happiness: float) -> dict[str, object]:
    """The documented enumeration has two values; the confidence is that of the value stated."""
    is_happy = happiness >= 0.5
    return {
        "Emotion": "happiness" if is_happy else "none",
        "EmotionConfidence": rounded(happiness if is_happy else 1 - happiness),
    }


def rounded(number: float, decimals: int = _DECIMALS) -> float:
    """Round a number for the wire.

    Raises:
        EngineFailed: it is none.
    """
    # Adding zero turns minus zero into zero.
    return round(_finite(number), decimals) + 0.0


def _whole(number: float) -> int:
    return round(_finite(number))


def _finite(number: float) -> float:
    """Refuse what JSON cannot write; left out, it would look like an attribute that was not measured."""
    value = float(number)
    if not math.isfinite(value):
        raise EngineFailed(context={"number": str(value)})
    return value


def _boundary(box: Box, size: ImageSize) -> dict[str, int]:
    """Whole pixels inside the picture, at least one pixel wide and high."""
    left = min(max(_whole(box.left), 0), size.width - 1)
    top = min(max(_whole(box.top), 0), size.height - 1)
    right = min(max(_whole(box.right), left + 1), size.width)
    bottom = min(max(_whole(box.bottom), top + 1), size.height)
    return {"Left": left, "Top": top, "Width": right - left, "Height": bottom - top}


def _stored_size(size: ImageSize, orientation: int) -> ImageSize:
    return ImageSize(size.height, size.width) if orientation >= 5 else size


def stored_box(box: Box, size: ImageSize, orientation: int) -> Box:
    """Undo EXIF orientation 1..8 for a box given in the upright frame of that size; a box may have no extent."""
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    width, height = size.width, size.height
    stored = {
        1: (left, top, right, bottom),
        2: (width - right, top, width - left, bottom),
        3: (width - right, height - bottom, width - left, height - top),
        4: (left, height - bottom, right, height - top),
        5: (top, left, bottom, right),
        6: (top, width - right, bottom, width - left),
        7: (height - bottom, width - right, height - top, width - left),
        8: (height - bottom, left, height - top, right),
    }
    return Box(*stored[orientation])
