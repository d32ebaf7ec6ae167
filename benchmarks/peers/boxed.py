"""Average precision of the boxes that a peer finds, by the protocol by which ours is judged."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from benchmarks.program import Program
from evaluation.detection import BOXED_SET, SIDE_MIN
from evaluation.precision import Verdict, average_precision, judge, precision_recall
from evaluation.rows import Row, interval
from evaluation.sets import SetFolder
from oss_faces.values import Detections

WHAT: Final = "peers"
ANSWER_S_MAX: Final = 120.0
_EDGES: Final = ("xmin", "ymin", "xmax", "ymax")


class BoxedPictures:
    """Labelled pictures, written out as files so that every peer can read them.

    Args:
        limit: at most so many of them.
        folder: where to.
    """

    def __init__(self, sets: SetFolder, limit: int | None, folder: Path) -> None:
        self.files: list[str] = []
        self._labels: list[tuple[NDArray[np.float32], float]] = []
        for place, row in enumerate(sets.rows(BOXED_SET, ["image", "boxes"], limit)):
            file = folder / f"{place}.jpg"
            file.write_bytes(row["image"])
            self.files.append(str(file))
            self._labels.append(_labels(row))

    def judge(self, programs: Sequence[Program]) -> list[Verdict]:
        """Ask for the boxes of every picture, one picture at a time from each program in turn."""
        verdicts: list[Verdict] = []
        count = len(programs)
        for begin in range(0, len(self.files), count):
            group = self.files[begin : begin + count]
            for program, file in zip(programs, group, strict=False):
                program.send({"task": "boxes", "files": [file]})
            for place, (program, _) in enumerate(zip(programs, group, strict=False), begin):
                answer = program.receive(ANSWER_S_MAX)
                if "error" in answer:
                    raise ValueError(answer["error"])
                verdicts.append(judge(detections_of(answer["boxes"][0]), *self._labels[place]))
        return verdicts


def precision_row(name: str, verdicts: Sequence[Verdict]) -> Row:
    """Make the row of the average precision, its interval by drawing pictures."""
    scores = np.concatenate([verdict.scores for verdict in verdicts])
    hits = np.concatenate([verdict.hits for verdict in verdicts])
    owner = np.repeat(np.arange(len(verdicts)), [len(verdict.scores) for verdict in verdicts])
    faces = np.array([verdict.faces for verdict in verdicts], np.float64)

    def figure(places: NDArray[np.intp]) -> float:
        weights = np.bincount(places, minlength=len(verdicts)).astype(np.float64)
        return average_precision(*precision_recall(scores, hits, float(weights @ faces), weights[owner]))

    low, high = interval(len(verdicts), figure)
    value = figure(np.arange(len(verdicts)))
    return Row(WHAT, BOXED_SET, f"ap[{name}]", value, low, high, int(faces.sum()), "fraction")


def _labels(row: Mapping[str, Any]) -> tuple[NDArray[np.float32], float]:
    boxes = np.array([[box[edge] for edge in _EDGES] for box in row["boxes"]], np.float32).reshape(-1, 4)
    with Pillow.open(io.BytesIO(row["image"])) as picture:
        return boxes, SIDE_MIN * max(picture.size)


def detections_of(boxes: Sequence[Sequence[float]]) -> Detections:
    """Order them by score, as the protocol wants; scores of any range are put into 0..1 without changing the order."""
    found = np.array(boxes, np.float32).reshape(-1, 5)
    found = found[np.argsort(-found[:, 4], kind="stable")]
    found = found[(found[:, 2] > found[:, 0]) & (found[:, 3] > found[:, 1])]
    scores = 1.0 / (1.0 + np.exp(-found[:, 4]))
    return Detections(found[:, :4], scores.astype(np.float32), np.zeros((len(found), 5, 2), np.float32))
