"""The largest face of every picture of a set, as the serving pipeline sees it: what identity is judged on.

Looking takes minutes, and several reports ask for the same sets. So what was seen can be kept in a folder of the
caller's choice and is used again as long as pictures, networks and settings are the same. Vectors are personal data:
such a folder belongs to nothing that is passed on.
"""

import hashlib
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evaluation.task import Task
from oss_faces.pipeline import FacePipeline
from oss_faces.recognition import Embedder
from oss_faces.values import Face

Array = NDArray[Any]
_KEPT: Final = ("ids", "identities", "vectors", "qualities", "boxes", "landmarks", "poses")


@dataclass(frozen=True, slots=True)
class KnownFaces:
    """What the pipeline said about every picture of a set, (N, ...) each; nan where no face was found.

    Attributes:
        ids: of the pictures.
        identities: whose face it is.
        vectors: (N, D) of length 1.
        qualities: how useful the face is for recognition, 0 to 1.
        boxes: (N, 4) xyxy, source pixels.
        landmarks: (N, 5, 2), source pixels.
        poses: (N, 3) pitch, roll and yaw in degrees.
    """

    ids: Array
    identities: Array
    vectors: Array
    qualities: Array
    boxes: Array
    landmarks: Array
    poses: Array

    @property
    def found(self) -> Array:
        """Whether a face was found: (N,) bool."""
        return np.asarray(np.isfinite(self.vectors[:, 0]))

    def places(self) -> dict[str, int]:
        """Row of a picture by its id."""
        return {str(name): place for place, name in enumerate(self.ids)}

    def select(self, index: Array) -> "KnownFaces":
        """Return the pictures at these places."""
        return KnownFaces(*(getattr(self, name)[index] for name in _KEPT))


def know(task: Task, embedder: Embedder, name: str, quick: AbstractSet[str]) -> KnownFaces:
    """Look at every picture of a set, or read what an earlier run saw.

    Args:
        quick: ids of the pictures that are enough in quick mode, of which nothing is kept.
    """
    pipeline = task.build(task.settings)
    if task.sets.quick:
        return _look(task, pipeline, embedder, name, quick)
    if task.vectors is None:
        return _look(task, pipeline, embedder, name, None)
    stamp = _stamp(task, pipeline, embedder, name)
    file = task.vectors / f"{name}.npz"
    if file.is_file():
        with np.load(file) as kept:
            if str(kept["stamp"]) == stamp:
                return KnownFaces(*(kept[column] for column in _KEPT))
    seen = _look(task, pipeline, embedder, name, None)
    _keep(file, stamp, seen)
    return seen


def _look(
    task: Task, pipeline: FacePipeline, embedder: Embedder, name: str, only: AbstractSet[str] | None
) -> KnownFaces:
    def work(row: dict[str, Any]) -> tuple[Face | None, Array]:
        """Find the largest face, which is the one that is meant, as in a request."""
        image = pipeline.decode(row["image"])
        faces = pipeline.analyser.analyse(image, pipeline.detector.detect(image))
        if not faces:
            return None, np.full(embedder.dimensions, np.nan)
        return faces[0], embedder.embed(image, faces[0].landmarks[None])[0]

    pictures = task.pictures(name, ["image", "identity"])
    rows = (row for row in pictures if only is None or str(row["id"]) in only)
    seen = [
        (str(row["id"]), str(row["identity"]), vector, *_facts(face)) for row, (face, vector) in task.each(rows, work)
    ]
    ids, identities, vectors, qualities, boxes, landmarks, poses = zip(*seen, strict=True)
    return KnownFaces(
        np.array(ids),
        np.array(identities),
        np.stack(vectors).astype(np.float32),
        np.array(qualities, float),
        np.stack(boxes),
        np.stack(landmarks),
        np.stack(poses),
    )


def _facts(face: Face | None) -> tuple[float, Array, Array, Array]:
    if face is None:
        return np.nan, np.full(4, np.nan), np.full((5, 2), np.nan), np.full(3, np.nan)
    box = face.box
    quality = np.nan if face.quality is None else face.quality
    pose = np.full(3, np.nan) if face.pose is None else np.array([face.pose.pitch, face.pose.roll, face.pose.yaw])
    return quality, np.array([box.left, box.top, box.right, box.bottom], float), face.landmarks, pose


def _stamp(task: Task, pipeline: FacePipeline, embedder: Embedder, name: str) -> str:
    """Say what the vectors depend on, as a digest."""
    parts = [*_KEPT, task.sets.digest(name), *pipeline.models, embedder.space]
    parts += [repr(section) for section in (task.settings.decoding, task.settings.detection, task.settings.recognition)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _keep(file: Path, stamp: str, seen: KnownFaces) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".new.npz")
    np.savez(unfinished, stamp=np.array(stamp), **{column: getattr(seen, column) for column in _KEPT})
    unfinished.replace(file)
