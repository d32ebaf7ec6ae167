"""Sightings of the same face in several views become one detection.

Views are witnesses: each that could see a face of this size at this place is asked, and one that saw nothing speaks
against it. This is what tells faces from the heads of animals, which a network likes at one scale and not at the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.detection.views import View
from oss_faces.geometry import FloatArray, pairwise_containment, pairwise_iou, suppress
from oss_faces.values import Detections

# A view's raw scores below this are not told apart from having seen nothing.
SCORE_FLOOR: Final = 0.1
# Longer sides, in canvas pixels, between which a view's word counts for or against a face.
_WITNESS_SMALLEST: Final = 36.0
_WITNESS_LARGEST: Final = 330.0
# Free room that a witness needs around the face, as a part of the box.
_WITNESS_ROOM: Final = 0.25
# A view without a margin is no witness for a face whose longer side is more than this part of the picture's shorter
# one: on its canvas such a face has no edge to be seen by.
_WITNESS_FRAME: Final = 0.9
# Log odds that every witness after the first must bring: animals' faces score about this much at one scale by chance.
_WITNESS_PRIOR: Final = 1.0
# Boxes of two views that overlap by this much show the same face.
_SAME_FACE_IOU: Final = 0.4
# Neighbouring cells of one view are averaged from this overlap on, and count in full when they agree wholly: no
# step, so that a box never jumps.
_CELL_IOU: Final = 0.75
# Of two boxes of which one lies inside the other this far, one is a piece of the face or a frame around it.
_CONTAINMENT_MAX: Final = 0.8
# Points are most exact when the face is 60 to 110 px wide on the canvas: middle and width of that range, log scale.
_BEST_CANVAS_SIDE: Final = 95.0
_CANVAS_SIDE_SPREAD: Final = 0.6
# More cells of one view, or sightings of all, are not weighed: what the strangest picture may cost.
_CELLS_MAX: Final = 4000
_SIGHTINGS_MAX: Final = 2000


@dataclass(frozen=True, slots=True)
class Sightings:
    """What one view saw.

    Attributes:
        view: the view.
        found: in stored pixels, each face once, with raw scores above `SCORE_FLOOR`.
    """

    view: View
    found: Detections


def merge(sightings: Sequence[Sightings], score_threshold: float, iou_threshold: float) -> Detections:
    """Keep one detection for every face, with a score that all views agreed on.

    Args:
        sightings: of the views of one picture.
        score_threshold: faces whose agreed score is not above it are dropped.
        iou_threshold: boxes that overlap by this much are the same face.

    Returns:
        Detections in stored pixels, by descending score. Box and points are means over the views, weighted towards
        those that saw the face at the size at which the network measures best.
    """
    pool, owner = _pool(sightings)
    overlap = pairwise_iou(pool.boxes, pool.boxes)
    said = _testimony(overlap, pool.scores, owner, len(sightings))
    scores = _agree(said, _witnesses(pool.boxes, sightings), pool.scores)
    places: list[int] = []
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] > score_threshold]
    while order.size:
        best, rest = order[:1], order[1:]
        places.append(int(best[0]))
        contained = pairwise_containment(pool.boxes[best], pool.boxes[rest])[0]
        order = rest[(overlap[best[0], rest] < iou_threshold) & (contained < _CONTAINMENT_MAX)]
    kept = np.array(places, np.intp)
    trust = _trust(pool, owner, sightings) * (overlap[kept] >= _SAME_FACE_IOU)
    merged = _blend(pool, trust, scores[kept])
    # Two sightings of one face that hardly overlapped may have been drawn together.
    return merged.select(suppress(merged.boxes, merged.scores, iou_threshold))


def consolidate(cells: Detections, iou_threshold: float) -> Detections:
    """Keep one sighting for every face that a view's neighbouring cells report.

    The box is the mean of the cells that agree with the surest one. The surest alone would do, but which of two
    neighbours that is hangs on a hair, and the same picture stored in another way must not move the box: hence two
    steps, after which it hardly matters where they began.
    """
    order = np.argsort(-cells.scores, kind="stable")[:_CELLS_MAX]
    surest = cells.select(order)
    left = np.arange(len(surest))
    faces = [Detections.empty()]
    while left.size:
        best = surest.select(left[:1])
        overlap = pairwise_iou(best.boxes, surest.boxes)
        left = left[1:][overlap[0, left[1:]] < iou_threshold]
        first = _mean_around(best, surest)
        faces.append(_mean_around(first, surest))
    return _concatenate(faces)


def _mean_around(face: Detections, cells: Detections) -> Detections:
    """Move one face to the mean of the cells that nearly agree with it."""
    agreement = np.maximum(pairwise_iou(face.boxes, cells.boxes) - _CELL_IOU, 0.0) / (1 - _CELL_IOU)
    weights = (agreement * cells.scores) ** 2
    return _blend(cells, weights, face.scores) if weights.any() else face


def _blend(found: Detections, weights: FloatArray, scores: FloatArray) -> Detections:
    """Make weighted means (M, N) of boxes and points of detections (N), with given scores (M,)."""
    shares = weights / weights.sum(axis=1, keepdims=True)
    flat = np.concatenate([found.boxes, found.landmarks.reshape(-1, 10)], axis=1)
    means = (shares @ flat).astype(np.float32)
    return Detections(means[:, :4], scores, means[:, 4:].reshape(-1, 5, 2))


def _pool(sightings: Sequence[Sightings]) -> tuple[Detections, NDArray[np.intp]]:
    """Put all sightings together, and tell the place of the view that each belongs to."""
    pool = _concatenate([sighting.found for sighting in sightings])
    owner = np.repeat(np.arange(len(sightings)), [len(sighting.found) for sighting in sightings])
    surest = np.argsort(-pool.scores, kind="stable")[:_SIGHTINGS_MAX]
    return pool.select(surest), owner[surest]


def _concatenate(parts: Sequence[Detections]) -> Detections:
    return Detections(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.landmarks for part in parts]),
    )


def _testimony(overlap: FloatArray, scores: FloatArray, owner: NDArray[np.intp], views: int) -> FloatArray:
    """For every box (N) and every view (V), the best raw score that the view gave to that face: (N, V)."""
    said = np.full((len(scores), views), SCORE_FLOOR, np.float32)
    same = np.where(overlap >= _SAME_FACE_IOU, scores[None, :], np.float32(SCORE_FLOOR))
    for view in range(views):
        columns = owner == view
        if columns.any():
            said[:, view] = same[:, columns].max(axis=1)
    return said


def _witnesses(boxes: FloatArray, sightings: Sequence[Sightings]) -> NDArray[np.bool_]:
    """Tell which views (V) could see which boxes (N) well enough to be believed: (N, V)."""
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    able = np.empty((len(boxes), len(sightings)), np.bool_)
    for place, sighting in enumerate(sightings):
        view = sighting.view
        on_canvas = sides * view.zoom
        frame = _WITNESS_FRAME * min(view.picture.width, view.picture.height)
        able[:, place] = (
            (on_canvas >= _WITNESS_SMALLEST)
            & (on_canvas <= _WITNESS_LARGEST)
            & ((sides <= frame) | (view.margin > 0))
            & view.shows(boxes, sides * _WITNESS_ROOM)
        )
    return able


def _agree(said: FloatArray, able: NDArray[np.bool_], own: FloatArray) -> FloatArray:
    """Combine the words of all witnesses as independent evidence; without a witness the view's own score stands."""
    odds = np.log(said / (1 - said))
    count = able.sum(axis=1)
    agreed = np.where(able, odds, 0.0).sum(axis=1) - _WITNESS_PRIOR * (count - 1)
    scores: FloatArray = np.where(count > 0, 1 / (1 + np.exp(-agreed)), own).astype(np.float32)
    return scores


def _trust(pool: Detections, owner: NDArray[np.intp], sightings: Sequence[Sightings]) -> FloatArray:
    """How far each sighting (N) is to be trusted with the exact place: (N,)."""
    zooms = np.array([sighting.view.zoom for sighting in sightings], np.float32)[owner]
    sides = (pool.boxes[:, 2:] - pool.boxes[:, :2]).max(axis=1) * zooms
    distance = np.log(np.maximum(sides, 1.0) / _BEST_CANVAS_SIDE) / _CANVAS_SIDE_SPREAD
    trust: FloatArray = (pool.scores * np.exp(-0.5 * np.minimum(distance, 4.0) ** 2)).astype(np.float32)
    return trust
