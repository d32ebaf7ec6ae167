"""What each field is that can be asked for, read off the values: the one meaning for every face database.

A database that keeps columns fills them with what is read here. A field without a value is None, and so is an empty
text. Names of fields are IMM's; `datasets.FILE_FIELDS` and `datasets.FIGURE_FIELDS` list them.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias

from oss_faces.datasets import CLUSTER_INDEPENDENT, CLUSTER_UNAVAILABLE, FIGURES, Figure, IndexedFile
from oss_faces.values import Face, Label

Value: TypeAlias = str | float | datetime

CUSTOM_LABELS: Final = "CustomLabels"
USER_META: Final = "OSSUserMeta"
_USER_META_PREFIX: Final = "x-oss-meta-"
_FIGURE_PREFIX: Final = f"{FIGURES}."

FILE_READERS: Final[Mapping[str, Callable[[IndexedFile], Value | None]]] = {
    "URI": lambda file: file.uri,
    "Filename": lambda file: file.filename or None,
    "ObjectId": lambda file: file.object_id,
    "CustomId": lambda file: file.spec.custom_id or None,
    "MediaType": lambda file: file.facts.content_type.partition("/")[0] or None,
    "ContentType": lambda file: file.facts.content_type or None,
    "Size": lambda file: file.facts.size_bytes,
    "ETag": lambda file: file.facts.etag or None,
    "OSSCRC64": lambda file: None if file.facts.crc64 is None else str(file.facts.crc64),
    "OSSObjectType": lambda file: file.facts.object_type or None,
    "ObjectACL": lambda file: file.facts.acl or None,
    "FileModifiedTime": lambda file: file.facts.modified,
    "ProduceTime": lambda file: file.spec.produced,
    "CreateTime": lambda file: file.created,
    "UpdateTime": lambda file: file.updated,
    "ImageWidth": lambda file: file.facts.image.width,
    "ImageHeight": lambda file: file.facts.image.height,
    "Orientation": lambda file: file.facts.orientation,
    "FigureCount": lambda file: len(file.figures),
}

# Those that follow from the face alone; it never changes while the figure is kept.
FACE_READERS: Final[Mapping[str, Callable[[Face], Value | None]]] = {
    "FigureConfidence": lambda face: face.score,
    "Age": lambda face: None if face.age is None else round(face.age.years),
    "AgeSD": lambda face: None if face.age is None else face.age.sd,
    "Gender": lambda face: _value(face.gender),
    "GenderConfidence": lambda face: _confidence(face.gender),
    "Emotion": lambda face: None if face.emotion is None else _emotion(face)[0],
    "EmotionConfidence": lambda face: None if face.emotion is None else _emotion(face)[1],
    "Mouth": lambda face: _value(face.mouth),
    "MouthConfidence": lambda face: _confidence(face.mouth),
    "Beard": lambda face: _value(face.beard),
    "BeardConfidence": lambda face: _confidence(face.beard),
    "Mask": lambda face: _value(face.mask),
    "MaskConfidence": lambda face: _confidence(face.mask),
    "Hat": lambda face: _value(face.hat),
    "HatConfidence": lambda face: _confidence(face.hat),
    "Glasses": lambda face: _value(face.glasses),
    "GlassesConfidence": lambda face: _confidence(face.glasses),
    "HeadPose.Pitch": lambda face: None if face.pose is None else face.pose.pitch,
    "HeadPose.Yaw": lambda face: None if face.pose is None else face.pose.yaw,
    "HeadPose.Roll": lambda face: None if face.pose is None else face.pose.roll,
    "Attractive": lambda face: face.attractive,
    "Sharpness": lambda face: face.sharpness,
    "FaceQuality": lambda face: face.quality,
    "Boundary.Left": lambda face: face.box.left,
    "Boundary.Top": lambda face: face.box.top,
    "Boundary.Width": lambda face: face.box.width,
    "Boundary.Height": lambda face: face.box.height,
}

FIGURE_READERS: Final[Mapping[str, Callable[[Figure], Value | None]]] = {
    "FigureId": lambda figure: figure.figure_id,
    "FigureType": lambda _figure: "face",
    "FigureClusterId": lambda figure: cluster_text(figure.cluster_id, is_alone=figure.is_alone),
    "FigureClusterConfidence": lambda figure: figure.cluster_confidence if figure.cluster_id else None,
}


def cluster_text(cluster_id: str, *, is_alone: bool) -> str:
    """Tell what stands for a figure's cluster, also when it has none."""
    return cluster_id or (CLUSTER_INDEPENDENT if is_alone else CLUSTER_UNAVAILABLE)


def figure_field(field: str) -> str:
    """Take the name of a figure's field out of the whole one; empty when the field is one of the file."""
    return field.removeprefix(_FIGURE_PREFIX) if field.startswith(_FIGURE_PREFIX) else ""


def figure_value(figure: Figure, field: str) -> Value | None:
    """Read a field of FIGURE_FIELDS."""
    if field in FIGURE_READERS:
        return FIGURE_READERS[field](figure)
    return FACE_READERS[field](figure.face)


def labels(file: IndexedFile) -> Iterator[tuple[str, str, str]]:
    """Give what a file has in LABEL_FIELDS and TEXT_FIELDS: (field, key, value), as they are compared."""
    for key, value in file.spec.custom_labels.items():
        yield CUSTOM_LABELS, key.lower(), value.lower()
    for key, value in file.facts.user.items():
        yield USER_META, key.lower(), value
    for field, value in file.spec.texts.items():
        if value:
            yield field, "", value


def label_key(field: str) -> tuple[str, str]:
    """Take the name of a label field apart: the field and its key; the key of a text field is empty."""
    name, _, key = field.partition(".")
    key = key.lower()
    return name, key.removeprefix(_USER_META_PREFIX) if name == USER_META else key


def label_text(field: str, value: Value) -> str:
    """Bring a value into the form in which it is compared with a label."""
    return str(value).lower() if field.startswith(CUSTOM_LABELS) else str(value)


def group_text(value: Value) -> str:
    """Write the value that a group has in common: whole numbers without a point, times as RFC 3339."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _value(label: Label | None) -> str | None:
    return None if label is None else label.value


def _confidence(label: Label | None) -> float | None:
    return None if label is None else label.confidence


def _emotion(face: Face) -> tuple[str, float]:
    """IMM's two values, as the answers of `image/faces` have them."""
    assert face.emotion is not None, "asked of faces with an emotion only"
    happiness = face.emotion.scores.get("happy", 0.0)
    return ("happiness", happiness) if happiness >= 0.5 else ("none", 1 - happiness)
