"""How well faces are found: average precision, faces missed, false faces, orientations, and the ladder of sizes."""

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from evaluation.curves import plot_precision_recall
from evaluation.ladder import CANVASES, STEPS, Portrait, Rung, climb, grey, is_found, wall
from evaluation.precision import Verdict, average_precision, heights, judge, precision_recall
from evaluation.rows import Row, interval, mean_row
from evaluation.task import Task
from oss_faces.pipeline import FacePipeline
from oss_faces.values import Detections

WHAT: Final = "detection"
BOXED_SET: Final = "mask_facemask853"
# Labelled faces of which a side is below this part of the picture's long side are not asked for; the figure by height
# alone stands beside it.
SIDE_MIN: Final = 0.03
# The curve needs the unsure detections too, far below the threshold of serving.
CURVE_THRESHOLD: Final = 0.02
NEGATIVE_SET: Final = "cats_dogs"
PEOPLE_FILE: Final = Path(__file__).with_name("cats_dogs_people.json")
# Sets in which every picture shows a face, with the most pictures looked at.
FACE_SETS: Final[Mapping[str, int | None]] = {
    "ffhq": None,
    "ffhq_1024": None,
    "celeba_wild": 1000,
    "mebeauty": 200,
    "udacity_ytf68": 200,
    "lfw_images": 600,
    "utkface": 300,
    "fer2013": 300,
    "celeba10k": 200,
    "stylegan_256": 200,
    "tpdne_768": None,
}
PORTRAIT_SETS: Final = ("ffhq_1024", "tpdne_768", "stylegan_256")
_ORIENTATIONS: Final[Mapping[int, Pillow.Transpose]] = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_90,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_270,
}
_ORIENTATION_TAG: Final = 0x0112
_QUICK: Final = 120


def evaluate_detection(task: Task) -> list[Row]:
    """Judge the detector of the serving pipeline on every set that is there."""
    pipeline = task.build(task.settings)
    rows = _boxed(task) if task.sets.has(BOXED_SET) else []
    for name, limit in FACE_SETS.items():
        if task.sets.has(name):
            rows.append(mean_row(WHAT, name, "found", _has_face(task, pipeline, name, limit)))
    if task.sets.has(NEGATIVE_SET):
        rows.append(_false_faces(task, pipeline))
    portraits = next((name for name in PORTRAIT_SETS if task.sets.has(name)), None)
    if portraits is not None:
        rows.append(_orientations(task, pipeline, portraits))
        rows.extend(_ladder(task, pipeline, portraits))
    return rows


def find(pipeline: FacePipeline, content: bytes) -> Detections:
    """Run the first two stations of the line."""
    return pipeline.detector.detect(pipeline.decode(content))


def oriented_copies(picture: Pillow.Image) -> Iterator[tuple[int, bytes]]:
    """Store the same upright picture in the eight ways that the EXIF orientation allows: (orientation, JPEG)."""
    for orientation in range(1, 9):
        turn = _ORIENTATIONS.get(orientation)
        stored = picture if turn is None else picture.transpose(turn)
        exif = Pillow.Exif()
        exif[_ORIENTATION_TAG] = orientation
        buffer = io.BytesIO()
        stored.save(buffer, "JPEG", quality=95, subsampling=0, exif=exif)
        yield orientation, buffer.getvalue()


# --- average precision -------------------------------------------------------------------------------------------


def _boxed(task: Task) -> list[Row]:
    settings = task.settings
    curve_settings = replace(settings, detection=replace(settings.detection, score_threshold=CURVE_THRESHOLD))
    pipeline = task.build(curve_settings)
    judged = [_judge_row(pipeline, row) for row in task.pictures(BOXED_SET, ["image", "boxes"], quick_limit=_QUICK)]
    pooled, by_height = (_Pool(verdicts) for verdicts in zip(*judged, strict=True))
    rows = [
        pooled.row("ap", pooled.average_precision),
        by_height.row("ap[size=height]", by_height.average_precision),
        pooled.row("recall", lambda weights: pooled.at(settings.detection.score_threshold, weights)[1]),
        pooled.row("precision", lambda weights: pooled.at(settings.detection.score_threshold, weights)[0]),
    ]
    precision, recall = pooled.curve(None)
    label = f"{BOXED_SET}: AP {rows[0].value:.3f}, {rows[0].n} faces"
    served = (rows[2].value, rows[3].value)
    plot_precision_recall(task.out / "detection_pr.png", precision, recall, label, served)
    return rows


def _judge_row(pipeline: FacePipeline, row: Mapping[str, Any]) -> tuple[Verdict, Verdict]:
    """Judge one picture, once with both sides of a box as its size and once with its height."""
    image = pipeline.decode(row["image"])
    labelled = np.array(
        [[box[edge] for edge in ("xmin", "ymin", "xmax", "ymax")] for box in row["boxes"]], np.float32
    ).reshape(-1, 4)
    side_min = SIDE_MIN * max(image.size.width, image.size.height)
    found = pipeline.detector.detect(image)
    return judge(found, labelled, side_min), judge(found, labelled, side_min, heights)


class _Pool:
    """Verdicts of all pictures, ready to be resampled by picture."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        self._scores = np.concatenate([verdict.scores for verdict in verdicts])
        self._hits = np.concatenate([verdict.hits for verdict in verdicts])
        sizes = [len(verdict.scores) for verdict in verdicts]
        self._owner = np.repeat(np.arange(len(verdicts)), sizes)
        self._faces = np.array([verdict.faces for verdict in verdicts], np.float64)

    def curve(self, weights: NDArray[np.float64] | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Precision and recall; weights say how often each picture was drawn."""
        if weights is None:
            return precision_recall(self._scores, self._hits, float(self._faces.sum()))
        faces = float(weights @ self._faces)
        return precision_recall(self._scores, self._hits, faces, weights[self._owner])

    def average_precision(self, weights: NDArray[np.float64] | None) -> float:
        """Area under the curve."""
        return average_precision(*self.curve(weights))

    def at(self, threshold: float, weights: NDArray[np.float64] | None) -> tuple[float, float]:
        """Precision and recall when only scores above the threshold are reported."""
        precision, recall = self.curve(weights)
        count = int((self._scores > threshold).sum())
        return (float(precision[count - 1]), float(recall[count - 1])) if count else (1.0, 0.0)

    def row(self, metric: str, figure: Callable[[NDArray[np.float64] | None], float]) -> Row:
        """Make the row of a figure, its interval by drawing pictures."""
        count = len(self._faces)

        def resampled(places: NDArray[np.intp]) -> float:
            return figure(np.bincount(places, minlength=count).astype(np.float64))

        low, high = interval(count, resampled)
        return Row(WHAT, BOXED_SET, metric, figure(None), low, high, int(self._faces.sum()), "fraction")


# --- faces missed and false faces --------------------------------------------------------------------------------


def _has_face(task: Task, pipeline: FacePipeline, name: str, limit: int | None) -> list[float]:
    rows = task.pictures(name, ["image"], limit, quick_limit=_QUICK)
    return [float(len(find(pipeline, row["image"])) > 0) for row in rows]


def _false_faces(task: Task, pipeline: FacePipeline) -> Row:
    people: dict[str, str] = json.loads(PEOPLE_FILE.read_text(encoding="utf-8"))
    hits = [
        float(row["id"] not in people and len(find(pipeline, row["image"])) > 0)
        for row in task.pictures(NEGATIVE_SET, ["image"], quick_limit=_QUICK)
    ]
    return mean_row(WHAT, NEGATIVE_SET, "false_face", hits)


# --- orientations and the ladder ---------------------------------------------------------------------------------


def _orientations(task: Task, pipeline: FacePipeline, name: str) -> Row:
    """Largest distance in pixels of any box edge from that of orientation 1, over a few pictures."""
    shifts = []
    for row in task.pictures(name, ["image"], 6, quick_limit=2):
        picture = Pillow.open(io.BytesIO(row["image"])).convert("RGB")
        boxes = [find(pipeline, copy).boxes for _, copy in oriented_copies(picture)]
        same = all(len(box) == len(boxes[0]) for box in boxes)
        shifts.append(max(float(np.abs(box - boxes[0]).max()) for box in boxes) if same else float("inf"))
    return Row(WHAT, name, "orientation_shift_max", max(shifts), min(shifts), max(shifts), len(shifts), "px")


@dataclass(frozen=True, slots=True)
class _Try:
    face_px: int
    cluttered: bool
    found: bool


def _ladder(task: Task, pipeline: FacePipeline, name: str) -> list[Row]:
    tries = [
        _Try(rung.face_px, cluttered, is_found(rung, pipeline.detector.detect(rung.image)))
        for rung, cluttered in _rungs(task, pipeline, name)
    ]
    rows = []
    for cluttered, metric in ((False, "ladder_plain"), (True, "ladder_cluttered")):
        here = [one for one in tries if one.cluttered == cluttered]
        if not here:
            continue
        rows.append(mean_row(WHAT, name, metric, [float(one.found) for one in here]))
        for step in STEPS:
            found = [float(one.found) for one in here if one.face_px == step]
            if found:
                rows.append(mean_row(WHAT, name, f"{metric}_{step}px", found))
    return rows


def _rungs(task: Task, pipeline: FacePipeline, name: str) -> Iterator[tuple[Rung, bool]]:
    """Every portrait at every size on every canvas, on plain grey and on a wall of pictures of animals."""
    tiles = []
    if task.sets.has(NEGATIVE_SET):
        rows = task.sets.rows(NEGATIVE_SET, ["image"], 40)
        tiles = [pipeline.decode(row["image"]).pixels for row in rows]
    canvases = CANVASES[:2] if task.sets.quick else CANVASES
    portraits = islice(_portraits(task, pipeline, name), 2 if task.sets.quick else 3)
    for seed, portrait in enumerate(portraits):
        for size in canvases:
            for rung in climb(portrait, grey(size), STEPS, seed):
                yield rung, False
            if tiles:
                for rung in climb(portrait, wall(size, tiles, seed), STEPS, seed):
                    yield rung, True


def _portraits(task: Task, pipeline: FacePipeline, name: str) -> Iterator[Portrait]:
    """Pictures of the set that show one face, so that it is clear what must be found."""
    for row in task.pictures(name, ["image"], 16, quick_limit=8):
        found = find(pipeline, row["image"])
        if len(found) == 1:
            yield Portrait(pipeline.decode(row["image"]).pixels, found.boxes[0])
