import numpy as np
import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.recognition import DLIB_CALIBRATION, Calibration

MEASURED = Calibration(((1e-4, 0.6), (1e-3, 0.8), (1e-2, 1.0)))


def pair(distance: float) -> tuple[np.ndarray, np.ndarray]:
    """Two vectors of length 1 with this distance."""
    angle = 2 * np.arcsin(distance / 2)
    first, second = np.zeros((2, 128), np.float32)
    first[0] = 1
    second[:2] = np.cos(angle), np.sin(angle)
    return first, second


def test_thresholds_of_the_wire_are_the_measured_distances() -> None:
    """Where one pair of strangers in a thousand is nearer, the similarity is 0.8; one in a hundred, 0.5."""
    assert MEASURED.similarity(*pair(0.8)) == pytest.approx(0.8, abs=1e-4)
    assert MEASURED.similarity_at(1.0) == pytest.approx(0.5)


def test_two_spaces_are_read_by_two_curves() -> None:
    """What is near in one space is far in another."""
    assert DLIB_CALIBRATION.similarity_at(0.6) < 0.01
    assert MEASURED.similarity_at(0.6) > 0.9


@pytest.mark.parametrize("calibration", [DLIB_CALIBRATION, MEASURED])
def test_similarity_falls_with_the_distance_and_stays_within_its_bounds(calibration: Calibration) -> None:
    """From nearly 1 for the same vector down to nearly 0 for opposite ones, never back up."""
    told = [calibration.similarity_at(distance) for distance in np.linspace(0, 2, 50)]
    assert told == sorted(told, reverse=True)
    assert 0.99 < told[0] <= 1
    assert 0 <= told[-1] < 0.01


@pytest.mark.parametrize("wanted", [0.2, 0.5, 0.8, 0.95])
def test_distance_of_a_similarity_has_that_similarity(wanted: float) -> None:
    """One function undoes the other."""
    assert MEASURED.similarity(*pair(MEASURED.distance_of(wanted))) == pytest.approx(wanted, abs=1e-4)


def test_order_of_the_two_does_not_matter() -> None:
    """Similarity is the same both ways."""
    first, second = pair(0.4)
    assert MEASURED.similarity(first, second) == MEASURED.similarity(second, first)


@pytest.mark.parametrize(
    ("distance", "rate"), [(0.8, 1e-3), (1.0, 1e-2), (0.9, 10**-2.5), (0.6, 1e-4), (0.4, 10**-4.5), (1.1, 1.0)]
)
def test_false_match_rate_is_read_off_what_was_measured(distance: float, rate: float) -> None:
    """At a measured point its rate, between two the straight line of logarithms, outside rather too much."""
    assert MEASURED.false_match_rate(MEASURED.similarity_at(distance)) == pytest.approx(rate)


@pytest.mark.parametrize(
    "points",
    [
        (),
        ((1e-3, 0.8),),
        ((1e-2, 1.0),),
        ((1e-3, 1.0), (1e-2, 0.8)),
        ((1e-2, 0.8), (1e-3, 1.0)),
        ((1e-3, 0.8), (1e-2, 2.5)),
        ((1e-3, 0.8), (1e-2, 1.0), (1.5, 1.2)),
        ((1e-3, float("nan")), (1e-2, 1.0)),
    ],
)
def test_impossible_calibration_is_refused(points: tuple[tuple[float, float], ...]) -> None:
    """Missing thresholds and numbers that do not ascend are no calibration."""
    with pytest.raises(ConfigurationError, match="rate"):
        Calibration(points).validate()


def test_calibration_of_the_default_network_is_possible() -> None:
    """The one that ships passes its own check."""
    DLIB_CALIBRATION.validate()
