import numpy as np
import pytest

from oss_faces.recognition import Strangers, compare_strangers, genuine_pairs


def test_every_pair_of_two_persons_is_compared_once(monkeypatch):
    """Blocks of rows, and pairs of one person left out, give what a loop over all pairs gives."""
    monkeypatch.setattr("oss_faces.recognition.strangers._BLOCK_ROWS", 3)
    random = np.random.default_rng(1)
    vectors, people = random.standard_normal((8, 4)), np.array(["a", "b", "a", "c", "c", "d", "a", "b"])
    expected = sorted(
        float(np.linalg.norm(vectors[i] - vectors[j])) for i in range(8) for j in range(i) if people[i] != people[j]
    )
    found = compare_strangers(vectors, people)
    assert found.distances == pytest.approx(np.array(expected), abs=1e-5)
    assert found.count == 23


def test_distance_and_rate_are_read_off_the_sorted_pairs():
    """A tenth of ten pairs lies below the second; of these, two tenths below the third."""
    ten = Strangers(np.arange(10, dtype=np.float32))
    assert ten.distance(0.1) == 1
    assert ten.rate(2) == pytest.approx(0.2)
    assert ten.rate(-1) == 0


def test_pairs_of_one_person_are_all_named():
    """A person with three pictures gives three pairs, one with a single picture none."""
    first, second = genuine_pairs(np.array(["a", "b", "a", "c", "b", "a"]))
    assert {(int(i), int(j)) for i, j in zip(first, second, strict=True)} == {(0, 2), (0, 5), (2, 5), (1, 4)}
