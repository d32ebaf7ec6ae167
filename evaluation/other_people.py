"""The thresholds on other people: what was calibrated on one set, judged on another that had no part in it.

The pictures of LFW are grey and show mostly men of public life; those of CelebA are in colour and show as many women.
Two strangers of one sex are nearer to each other than two of both sexes, so they are counted apart as well.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evaluation.identity import FALSE_MATCH_RATES, RESAMPLES, SIMILARITIES, WHAT
from evaluation.known_faces import KnownFaces, know
from evaluation.rows import Row, interval, mean_row
from evaluation.task import Task
from oss_faces.recognition import Calibration, Strangers, compare_strangers, genuine_pairs

Array = NDArray[Any]
OTHERS: Final = "celeba10k"
QUICK_PICTURES: Final = 120


def evaluate_other_people(task: Task) -> list[Row]:
    """Judge what each similarity means on the second set, and on the men and the women of it."""
    if not task.sets.has(OTHERS):
        return []
    labelled = task.sets.table(OTHERS, ("id", "Male"))
    embedder = task.build_embedder(task.settings)
    seen = know(task, embedder, OTHERS, {str(row["id"]) for row in labelled[:QUICK_PICTURES]})
    known = seen.select(seen.found)
    men = {str(row["id"]) for row in labelled if row["Male"]}
    is_man = np.array([str(name) in men for name in known.ids])
    strangers = compare_strangers(known.vectors, known.identities)
    rows = [mean_row(WHAT, OTHERS, "missed", (~seen.found).astype(float).tolist())]
    rows += _pairs_of_one_person(known, strangers, embedder.calibration)
    rows += _strangers(strangers, "", embedder.calibration)
    for group, members in (("men", is_man), ("women", ~is_man)):
        part = compare_strangers(known.vectors[members], known.identities[members])
        rows += _strangers(part, f",{group}", embedder.calibration)
    return rows


def _strangers(strangers: Strangers, group: str, calibration: Calibration) -> list[Row]:
    def row(metric: str, value: float, unit: str) -> Row:
        return Row(WHAT, OTHERS, metric, value, np.nan, np.nan, strangers.count, unit)

    rates = [
        row(f"false_match[similarity={wanted}{group}]", strangers.rate(calibration.distance_of(wanted)), "fraction")
        for wanted in SIMILARITIES
    ]
    distances = [
        row(f"distance[false_match={rate:g}{group}]", strangers.distance(rate), "distance")
        for rate in FALSE_MATCH_RATES
    ]
    return rates + distances


def _pairs_of_one_person(known: KnownFaces, strangers: Strangers, calibration: Calibration) -> list[Row]:
    """Judge all pairs of two pictures with a face found of one person."""
    first, second = genuine_pairs(known.identities)
    distance = np.linalg.norm(known.vectors[first] - known.vectors[second], axis=1)
    people, number = np.unique(known.identities[first], return_inverse=True)
    counts = np.bincount(number)

    def row(metric: str, values: Array) -> Row:
        sums = np.bincount(number, values)
        low, high = interval(len(people), lambda places: float(sums[places].sum() / counts[places].sum()), RESAMPLES)
        return Row(WHAT, OTHERS, metric, float(values.mean()), low, high, len(values), "fraction")

    found = [
        row(f"true_match[false_match={rate:g}]", (distance < strangers.distance(rate)).astype(float))
        for rate in FALSE_MATCH_RATES
    ]
    lost = [
        row(f"false_non_match[similarity={wanted}]", (distance >= calibration.distance_of(wanted)).astype(float))
        for wanted in SIMILARITIES
    ]
    return found + lost
