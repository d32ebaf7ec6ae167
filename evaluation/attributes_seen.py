"""What the serving pipeline said about labelled faces: one `Seen` per face, found or missed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from evaluation.attributes_labels import Labels, labels_of
from evaluation.task import Task
from oss_faces.geometry import pairwise_iou
from oss_faces.pipeline import FacePipeline
from oss_faces.values import Face

MATCH_IOU: Final = 0.4
CROWD_FACE_SIDE_MIN: Final = 24.0
CROWD: Final = "mask_facemask853"
QUICK_PICTURES: Final = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """One labelled face and what was said about it.

    Attributes:
        id: of the picture.
        labels: names of `attributes_labels.LABELS`, only those the set tells.
        face: `None`: the detector did not find it.
        groups: kind of group to group, for instance `race` to `Black`.
        extra: labels of other types, as they stand in the set.
    """

    id: str
    labels: Labels
    face: Face | None
    groups: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a set is looked at.

    Attributes:
        name: of the set, also of its Parquet file.
        split: the part that no training saw.
        columns: labels that are read.
        groups: columns by which figures are also told.
    """

    name: str
    split: str
    columns: tuple[str, ...]
    groups: tuple[str, ...] = ()


class Gallery:
    """Shows the pictures of a task to the pipeline, and remembers what was said about each set."""

    def __init__(self, task: Task, pipeline: FacePipeline) -> None:
        self._task = task
        self._pipeline = pipeline
        self.seen: dict[str, list[Seen]] = {}

    def has(self, name: str) -> bool:
        """Whether the set is there and wanted."""
        return self._task.sets.has(name)

    def look(self, plan: Plan) -> list[Seen]:
        """Run the pipeline on every picture of a set that is about one face; the largest found is taken."""
        seen = []
        for row, faces in self._pictures(plan):
            groups = {column: str(row[column]) for column in plan.groups}
            seen.append(Seen(str(row["id"]), labels_of(plan.name, row), faces[0] if faces else None, groups, row))
        self.seen[plan.name] = seen
        return seen

    def look_at_crowd(self, plan: Plan) -> list[Seen]:
        """The same for pictures with many labelled boxes: each box is one face, found or missed."""
        seen: list[Seen] = []
        for row, faces in self._pictures(plan):
            seen.extend(_match(str(row["id"]), row["boxes"], faces))
        self.seen[plan.name] = seen
        return seen

    def _pictures(self, plan: Plan) -> Iterator[tuple[Mapping[str, Any], tuple[Face, ...]]]:
        columns = ("image", *plan.columns, *plan.groups)
        rows = self._task.pictures(plan.name, columns, quick_limit=QUICK_PICTURES, split=plan.split)
        return self._task.each(rows, lambda row: self._pipeline.find_faces(row["image"]).faces)


def _match(picture: str, boxes: Sequence[Mapping[str, Any]], faces: Sequence[Face]) -> Iterator[Seen]:
    corner_names = ("xmin", "ymin", "xmax", "ymax")
    labelled = np.array([[box[name] for name in corner_names] for box in boxes], np.float32).reshape(-1, 4)
    edges = [[face.box.left, face.box.top, face.box.right, face.box.bottom] for face in faces]
    overlap = pairwise_iou(labelled, np.array(edges, np.float32).reshape(-1, 4))
    for place, box in enumerate(boxes):
        if max(labelled[place, 2:] - labelled[place, :2]) < CROWD_FACE_SIDE_MIN:
            continue
        best = int(overlap[place].argmax()) if len(faces) else -1
        found = faces[best] if best >= 0 and overlap[place, best] >= MATCH_IOU else None
        worn = float(box["label"] == "mask")
        yield Seen(picture, {"mask": worn}, found, {"label": str(box["label"])})
