"""Sightings of the same face in several views become one detection.

Views are witnesses: each that could see a face of this size at this place is asked, and one that saw nothing speaks
against it. This is what tells faces from the heads of animals, which a network likes at one scale and not at the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.detection.evidence import log_odds, to_scores
from oss_faces.detection.views import View
from oss_faces.geometry import FloatArray, pairwise_containment, pairwise_iou, suppress
from oss_faces.values import Detections

# A view's raw scores below this are not told apart from having seen nothing.
SCORE_FLOOR: Final = 0.1
# Longer sides, in canvas pixels, of faces that a view of the whole picture begins to see, and from which on its word
# counts in full. The look from afar is there for large faces and heard on them alone.
_WITNESS_BEGINS: Final = 16.0
_WITNESS_FULL: Final = 40.0
_WITNESS_BEGINS_AFAR: Final = 48.0
_WITNESS_FULL_AFAR: Final = 80.0
_WITNESS_LARGEST: Final = 330.0
# Smaller on its canvas, a face that the look from afar believes to see is not reported: the overview sees it better.
_AFAR_SMALLEST: Final = 24.0
# No face is surer than this by a closer look alone: in crowds about half of what nothing else sees is a labelled face.
_CLOSER_SCORE_MAX: Final = 0.6
# Free room that a witness needs around the face, as a part of the box.
_WITNESS_ROOM: Final = 0.25
# A view without a margin is no witness for a face whose longer side is more than this part of the picture's shorter
# one: on its canvas such a face has no edge to be seen by.
_WITNESS_FRAME: Final = 0.9
# Log odds that every witness after the first must bring: animals' faces score about this much at one scale by chance.
_WITNESS_PRIOR: Final = 1.0
# No score counts as surer than this far from 0 and 1.
_SCORE_BOUND: Final = 0.001
# Boxes of two views that overlap by this much show the same face.
_SAME_FACE_IOU: Final = 0.4
# Two closer looks place a tiny face less exactly: they mean the same one from this part of the usual overlap on.
_CLOSER_IOU_PART: Final = 0.5
# Neighbouring cells of one view are averaged from this overlap on, and count in full when they agree wholly: no
# step, so that a box never jumps.
_CELL_IOU: Final = 0.75
# Means of means, until where they began no longer matters.
_MEAN_STEPS: Final = 4
# A cell whose score is this much below the best counts for a third of it.
_NEARLY_AS_SURE: Final = 0.03
# Of two boxes of which one lies inside the other this far, one is a piece of the face or a frame around it.
_CONTAINMENT_MAX: Final = 0.8
# Points are most exact when the face is 60 to 110 px wide on the canvas: middle and width of that range, log scale.
_BEST_CANVAS_SIDE: Final = 95.0
_CANVAS_SIDE_SPREAD: Final = 0.6
# More cells of one view, or sightings of all, are not weighed: what the strangest picture may cost.
_CELLS_MAX: Final = 4000
_SIGHTINGS_MAX: Final = 2000
# Faces that are moved to their means together: one after the other most of the time would go into calls of NumPy.
_FACES_AT_ONCE: Final = 64


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
    pool, owner = _pool([_seen_well(sighting) for sighting in sightings])
    overlap = pairwise_iou(pool.boxes, pool.boxes)
    said = _testimony(overlap, pool.scores, owner, len(sightings))
    scores = _agree(said, _weights(pool.boxes, sightings), pool.scores)
    is_closer = np.array([not sighting.view.is_whole for sighting in sightings])
    overlap_max = np.where(is_closer[owner], _CLOSER_IOU_PART * iou_threshold, iou_threshold)
    if is_closer.any():
        elsewhere = said[:, ~is_closer].max(axis=1)
        sure = np.maximum(elsewhere, np.float32(_CLOSER_SCORE_MAX))
        scores = np.where(is_closer[owner], np.minimum(scores, sure), scores)
    places: list[int] = []
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] > score_threshold]
    while order.size:
        best, rest = order[:1], order[1:]
        places.append(int(best[0]))
        contained = pairwise_containment(pool.boxes[best], pool.boxes[rest])[0]
        order = rest[(overlap[best[0], rest] < overlap_max[rest]) & (contained < _CONTAINMENT_MAX)]
    kept = np.array(places, np.intp)
    trust = _trust(pool, owner, sightings) * (overlap[kept] >= _SAME_FACE_IOU)
    merged = _blend(pool, trust, scores[kept])
    # Two sightings of one face that hardly overlapped may have been drawn together.
    return merged.select(suppress(merged.boxes, merged.scores, iou_threshold))


def consolidate(cells: Detections, iou_threshold: float) -> Detections:
    """Keep one sighting for every face that a view's neighbouring cells report.

    The box is the mean of the cells around the surest ones. The surest alone would do, but which of two neighbours
    that is hangs on a hair, and the same picture stored in another way must not move the box: hence a first mean of
    all that are nearly as sure, and further ones of all that agree with the one before.
    """
    order = np.argsort(-cells.scores, kind="stable")[:_CELLS_MAX]
    surest = cells.select(order)
    left = np.arange(len(surest))
    places, overlaps = [], []
    while left.size:
        overlap = pairwise_iou(surest.boxes[left[:1]], surest.boxes)[0]
        places.append(int(left[0]))
        overlaps.append(overlap)
        left = left[1:][overlap[left[1:]] < iou_threshold]
    faces = [Detections.empty()]
    for begin in range(0, len(places), _FACES_AT_ONCE):
        part = slice(begin, begin + _FACES_AT_ONCE)
        group = _means_of_surest(surest.select(np.array(places[part])), np.stack(overlaps[part]), surest)
        for _ in range(_MEAN_STEPS):
            group = _means_around(group, surest)
        faces.append(group)
    return _concatenate(faces)


def _means_of_surest(best: Detections, overlap: FloatArray, cells: Detections) -> Detections:
    """Move the surest cells (M) to the means of those (N) of the same face that are nearly as sure."""
    nearness = np.clip((overlap - _CELL_IOU) / (1 - _CELL_IOU), 0.0, 1.0)
    sureness = np.exp(np.minimum(cells.scores[None, :] - best.scores[:, None], 0.0) / _NEARLY_AS_SURE)
    return _blend(cells, nearness * sureness, best.scores)


def _means_around(faces: Detections, cells: Detections) -> Detections:
    """Move faces (M) to the means of the cells (N) that nearly agree with them; where none does, they stay."""
    agreement = np.maximum(pairwise_iou(faces.boxes, cells.boxes) - _CELL_IOU, 0.0) / (1 - _CELL_IOU)
    weights = (agreement * cells.scores[None, :]) ** 2
    moving = np.flatnonzero(weights.any(axis=1))
    means = _blend(cells, weights[moving], faces.scores[moving])
    boxes, landmarks = faces.boxes.copy(), faces.landmarks.copy()
    boxes[moving], landmarks[moving] = means.boxes, means.landmarks
    return Detections(boxes, faces.scores, landmarks)


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
    return np.maximum(said, np.float32(SCORE_FLOOR))


def _seen_well(sighting: Sightings) -> Sightings:
    """Leave out what a look from afar believes to see of faces too small for it."""
    if not sighting.view.margin:
        return sighting
    return Sightings(sighting.view, sighting.found.select(_longer_sides(sighting) >= _AFAR_SMALLEST))


def _longer_sides(sighting: Sightings) -> FloatArray:
    """Longer sides (N,) in canvas pixels."""
    boxes = sighting.found.boxes
    sides: FloatArray = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0.0) * np.float32(sighting.view.zoom)
    return sides


def _weights(boxes: FloatArray, sightings: Sequence[Sightings]) -> FloatArray:
    """How much each view's (V) word counts on each box (N), from 0 to 1: (N, V).

    A closer look is no witness: it is there because a face was suspected, and would speak for its own finds.
    """
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    weights = np.zeros((len(boxes), len(sightings)), np.float32)
    for place, sighting in enumerate(sightings):
        view = sighting.view
        if not view.is_whole:
            continue
        on_canvas = sides * view.zoom
        frame = _WITNESS_FRAME * min(view.picture.width, view.picture.height)
        begins, full = _WITNESS_BEGINS, _WITNESS_FULL
        if view.margin:
            begins, full = _WITNESS_BEGINS_AFAR, _WITNESS_FULL_AFAR
        able = (
            (on_canvas <= _WITNESS_LARGEST)
            & ((sides <= frame) | (view.margin > 0))
            & view.shows(boxes, sides * _WITNESS_ROOM)
        )
        weights[:, place] = able * np.clip((on_canvas - begins) / (full - begins), 0.0, 1.0)
    return weights


def _agree(said: FloatArray, weights: FloatArray, own: FloatArray) -> FloatArray:
    """Combine the words of the witnesses as independent evidence; what they leave open is filled by the own score."""
    total = weights.sum(axis=1)
    agreed = (weights * log_odds(said, _SCORE_BOUND)).sum(axis=1)
    agreed += np.clip(1.0 - total, 0.0, 1.0) * log_odds(own, _SCORE_BOUND)
    agreed -= _WITNESS_PRIOR * np.clip(total - 1.0, 0.0, None)
    scores = to_scores(agreed)
    # Below the floor witnesses have nothing to say, and a sighting is worth no more than its own raw score.
    return np.where(own < SCORE_FLOOR, np.minimum(scores, own), scores)


def _trust(pool: Detections, owner: NDArray[np.intp], sightings: Sequence[Sightings]) -> FloatArray:
    """How far each sighting (N) is to be trusted with the exact place: (N,)."""
    zooms = np.array([sighting.view.zoom for sighting in sightings], np.float32)[owner]
    sides = (pool.boxes[:, 2:] - pool.boxes[:, :2]).max(axis=1) * zooms
    distance = np.log(np.maximum(sides, 1.0) / _BEST_CANVAS_SIDE) / _CANVAS_SIDE_SPREAD
    trust: FloatArray = (pool.scores * np.exp(-0.5 * np.minimum(distance, 4.0) ** 2)).astype(np.float32)
    return trust
