"""One person or two: the serving detector and the recognition network on labelled pairs of pictures.

A picture in which no face is found makes every pair with it an error: never a match of one person, and a wrong answer
in the accuracy. Intervals come from resampled persons, as the pictures of one person are not independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evaluation.known_faces import KnownFaces, know
from evaluation.rows import Row, interval, mean_row
from evaluation.task import Task
from oss_faces.recognition import Calibration, Strangers, compare_strangers

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
    labelled = _labelled(task)
    embedder = task.build_embedder(task.settings)
    known = know(task, embedder, IMAGES, {str(row[column]) for row in labelled for column in ("id_a", "id_b")})
    genuine, strangers, rows = verify(WHAT, labelled, known)
    rows += _similarity_rows(genuine, strangers, known, embedder.calibration)
    rows += _quality_rows(genuine, strangers, known)
    return rows


def verify(what: str, labelled: Sequence[dict[str, Any]], known: KnownFaces) -> tuple[Pairs, Strangers, list[Row]]:
    """Judge vectors of the pictures on the labelled pairs, whoever made them.

    Returns:
        The pairs of one person, the pairs of strangers, and the rows.
    """
    pairs = _pairs(labelled, known)
    strangers = compare_strangers(known.vectors[known.found], known.identities[known.found])
    rows = [mean_row(what, PAIRS, "missed", (~known.found).astype(float).tolist()), _accuracy_row(what, pairs, known)]
    genuine = pairs.select(pairs.same)
    for rate in FALSE_MATCH_RATES:
        threshold = strangers.distance(rate)
        matched = (genuine.distance < threshold).astype(float)
        rows.append(_by_person(what, f"true_match[false_match={rate:g}]", matched, genuine, known))
        # Not a figure of merit: the distance that a caller would choose.
        metric = f"distance[false_match={rate:g}]"
        rows.append(Row(what, PAIRS, metric, threshold, np.nan, np.nan, strangers.count, "distance"))
    return genuine, strangers, rows


def evaluate_reference(task: Task) -> list[Row]:
    """Judge what dlib itself says about the same pictures, if it was asked, by the same rules.

    Each of its variants is a `what` of its own: with the boxes of its detector or ours, and so on.
    """
    if task.reference is None or not task.sets.has(PAIRS):
        return []
    labelled, rows = _labelled(task), []
    with np.load(task.reference) as said:
        for variant in said["variants"].tolist():
            nothing = np.full(len(said["ids"]), np.nan)
            known = KnownFaces(said["ids"], said["identities"], said[variant], nothing, nothing, nothing, nothing)
            rows += verify(f"{WHAT}_dlib[{variant}]", labelled, known)[2]
    return rows


def _labelled(task: Task) -> list[dict[str, Any]]:
    labelled = task.sets.table(PAIRS, ("id_a", "id_b", "same", "fold"))
    return labelled[:: max(1, len(labelled) // QUICK_PAIRS)] if task.sets.quick else labelled


def _pairs(labelled: Sequence[dict[str, Any]], known: KnownFaces) -> Pairs:
    places = known.places()
    told = [row for row in labelled if str(row["id_a"]) in places and str(row["id_b"]) in places]
    first = np.array([places[str(row["id_a"])] for row in told], int)
    second = np.array([places[str(row["id_b"])] for row in told], int)
    distance = np.linalg.norm(known.vectors[first] - known.vectors[second], axis=1)
    same = np.array([bool(row["same"]) for row in told])
    fold = np.array([int(row["fold"]) for row in told])
    return Pairs(first, second, same, fold, np.nan_to_num(distance, nan=NOT_FOUND))


def _accuracy_row(what: str, pairs: Pairs, known: KnownFaces) -> Row:
    """Each fold by the threshold that is best on the others; pairs with a face not found are wrong."""
    right = np.zeros(len(pairs.same))
    seen = pairs.distance < NOT_FOUND
    for fold in np.unique(pairs.fold):
        here = pairs.fold == fold
        others = pairs.select(~here & seen)
        threshold = _best_threshold(others.distance, others.same)
        right[here] = ((pairs.distance < threshold) == pairs.same)[here] & seen[here]
    return _by_person(what, "accuracy", right, pairs, known)


def _best_threshold(distance: Array, same: Array) -> float:
    order = np.argsort(distance)
    ordered, yes = distance[order], same[order]
    # Right answers when everything before a place is called one person.
    right = np.concatenate([[0], np.cumsum(yes)]) + np.concatenate([np.cumsum(~yes[::-1])[::-1], [0]])
    best = int(right.argmax())
    ends = np.concatenate([[ordered[0]], ordered, [ordered[-1]]])
    return float((ends[best] + ends[best + 1]) / 2)


def _similarity_rows(genuine: Pairs, strangers: Strangers, known: KnownFaces, calibration: Calibration) -> list[Row]:
    """What each similarity of the wire means."""
    rows = []
    for wanted in SIMILARITIES:
        distance = calibration.distance_of(wanted)
        rate, metric = strangers.rate(distance), f"false_match[similarity={wanted}]"
        rows.append(Row(WHAT, PAIRS, metric, rate, np.nan, np.nan, strangers.count, "fraction"))
        lost = (genuine.distance >= distance).astype(float)
        rows.append(_by_person(WHAT, f"false_non_match[similarity={wanted}]", lost, genuine, known))
    return rows


def _quality_rows(genuine: Pairs, strangers: Strangers, known: KnownFaces) -> list[Row]:
    """How much fewer persons are not recognised, at one false match in a thousand, without the worst pictures."""
    pairs = genuine.select(genuine.distance < NOT_FOUND)
    worse = np.fmin(known.qualities[pairs.first], known.qualities[pairs.second])
    lost = (pairs.distance >= strangers.distance(1e-3)).astype(float)
    if not np.isfinite(worse).all() or not lost.any():
        return []

    def drop(places: Array) -> float:
        kept = places[np.argsort(-worse[places], kind="stable")[: round(len(places) * (1 - DISCARDED))]]
        return float(1 - lost[kept].mean() / lost[places].mean()) if lost[places].any() else np.nan

    low, high = interval(len(lost), drop, RESAMPLES)
    return [Row("quality", PAIRS, "fnmr_drop_20", drop(np.arange(len(lost))), low, high, len(lost), "fraction")]


def _by_person(what: str, metric: str, values: Array, pairs: Pairs, known: KnownFaces) -> Row:
    """Mean over pairs, with an interval from resampled persons."""
    people, number = np.unique(known.identities[pairs.first], return_inverse=True)
    sums, counts = np.bincount(number, values), np.bincount(number)
    low, high = interval(len(people), lambda places: float(sums[places].sum() / counts[places].sum()), RESAMPLES)
    return Row(what, PAIRS, metric, float(values.mean()), low, high, len(values), "fraction")
