import numpy as np
import pytest

from evaluation.attributes_metrics import (
    accuracy,
    auc,
    balanced_accuracy,
    calibration_error_by_chance,
    coverage,
    expected_calibration_error,
    mean_absolute_error,
    pearson,
    spearman,
)


@pytest.mark.parametrize(
    ("positive", "score", "wanted"),
    [
        ([0, 0, 1, 1], [1, 2, 3, 4], 1.0),
        ([1, 1, 0, 0], [1, 2, 3, 4], 0.0),
        ([0, 1, 0, 1], [1, 1, 1, 1], 0.5),
        ([0, 1, 0, 1], [1, 2, 3, 4], 0.75),
    ],
)
def test_auc_counts_ordered_pairs(positive: list[int], score: list[int], wanted: float) -> None:
    """The area is the share of pairs in the right order; a tie is half a pair."""
    assert auc(np.array(positive), np.array(score)) == pytest.approx(wanted)


def test_auc_of_one_class_is_not_a_number() -> None:
    """Without a second class there are no pairs."""
    assert np.isnan(auc(np.ones(3), np.arange(3)))


def test_balanced_accuracy_weighs_classes_alike() -> None:
    """Always saying the common class is no better than chance."""
    truth = np.array([0] * 9 + [1])
    stated = np.zeros(10)
    assert accuracy(truth, stated) == pytest.approx(0.9)
    assert balanced_accuracy(truth, stated) == pytest.approx(0.5)


def test_coverage_counts_truths_within_the_stated_spread() -> None:
    """Of errors 1, 2, 3 and 4 at sd 2, half lie within one sd and all within two."""
    truth, mean, sd = np.array([1, 2, 3, 4]), np.zeros(4), np.full(4, 2.0)
    assert coverage(truth, mean, sd, 1) == pytest.approx(0.5)
    assert coverage(truth, mean, sd, 2) == pytest.approx(1.0)
    assert mean_absolute_error(truth, mean) == pytest.approx(2.5)


def test_rank_correlation_ignores_the_shape_of_the_curve() -> None:
    """A bent rising curve has rank correlation 1 and linear correlation below it; tied truths share a rank."""
    x = np.arange(10)
    assert spearman(x, np.exp(x)) == pytest.approx(1)
    assert pearson(x, np.exp(x)) < 0.9
    assert spearman(np.array([1, 1, 2]), np.array([3, 3, 5])) == pytest.approx(1)


def test_calibration_error_is_the_distance_to_the_right_share() -> None:
    """Saying 0.9 and being right in 6 of 10 is off by 0.3; saying 0.6 is right."""
    right = np.array([1] * 6 + [0] * 4)
    random = np.random.default_rng(0).permutation(np.tile(right, 60))
    assert expected_calibration_error(random, np.full(600, 0.9)) == pytest.approx(0.3, abs=0.02)
    assert expected_calibration_error(random, np.full(600, 0.6)) < 0.1


def test_perfect_calibration_is_off_by_chance_the_less_the_more_faces_there_are() -> None:
    """Confidences that mean what they say show some error among 100 faces, and hardly any among 10,000."""
    few, many = (calibration_error_by_chance(np.linspace(0.5, 1, count)) for count in (100, 10_000))
    assert few > 0.05
    assert 0 < many < 0.02


def test_chance_does_not_excuse_a_wrong_confidence() -> None:
    """Who says 0.95 and is right in six of ten is off by more than chance would be."""
    stated = np.full(300, 0.95)
    right = np.random.default_rng(0).random(300) < 0.6
    assert expected_calibration_error(right, stated) > 5 * calibration_error_by_chance(stated)
