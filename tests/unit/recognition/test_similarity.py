import numpy as np
import pytest

from oss_faces.recognition import distance_of, similarity
from oss_faces.recognition.similarity import OPEN_DISTANCE, SAME_DISTANCE


def pair(distance: float) -> tuple[np.ndarray, np.ndarray]:
    """Two vectors of length 1 with this distance."""
    angle = 2 * np.arcsin(distance / 2)
    first, second = np.zeros((2, 128), np.float32)
    first[0] = 1
    second[:2] = np.cos(angle), np.sin(angle)
    return first, second


def test_threshold_of_the_wire_is_the_measured_distance() -> None:
    """At the distance that one pair of strangers in a thousand stays below, the similarity is 0.8."""
    assert similarity(*pair(SAME_DISTANCE)) == pytest.approx(0.8, abs=1e-4)
    assert similarity(*pair(OPEN_DISTANCE)) == pytest.approx(0.5, abs=1e-4)


def test_similarity_falls_with_the_distance_and_stays_within_its_bounds() -> None:
    """From nearly 1 for the same vector down to nearly 0 for opposite ones, never back up."""
    told = [similarity(*pair(distance)) for distance in np.linspace(0, 2, 50)]
    assert told == sorted(told, reverse=True)
    assert 0.99 < told[0] <= 1
    assert 0 <= told[-1] < 0.01


@pytest.mark.parametrize("wanted", [0.2, 0.5, 0.8, 0.95])
def test_distance_of_a_similarity_has_that_similarity(wanted: float) -> None:
    """One function undoes the other."""
    assert similarity(*pair(distance_of(wanted))) == pytest.approx(wanted, abs=1e-4)


def test_order_of_the_two_does_not_matter() -> None:
    """Similarity is the same both ways."""
    first, second = pair(0.4)
    assert similarity(first, second) == similarity(second, first)
