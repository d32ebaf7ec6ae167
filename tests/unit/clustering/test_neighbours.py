import numpy as np

from oss_faces.clustering import ExactNeighbours
from tests.invented_people import faces_of


def test_nearest_come_first_and_a_probe_finds_itself() -> None:
    """Numbers and distances are those of a plain search."""
    vectors, _ = faces_of([5, 5, 5])
    matches = ExactNeighbours(np.arange(100, 115), vectors)(vectors, 4)
    plain = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    assert (matches.numbers == 100 + np.argsort(plain, axis=1)[:, :4]).all()
    np.testing.assert_allclose(matches.distances, np.sort(plain, axis=1)[:, :4], atol=1e-3)
    assert (matches.numbers[:, 0] == np.arange(100, 115)).all()


def test_fewer_faces_than_asked_for() -> None:
    """The rest is nobody, infinitely far away; of no faces, everything is."""
    vectors, _ = faces_of([2])
    matches = ExactNeighbours(np.array([7, 8]), vectors)(vectors[:1], 3)
    assert matches.numbers.tolist() == [[7, 8, -1]]
    assert np.isinf(matches.distances[0, 2])
    nobody = ExactNeighbours(np.array([], np.int64), vectors[:0])(vectors, 3)
    assert (nobody.numbers == -1).all()
