"""Values as rows and rows as values; which column a field is that can be asked for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import ColumnElement, Row, literal

from oss_faces.datasets import (
    CLUSTER_INDEPENDENT,
    CLUSTER_UNAVAILABLE,
    ClusterFacts,
    ClusterSpec,
    Dataset,
    DatasetRef,
    DatasetSpec,
    Figure,
    FigureCluster,
    FileFacts,
    FileSpec,
    IndexedFile,
    NewFigure,
)
from oss_faces.facedb.fields import FACE_READERS, FILE_READERS, labels
from oss_faces.facedb.paging import micros, moment, stored
from oss_faces.facedb.tables import FIGURES, FILES
from oss_faces.geometry import FloatArray
from oss_faces.values import LANDMARK_NAMES, Age, Box, Emotion, Face, HeadPose, ImageSize, Label

NO_CLUSTER: Final = (CLUSTER_UNAVAILABLE, CLUSTER_INDEPENDENT)
VECTOR_TYPE: Final = "<f4"

_FILE_COLUMN_NAMES: Final[Mapping[str, str]] = {
    "URI": "uri",
    "Filename": "filename",
    "ObjectId": "object_id",
    "CustomId": "custom_id",
    "MediaType": "media_type",
    "ContentType": "content_type",
    "Size": "size_bytes",
    "ETag": "etag",
    "OSSCRC64": "crc64",
    "OSSObjectType": "object_type",
    "ObjectACL": "acl",
    "FileModifiedTime": "modified_us",
    "ProduceTime": "produced_us",
    "CreateTime": "created_us",
    "UpdateTime": "updated_us",
    "ImageWidth": "image_width",
    "ImageHeight": "image_height",
    "Orientation": "orientation",
    "FigureCount": "figure_count",
}
FILE_COLUMNS: Final[Mapping[str, ColumnElement[Any]]] = {
    field: FILES.c[name] for field, name in _FILE_COLUMN_NAMES.items()
}

# Of what follows from the face and stands in a column of its own.
_FACE_COLUMN_NAMES: Final[Mapping[str, str]] = {
    "FigureConfidence": "score",
    "Age": "age",
    "AgeSD": "age_sd",
    "Gender": "gender",
    "GenderConfidence": "gender_confidence",
    "Emotion": "emotion",
    "EmotionConfidence": "emotion_confidence",
    "Mouth": "mouth",
    "MouthConfidence": "mouth_confidence",
    "Beard": "beard",
    "BeardConfidence": "beard_confidence",
    "Mask": "mask",
    "MaskConfidence": "mask_confidence",
    "Hat": "hat",
    "HatConfidence": "hat_confidence",
    "Glasses": "glasses",
    "GlassesConfidence": "glasses_confidence",
    "HeadPose.Pitch": "pose_pitch",
    "HeadPose.Yaw": "pose_yaw",
    "HeadPose.Roll": "pose_roll",
    "Attractive": "attractive",
    "Sharpness": "sharpness",
    "FaceQuality": "quality",
    "Boundary.Left": "box_left",
    "Boundary.Top": "box_top",
}
FIGURE_COLUMNS: Final[Mapping[str, ColumnElement[Any]]] = {
    "FigureId": FIGURES.c.figure_id,
    "FigureType": literal("face"),
    "FigureClusterId": FIGURES.c.cluster,
    "FigureClusterConfidence": FIGURES.c.cluster_confidence,
    "Boundary.Width": FIGURES.c.box_right - FIGURES.c.box_left,
    "Boundary.Height": FIGURES.c.box_bottom - FIGURES.c.box_top,
    **{field: FIGURES.c[name] for field, name in _FACE_COLUMN_NAMES.items()},
}


# --- datasets ----------------------------------------------------------------------------------------------------


def dataset_columns(spec: DatasetSpec) -> dict[str, object]:
    """Write what is said about a dataset."""
    return {
        "description": spec.description,
        "template_id": spec.template_id,
        "limits": dict(spec.limits),
        "retention_days": spec.retention_days,
    }


def to_dataset(row: Row[Any]) -> Dataset:
    """Read a dataset."""
    return Dataset(
        DatasetRef(row.project, row.name),
        DatasetSpec(row.description, row.template_id, row.limits, row.retention_days),
        moment(row.created_us),
        moment(row.updated_us),
        row.space,
        row.file_count,
        row.size_bytes,
    )


# --- files -------------------------------------------------------------------------------------------------------


def file_columns(file: IndexedFile) -> dict[str, object]:
    """Write a file without its figures."""
    return {
        **{name: stored(FILE_READERS[field](file)) for field, name in _FILE_COLUMN_NAMES.items()},
        "models": list(file.facts.models),
        "custom_labels": dict(file.spec.custom_labels),
        "texts": dict(file.spec.texts),
        "user_meta": dict(file.facts.user),
    }


def label_columns(file: IndexedFile) -> list[dict[str, object]]:
    """Write what can be asked for by name and key."""
    return [{"field": field, "key": key, "value": value} for field, key, value in labels(file)]


def to_file(row: Row[Any], figures: Sequence[Figure]) -> IndexedFile:
    """Read a file."""
    produced = None if row.produced_us is None else moment(row.produced_us)
    spec = FileSpec(row.custom_id or "", row.custom_labels, produced, row.texts)
    facts = FileFacts(
        etag=row.etag or "",
        size_bytes=row.size_bytes,
        content_type=row.content_type or "",
        modified=moment(row.modified_us),
        image=ImageSize(row.image_width, row.image_height),
        orientation=row.orientation,
        models=tuple(row.models),
        crc64=None if row.crc64 is None else int(row.crc64),
        object_type=row.object_type or "",
        acl=row.acl or "",
        user=row.user_meta,
    )
    return IndexedFile(
        row.uri, row.object_id, spec, facts, tuple(figures), moment(row.created_us), moment(row.updated_us)
    )


# --- figures -----------------------------------------------------------------------------------------------------


def face_columns(face: Face) -> dict[str, object]:
    """Write a face."""
    return {
        **{name: FACE_READERS[field](face) for field, name in _FACE_COLUMN_NAMES.items()},
        "box_right": face.box.right,
        "box_bottom": face.box.bottom,
        "landmarks": face.landmarks.astype(VECTOR_TYPE).tobytes(),
        "age_years": None if face.age is None else face.age.years,
        "emotion_scores": None if face.emotion is None else dict(face.emotion.scores),
    }


def figure_columns(figure: NewFigure) -> dict[str, object]:
    """Write a new figure, of which nobody has said yet who it is."""
    return {
        "figure_id": figure.figure_id,
        "cluster": CLUSTER_UNAVAILABLE,
        "cluster_confidence": None,
        "is_pinned": False,
        **face_columns(figure.face),
    }


def to_figure(row: Row[Any], uri: str) -> Figure:
    """Read a figure."""
    return Figure(
        number=row.number,
        figure_id=row.figure_id,
        uri=uri,
        face=_to_face(row),
        cluster_id="" if row.cluster in NO_CLUSTER else row.cluster,
        cluster_confidence=row.cluster_confidence or 0.0,
        is_pinned=row.is_pinned,
        is_alone=row.cluster == CLUSTER_INDEPENDENT,
    )


def _to_face(row: Row[Any]) -> Face:
    landmarks = np.frombuffer(row.landmarks, VECTOR_TYPE).reshape(len(LANDMARK_NAMES), 2)
    return Face(
        Box(row.box_left, row.box_top, row.box_right, row.box_bottom),
        row.score,
        landmarks.astype(np.float32),
        age=None if row.age_years is None else Age(row.age_years, row.age_sd),
        gender=_to_label(row.gender, row.gender_confidence),
        emotion=None if row.emotion_scores is None else Emotion(row.emotion_scores),
        mouth=_to_label(row.mouth, row.mouth_confidence),
        beard=_to_label(row.beard, row.beard_confidence),
        mask=_to_label(row.mask, row.mask_confidence),
        hat=_to_label(row.hat, row.hat_confidence),
        glasses=_to_label(row.glasses, row.glasses_confidence),
        pose=None if row.pose_pitch is None else HeadPose(row.pose_pitch, row.pose_yaw, row.pose_roll),
        attractive=row.attractive,
        sharpness=row.sharpness,
        quality=row.quality,
    )


def _to_label(value: str | None, confidence: float) -> Label | None:
    return None if value is None else Label(value, confidence)


# --- vectors -----------------------------------------------------------------------------------------------------


def vector_bytes(vector: FloatArray) -> bytes:
    """Write a vector."""
    return np.asarray(vector).astype(VECTOR_TYPE).tobytes()


def to_vectors(rows: Sequence[bytes], dimensions: int) -> FloatArray:
    """Read vectors of one space: (N, D) float32."""
    joined = np.frombuffer(b"".join(rows), VECTOR_TYPE).reshape(len(rows), dimensions)
    return joined.astype(np.float32)


# --- clusters ----------------------------------------------------------------------------------------------------


def cluster_columns(spec: ClusterSpec) -> dict[str, object]:
    """Write what a person says about a cluster."""
    return {
        "name": spec.name,
        "custom_id": spec.custom_id,
        "custom_labels": dict(spec.custom_labels),
        "cover_uri": spec.cover_uri,
    }


def to_cluster_spec(row: Row[Any]) -> ClusterSpec:
    """Read what a person says about a cluster."""
    return ClusterSpec(row.name, row.custom_id, row.custom_labels, row.cover_uri)


def to_cluster(row: Row[Any], ref: DatasetRef, cover: Figure) -> FigureCluster:
    """Read a cluster."""
    ages = None if row.age_min is None else (row.age_min, row.age_mean, row.age_max)
    facts = ClusterFacts(row.face_count, row.image_count, row.gender, ages, cover)
    created, updated = moment(row.created_us), moment(row.updated_us)
    return FigureCluster(row.cluster_id, ref, to_cluster_spec(row), facts, row.lock_version, created, updated)


def created_columns(created_us: int) -> dict[str, int]:
    """Write the times of something new."""
    return {"created_us": created_us, "updated_us": created_us}


__all__ = [
    "FIGURE_COLUMNS",
    "FILE_COLUMNS",
    "NO_CLUSTER",
    "cluster_columns",
    "created_columns",
    "dataset_columns",
    "face_columns",
    "figure_columns",
    "file_columns",
    "label_columns",
    "micros",
    "moment",
    "to_cluster",
    "to_cluster_spec",
    "to_dataset",
    "to_figure",
    "to_file",
    "to_vectors",
    "vector_bytes",
]
