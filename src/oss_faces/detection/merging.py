"""Sightings of the same face in several views become one detection."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FloatArray, pairwise_containment, pairwise_iou
from oss_faces.values import Detections

# Of two boxes of which one lies inside the other this far, one is a piece of the face or a frame around it.
CONTAINMENT_MAX: Final = 0.8
# Points are most exact when the face is 60 to 110 px wide on the canvas; the middle of that range on a log scale.
BEST_CANVAS_WIDTH: Final = 82.0
# Only a view that sees the same box, not a part of it, may lend its box and points.
_SAME_BOX_IOU: Final = 0.5


@dataclass(frozen=True, slots=True)
class Sightings:
    """What one view saw.

    Attributes:
        found: in the frame shared by all views.
        canvas_widths: (N,) float32, widths of the boxes on the canvas that they were seen on.
    """

    found: Detections
    canvas_widths: FloatArray


def merge(sightings: Sequence[Sightings], iou_threshold: float) -> Detections:
    """Keep one detection for every face: the highest score, at the place seen by the view that measures best.

    Args:
        sightings: of any views of one picture, each with duplicates.
        iou_threshold: boxes that overlap by this much are the same face.

    Returns:
        Detections by descending score.
    """
    if not sightings:
        return Detections.empty()
    pool = _concatenate([sighting.found for sighting in sightings])
    widths = np.concatenate([sighting.canvas_widths for sighting in sightings])
    fitness = np.abs(np.log(np.maximum(widths, 1.0) / BEST_CANVAS_WIDTH))
    order = np.argsort(-pool.scores, kind="stable")
    scores: list[np.float32] = []
    places: list[int] = []
    while order.size:
        best = order[:1]
        overlap = pairwise_iou(pool.boxes[best], pool.boxes[order])[0]
        same = order[overlap >= _SAME_BOX_IOU]
        scores.append(pool.scores[best[0]])
        places.append(_best_measured(same, fitness, pool.scores) if same.size else int(best[0]))
        contained = pairwise_containment(pool.boxes[best], pool.boxes[order])[0]
        drop = (overlap >= iou_threshold) | (contained >= CONTAINMENT_MAX)
        drop[0] = True
        order = order[~drop]
    chosen = pool.select(np.array(places, np.intp))
    return Detections(chosen.boxes, np.array(scores, np.float32), chosen.landmarks)


def _best_measured(same: NDArray[np.intp], fitness: FloatArray, scores: FloatArray) -> int:
    """Among sightings of one face: the nearest to the best canvas size, and of those the surest."""
    # Cells of one view see the face at nearly the same size: rounding makes them equal, so that the score decides.
    rank = np.lexsort((-scores[same], np.round(fitness[same] * 2)))
    return int(same[rank[0]])


def _concatenate(parts: Sequence[Detections]) -> Detections:
    return Detections(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.landmarks for part in parts]),
    )
