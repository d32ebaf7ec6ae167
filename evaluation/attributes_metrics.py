"""Figures of merit for attributes: pure numpy, each from plain arrays to one number."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
ECE_BINS: Final = 15
# Draws by which chance is told from error in a calibration.
CHANCE_DRAWS: Final = 200


def auc(positive: Array, score: Array) -> float:
    """Area under the ROC curve; ties count half. `nan` when one class is absent."""
    wanted = np.asarray(positive, bool)
    count, others = int(wanted.sum()), int((~wanted).sum())
    if not count or not others:
        return float("nan")
    values, inverse, sizes = np.unique(score, return_inverse=True, return_counts=True)
    del values
    ends = np.cumsum(sizes)
    ranks = (ends - (sizes - 1) / 2)[inverse]
    return float((ranks[wanted].sum() - count * (count + 1) / 2) / (count * others))


def accuracy(truth: Array, stated: Array) -> float:
    """Share of right answers."""
    return float(np.mean(np.asarray(truth) == np.asarray(stated)))


def balanced_accuracy(truth: Array, stated: Array) -> float:
    """Mean over the classes of the share of right answers."""
    wanted, given = np.asarray(truth), np.asarray(stated)
    return float(np.mean([np.mean(given[wanted == kind] == kind) for kind in np.unique(wanted)]))


def mean_absolute_error(truth: Array, stated: Array) -> float:
    """Mean absolute difference."""
    return float(np.mean(np.abs(np.asarray(truth, float) - np.asarray(stated, float))))


def coverage(truth: Array, mean: Array, sd: Array, times: float) -> float:
    """Share of true values within so many standard deviations of the stated mean."""
    return float(np.mean(np.abs(np.asarray(truth) - mean) <= times * np.asarray(sd)))


def pearson(truth: Array, stated: Array) -> float:
    """Linear correlation."""
    return float(np.corrcoef(np.asarray(truth, float), np.asarray(stated, float))[0, 1])


def spearman(truth: Array, stated: Array) -> float:
    """Rank correlation; ties share their rank."""
    return pearson(_ranks(np.asarray(truth)), _ranks(np.asarray(stated)))


def _ranks(values: Array) -> Array:
    _, inverse, sizes = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(sizes) - (sizes - 1) / 2)[inverse])


def expected_calibration_error(right: Array, confidence: Array) -> float:
    """Mean distance between stated confidence and share of right answers, over bins of equal count."""
    order = np.argsort(confidence, kind="stable")
    bins = np.array_split(order, min(ECE_BINS, len(order)))
    hit, stated = np.asarray(right, float), np.asarray(confidence, float)
    return float(sum(len(part) * abs(hit[part].mean() - stated[part].mean()) for part in bins) / len(order))


def calibration_error_by_chance(confidence: Array) -> float:
    """Mean calibration error that these confidences would show if every one of them meant exactly what it says.

    A bin of few faces is never hit exactly, so a perfect calibration does not show 0: what is measured tells
    something only as far as it exceeds this.
    """
    stated = np.asarray(confidence, float)
    random = np.random.default_rng(0)
    drawn = (random.random(len(stated)) < stated for _ in range(CHANCE_DRAWS))
    return float(np.mean([expected_calibration_error(right, stated) for right in drawn]))
