"""From `Seen` faces to rows.

A face that was not found is an error: it counts as the worst answer to a yes-or-no question, and as the set's own
average where a number is asked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evaluation.attributes_metrics import (
    accuracy,
    auc,
    balanced_accuracy,
    calibration_error_by_chance,
    coverage,
    expected_calibration_error,
    mean_absolute_error,
    pearson,
)
from evaluation.attributes_seen import Seen
from evaluation.rows import Row, interval
from oss_faces.analysis.reading import GLASSES, SIDES
from oss_faces.values import Face, Label

Array = NDArray[Any]
RESAMPLES: Final = 500
MISSED: Final = "missed"


@dataclass(frozen=True, slots=True)
class Answers:
    """Truth and answers of one attribute, (N,) each, as the figures need them."""

    truth: Array
    stated: Array
    score: Array
    confidence: Array
    found: Array


def row_of(names: tuple[str, str, str], columns: Sequence[Array], figure: Callable[..., float], unit: str) -> Row:
    """Compute a figure and its interval.

    Args:
        names: what, set and metric.
        columns: arrays of equal length that the figure is given.
    """
    count = len(columns[0])
    if not count:
        return Row(*names, float("nan"), float("nan"), float("nan"), 0, unit)

    def resampled(places: NDArray[np.intp]) -> float:
        return figure(*(column[places] for column in columns))

    low, high = interval(count, resampled, RESAMPLES)
    return Row(*names, figure(*columns), low, high, count, unit)


def missed_row(what: str, of: str, seen: Sequence[Seen]) -> Row:
    """Share of labelled faces that were not found."""
    lost = np.array([one.face is None for one in seen], float)
    return row_of((what, of, MISSED), [lost], lambda values: float(np.mean(values)), "fraction")


def two_sided(seen: Sequence[Seen], name: str) -> tuple[list[Seen], Answers]:
    """Collect a yes-or-no attribute: the faces whose set tells it, and the answers, 1.0 for yes."""
    known = [one for one in seen if np.isfinite(one.labels.get(name, np.nan))]
    truth = np.array([one.labels[name] for one in known])
    yes = SIDES[name][0]
    stated, score, confidence = [], [], []
    for one, wanted in zip(known, truth, strict=True):
        label: Label | None = getattr(one.face, name) if one.face else None
        if label is None:
            stated.append(1.0 - wanted)
            score.append(2.0 if wanted == 0 else -1.0)
            confidence.append(np.nan)
            continue
        stated.append(float(label.value == yes))
        score.append(label.confidence if label.value == yes else 1.0 - label.confidence)
        confidence.append(label.confidence)
    found = np.array([one.face is not None for one in known], bool)
    return known, Answers(truth, np.array(stated), np.array(score), np.array(confidence), found)


def two_sided_rows(of: str, seen: Sequence[Seen], name: str, metrics: Sequence[str]) -> list[Row]:
    """Rows of a yes-or-no attribute: the wanted of accuracy, balanced_accuracy and auc, and calibration."""
    known, answers = two_sided(seen, name)
    if not known:
        return []
    figures: dict[str, tuple[Sequence[Array], Callable[..., float]]] = {
        "accuracy": ([answers.truth, answers.stated], accuracy),
        "balanced_accuracy": ([answers.truth, answers.stated], balanced_accuracy),
        "auc": ([answers.truth, answers.score], auc),
    }
    rows = [row_of((name, of, metric), *figures[metric], "fraction") for metric in metrics]
    return [*rows, *_ece_rows(name, of, answers), missed_row(name, of, known)]


def _ece_rows(what: str, of: str, answers: Answers) -> list[Row]:
    """Calibration error of the faces that were found, and the one that chance alone would show."""
    right, stated = (answers.truth == answers.stated)[answers.found], answers.confidence[answers.found]
    error = row_of((what, of, "ece"), [right, stated], expected_calibration_error, "fraction")
    chance = calibration_error_by_chance(stated) if len(stated) else float("nan")
    return [error, Row(what, of, "ece_by_chance", chance, chance, chance, len(stated), "fraction")]


def grouped_rows(of: str, seen: Sequence[Seen], name: str, metric: str) -> list[Row]:
    """Accuracy of a yes-or-no attribute, or the error of the age, for each group that the set tells."""
    rows = []
    for kind in sorted({kind for one in seen for kind in one.groups}):
        for group in sorted({one.groups[kind] for one in seen}):
            among = [one for one in seen if one.groups[kind] == group]
            made = age_rows(of, among) if name == "age" else two_sided_rows(of, among, name, [metric])
            first = next(row for row in made if row.metric == metric)
            named = (first.what, of, f"{metric}[{kind}={group}]")
            rows.append(Row(*named, first.value, first.low, first.high, first.n, first.unit))
    return rows


def age_rows(of: str, seen: Sequence[Seen]) -> list[Row]:
    """Error and coverage of the age, all ages and under 13."""
    known = [one for one in seen if np.isfinite(one.labels.get("age", np.nan))]
    if not known:
        return []
    truth = np.array([one.labels["age"] for one in known])
    ages = [one.face.age if one.face else None for one in known]
    mean = np.array([np.median(truth) if age is None else age.years for age in ages])
    sd = np.array([0.0 if age is None else age.sd for age in ages])
    child = truth < 13
    rows = [
        row_of(("age", of, "mae"), [truth, mean], mean_absolute_error, "years"),
        row_of(("age", of, "cover_1sd"), [truth, mean, sd], lambda *parts: _covered(1.0, *parts), "fraction"),
        row_of(("age", of, "cover_2sd"), [truth, mean, sd], lambda *parts: _covered(2.0, *parts), "fraction"),
        missed_row("age", of, known),
    ]
    if child.any():
        rows.append(row_of(("age", of, "mae_under13"), [truth[child], mean[child]], mean_absolute_error, "years"))
    return rows


def _covered(times: float, truth: Array, mean: Array, sd: Array) -> float:
    return coverage(truth, mean, sd, times)


def glasses_rows(of: str, seen: Sequence[Seen]) -> list[Row]:
    """Glasses or none by AUC; the three kinds by balanced accuracy where the set tells them."""
    known = [one for one in seen if np.isfinite(one.labels.get("glasses", np.nan))]
    if not known:
        return []
    kinds = np.array([one.labels["glasses"] for one in known])
    worn = kinds > 0
    labels = [one.face.glasses if one.face else None for one in known]
    score = np.array(
        [_worst(bool(yes)) if label is None else _glasses_score(label) for label, yes in zip(labels, worn, strict=True)]
    )
    rows = [row_of(("glasses", of, "auc"), [worn, score], auc, "fraction"), missed_row("glasses", of, known)]
    told = kinds < len(GLASSES)
    stated = np.array([-1.0 if label is None else float(GLASSES.index(label.value)) for label in labels])
    rows.append(
        row_of(("glasses", of, "balanced_accuracy"), [kinds[told], stated[told]], balanced_accuracy, "fraction")
    )
    found = np.array([label is not None for label in labels]) & told
    confidence = np.array([np.nan if label is None else label.confidence for label in labels])
    answers = Answers(kinds[told], stated[told], score[told], confidence[told], found[told])
    return [*rows, *_ece_rows("glasses", of, answers)]


def _worst(wanted: bool) -> float:
    return -1.0 if wanted else 2.0


def _glasses_score(label: Label) -> float:
    """Order faces by how surely glasses are worn; the two kinds together are only known to within the larger."""
    return 1.0 - label.confidence if label.value == "none" else label.confidence


def emotion_rows(of: str, seen: Sequence[Seen], names: Sequence[str]) -> list[Row]:
    """Seven classes by accuracy, happiness by AUC, calibration of the strongest."""
    known = [one for one in seen if np.isfinite(one.labels.get("emotion", np.nan))]
    if not known:
        return []
    truth = np.array([names[int(one.labels["emotion"])] for one in known])
    emotions = [one.face.emotion if one.face else None for one in known]
    stated = np.array(["" if emotion is None else emotion.value for emotion in emotions])
    happy = truth == "happy"
    score = np.array(
        [
            _worst(bool(yes)) if emotion is None else emotion.scores["happy"]
            for emotion, yes in zip(emotions, happy, strict=True)
        ]
    )
    confidence = np.array([np.nan if emotion is None else emotion.scores[emotion.value] for emotion in emotions])
    found = np.isfinite(confidence)
    answers = Answers(truth, stated, score, confidence, found)
    return [
        row_of(("emotion", of, "accuracy"), [truth, stated], accuracy, "fraction"),
        row_of(("emotion", of, "balanced_accuracy"), [truth, stated], balanced_accuracy, "fraction"),
        row_of(("emotion", of, "auc_happiness"), [happy, score], auc, "fraction"),
        row_of(("emotion", of, "accuracy_found"), [truth[found], stated[found]], accuracy, "fraction"),
        row_of(("emotion", of, "auc_happiness_found"), [happy[found], score[found]], auc, "fraction"),
        *_ece_rows("emotion", of, answers),
        missed_row("emotion", of, known),
    ]


def number_row(names: tuple[str, str, str], truth: Sequence[float], stated: Sequence[float | None], unit: str) -> Row:
    """Pearson correlation, or mean absolute difference for any other metric; a missed face is stated as average."""
    wanted = np.array(truth, float)
    given = np.array([wanted.mean() if value is None else value for value in stated], float)
    return row_of(names, [wanted, given], pearson if names[2] == "pearson" else mean_absolute_error, unit)


def of_face(seen: Sequence[Seen], read: Callable[[Face], float | None]) -> list[float | None]:
    """Read one number of every face; `None` where the face was missed."""
    return [None if one.face is None else read(one.face) for one in seen]
