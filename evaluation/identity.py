"""One person or two: the serving detector and the recognition network on labelled pairs of pictures.

A picture in which no face is found makes every pair with it an error: never a match of one person, and a wrong answer
in the accuracy. Intervals come from resampled persons, as the pictures of one person are not independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evaluation.rows import Row, interval, mean_row
from evaluation.task import Task
from oss_faces.recognition import Calibration, Embedder

Array = NDArray[Any]
IMAGES: Final = "lfw_images"
PAIRS: Final = "lfw_pairs"
WHAT: Final = "same_person"
FALSE_MATCH_RATES: Final = (1e-2, 1e-3, 1e-4)
SIMILARITIES: Final = (0.5, 0.6, 0.7, 0.8, 0.9)
DISCARDED: Final = 0.2
QUICK_PAIRS: Final = 60
RESAMPLES: Final = 500
# Farther than any two vectors of length 1: nothing is nearer than this to a face that was not found.
NOT_FOUND: Final = 3.0


@dataclass(frozen=True, slots=True)
class Known:
    """What the pipeline said about every picture, (N, ...) each.

    Attributes:
        place: row of a picture by its id.
        vectors: length 1, or nan where no face was found.
        quality: the quality of the face, or nan.
        identity: whose face it is.
    """

    place: dict[str, int]
    vectors: Array
    quality: Array
    identity: Array

    @property
    def found(self) -> Array:
        """Whether a face was found: (N,) bool."""
        return np.asarray(np.isfinite(self.vectors[:, 0]))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labelled pairs: rows of both pictures, whether they show one person, fold, and distance; (P,) each."""

    first: Array
    second: Array
    same: Array
    fold: Array
    distance: Array

    def select(self, index: Array) -> "Pairs":
        """Return the pairs at these places."""
        return Pairs(*(getattr(self, name)[index] for name in ("first", "second", "same", "fold", "distance")))


def evaluate_identity(task: Task) -> list[Row]:
    """Judge 1:1 comparison, and whether the quality of a face tells how well it can be recognised."""
    if not (task.sets.has(IMAGES) and task.sets.has(PAIRS)):
        return []
    labelled = task.sets.table(PAIRS, ("id_a", "id_b", "same", "fold"))
    if task.sets.quick:
        labelled = labelled[:: max(1, len(labelled) // QUICK_PAIRS)]
    embedder = task.build_embedder(task.settings)
    known = _look(task, embedder, {str(row[column]) for row in labelled for column in ("id_a", "id_b")})
    pairs = _pairs(labelled, known)
    strangers = _distances_of_strangers(known)
    rows = [mean_row(WHAT, PAIRS, "missed", (~known.found).astype(float).tolist()), _accuracy_row(pairs, known)]
    genuine = pairs.select(pairs.same)
    for rate in FALSE_MATCH_RATES:
        threshold = _threshold(strangers, rate)
        matched = (genuine.distance < threshold).astype(float)
        rows.append(_by_person(f"true_match[false_match={rate:g}]", matched, genuine, known))
        # Not a figure of merit: the distance that a caller would choose.
        rows.append(
            Row(WHAT, PAIRS, f"distance[false_match={rate:g}]", threshold, np.nan, np.nan, len(strangers), "distance")
        )
    similarities = _similarity_rows(genuine, strangers, known, embedder.calibration)
    return [*rows, *similarities, *_quality_rows(genuine, strangers, known)]


def _look(task: Task, embedder: Embedder, wanted: set[str]) -> Known:
    pipeline = task.build(task.settings)
    place: dict[str, int] = {}
    vectors, quality, identity = [], [], []

    def work(row: dict[str, Any]) -> tuple[Array, float]:
        """Vector and quality of the largest face, which is the one that is meant, as in a request."""
        image = pipeline.decode(row["image"])
        faces = pipeline.analyser.analyse(image, pipeline.detector.detect(image))
        if not faces:
            return np.full(embedder.dimensions, np.nan), np.nan
        told = faces[0].quality
        return embedder.embed(image, faces[0].landmarks[None])[0], np.nan if told is None else told

    rows = (row for row in task.pictures(IMAGES, ["image", "identity"]) if str(row["id"]) in wanted)
    for row, (vector, told) in task.each(rows, work):
        place[str(row["id"])] = len(place)
        identity.append(str(row["identity"]))
        vectors.append(vector)
        quality.append(told)
    return Known(place, np.stack(vectors), np.array(quality, float), np.array(identity))


def _pairs(labelled: Sequence[dict[str, Any]], known: Known) -> Pairs:
    told = [row for row in labelled if str(row["id_a"]) in known.place and str(row["id_b"]) in known.place]
    first = np.array([known.place[str(row["id_a"])] for row in told], int)
    second = np.array([known.place[str(row["id_b"])] for row in told], int)
    distance = np.linalg.norm(known.vectors[first] - known.vectors[second], axis=1)
    same = np.array([bool(row["same"]) for row in told])
    fold = np.array([int(row["fold"]) for row in told])
    return Pairs(first, second, same, fold, np.nan_to_num(distance, nan=NOT_FOUND))


def _distances_of_strangers(known: Known) -> Array:
    """All pairs of pictures of two persons, ascending."""
    vectors, identity = known.vectors[known.found], known.identity[known.found]
    parts = []
    for place in range(len(vectors) - 1):
        others = identity[place + 1 :] != identity[place]
        alike = vectors[place + 1 :][others] @ vectors[place]
        parts.append(np.sqrt(np.maximum(2 - 2 * alike, 0)))
    return np.sort(np.concatenate(parts))


def _threshold(strangers: Array, rate: float) -> float:
    """Distance below which this share of the strangers lies."""
    return float(strangers[int(rate * len(strangers))])


def _accuracy_row(pairs: Pairs, known: Known) -> Row:
    """Each fold by the threshold that is best on the others; pairs with a face not found are wrong."""
    right = np.zeros(len(pairs.same))
    seen = pairs.distance < NOT_FOUND
    for fold in np.unique(pairs.fold):
        here = pairs.fold == fold
        others = pairs.select(~here & seen)
        threshold = _best_threshold(others.distance, others.same)
        right[here] = ((pairs.distance < threshold) == pairs.same)[here] & seen[here]
    return _by_person("accuracy", right, pairs, known)


def _best_threshold(distance: Array, same: Array) -> float:
    order = np.argsort(distance)
    ordered, yes = distance[order], same[order]
    # Right answers when everything before a place is called one person.
    right = np.concatenate([[0], np.cumsum(yes)]) + np.concatenate([np.cumsum(~yes[::-1])[::-1], [0]])
    best = int(right.argmax())
    ends = np.concatenate([[ordered[0]], ordered, [ordered[-1]]])
    return float((ends[best] + ends[best + 1]) / 2)


def _similarity_rows(genuine: Pairs, strangers: Array, known: Known, calibration: Calibration) -> list[Row]:
    """What each similarity of the wire means."""
    rows = []
    for wanted in SIMILARITIES:
        distance = calibration.distance_of(wanted)
        rate = float(np.searchsorted(strangers, distance)) / len(strangers)
        rows.append(
            Row(WHAT, PAIRS, f"false_match[similarity={wanted}]", rate, np.nan, np.nan, len(strangers), "fraction")
        )
        lost = (genuine.distance >= distance).astype(float)
        rows.append(_by_person(f"false_non_match[similarity={wanted}]", lost, genuine, known))
    return rows


def _quality_rows(genuine: Pairs, strangers: Array, known: Known) -> list[Row]:
    """How much fewer persons are not recognised, at one false match in a thousand, without the worst pictures."""
    pairs = genuine.select(genuine.distance < NOT_FOUND)
    worse = np.fmin(known.quality[pairs.first], known.quality[pairs.second])
    lost = (pairs.distance >= _threshold(strangers, 1e-3)).astype(float)
    if not np.isfinite(worse).all() or not lost.any():
        return []

    def drop(places: Array) -> float:
        kept = places[np.argsort(-worse[places], kind="stable")[: round(len(places) * (1 - DISCARDED))]]
        return float(1 - lost[kept].mean() / lost[places].mean()) if lost[places].any() else np.nan

    low, high = interval(len(lost), drop, RESAMPLES)
    return [Row("quality", PAIRS, "fnmr_drop_20", drop(np.arange(len(lost))), low, high, len(lost), "fraction")]


def _by_person(metric: str, values: Array, pairs: Pairs, known: Known) -> Row:
    """Mean over pairs, with an interval from resampled persons."""
    people, number = np.unique(known.identity[pairs.first], return_inverse=True)
    sums, counts = np.bincount(number, values), np.bincount(number)
    low, high = interval(len(people), lambda places: float(sums[places].sum() / counts[places].sum()), RESAMPLES)
    return Row(WHAT, PAIRS, metric, float(values.mean()), low, high, len(values), "fraction")
