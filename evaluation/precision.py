"""Average precision of a detector against labelled boxes: pure numpy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FloatArray, pairwise_iou
from oss_faces.values import Detections

MATCH_IOU: Final = 0.4
# Boxes (N, 4) to their sizes (N,).
Measure: TypeAlias = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the detections of one picture.

    Attributes:
        scores: (N,) float32, of detections that count.
        hits: (N,) bool, whether each found a labelled face of its own.
        faces: number of labelled faces that count.
    """

    scores: FloatArray
    hits: NDArray[np.bool_]
    faces: int


def shorter_sides(boxes: FloatArray) -> FloatArray:
    """Measure boxes (N, 4) by their shorter sides (N,)."""
    sides: FloatArray = (boxes[:, 2:] - boxes[:, :2]).min(axis=1)
    return sides


def heights(boxes: FloatArray) -> FloatArray:
    """Measure boxes (N, 4) by their heights (N,)."""
    sides: FloatArray = boxes[:, 3] - boxes[:, 1]
    return sides


def judge(found: Detections, labelled: FloatArray, side_min: float, measure: Measure = shorter_sides) -> Verdict:
    """Match detections to labelled boxes, the surest first, each box once.

    Args:
        found: by descending score.
        labelled: (M, 4) float32, xyxy.
        side_min: labelled boxes that measure less do not count, nor do detections that match one of them, nor
            unmatched detections of that size.
        measure: what is meant by the size of a box.
    """
    overlap = pairwise_iou(found.boxes, labelled)
    counts = measure(labelled) >= side_min
    large = measure(found.boxes) >= side_min
    free = np.ones(len(labelled), np.bool_)
    kept, hits = [], []
    for place in range(len(found)):
        fit = np.where(free & (overlap[place] >= MATCH_IOU), overlap[place], 0.0)
        best = _best_match(fit, counts)
        if best is not None:
            free[best] = False
        if best is None and not large[place]:
            continue
        if best is None or counts[best]:
            kept.append(place)
            hits.append(best is not None)
    return Verdict(found.scores[kept], np.array(hits, np.bool_), int(counts.sum()))


def precision_recall(
    scores: FloatArray, hits: NDArray[np.bool_], faces: float, weights: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Precision and recall after each detection, by descending score.

    Args:
        scores: (N,) of all pictures.
        hits: (N,) whether each is right.
        faces: number of labelled faces.
        weights: (N,) how often each detection counts; `None`: once.
    """
    order = np.argsort(-scores, kind="stable")
    weight = np.ones(len(scores)) if weights is None else weights
    right = np.cumsum(np.where(hits, weight, 0.0)[order])
    total = np.cumsum(weight[order])
    precision = np.divide(right, total, out=np.zeros_like(right), where=total > 0)
    return precision, right / faces


def average_precision(precision: NDArray[np.float64], recall: NDArray[np.float64]) -> float:
    """Area under the curve, precision made non-increasing (every point is used)."""
    if not len(precision):
        return 0.0
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.diff(np.concatenate([[0.0], recall]))
    return float(np.sum(envelope * steps))


def _best_match(fit: FloatArray, counts: NDArray[np.bool_]) -> int | None:
    """Place of the best free labelled box, one that counts before one that does not."""
    for allowed in (counts, ~counts):
        among = np.where(allowed, fit, 0.0)
        if among.size and among.max() > 0:
            return int(among.argmax())
    return None
