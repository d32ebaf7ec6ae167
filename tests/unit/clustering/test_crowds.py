import numpy as np
import pytest

from oss_faces.clustering import ExactNeighbours, Group, crowding
from oss_faces.vectors import Matches
from tests.invented_people import faces_of, new_faces


def around(*distances: float) -> Matches:
    """The neighbours of one face, itself first."""
    return Matches(np.arange(len(distances) + 1)[None], np.array([[0.0, *distances]], np.float32))


def test_usual_distance_is_no_crowd() -> None:
    """Strangers as far as usual, or farther, change nothing."""
    assert crowding(around(*[0.41] * 50), 0.33, 0.41) == pytest.approx(0, abs=1e-6)
    assert crowding(around(*[0.6] * 50), 0.33, 0.41).tolist() == [0]


def test_nearer_strangers_are_a_crowd() -> None:
    """The difference of the squares counts; who may be the same person is no stranger."""
    assert crowding(around(*[0.36] * 50), 0.33, 0.41)[0] == pytest.approx(0.41**2 - 0.36**2)
    assert crowding(around(*[0.2] * 30, *[0.36] * 50), 0.33, 0.41)[0] == pytest.approx(0.41**2 - 0.36**2)


def test_only_the_nearest_strangers_count() -> None:
    """Fifty of them, whatever lies behind."""
    assert crowding(around(*[0.36] * 50, *[0.9] * 100), 0.33, 0.41)[0] == pytest.approx(0.41**2 - 0.36**2)


@pytest.mark.parametrize("distances", [[], [0.36] * 9, [0.2] * 150, [0.36] * 9 + [np.inf] * 50])
def test_few_strangers_say_nothing(distances: list[float]) -> None:
    """Of fewer than ten nothing is assumed: in a small dataset, and where all neighbours are one person."""
    assert crowding(around(*distances), 0.33, 0.41).tolist() == [0]


def test_many_faces_of_one_person_are_no_crowd() -> None:
    """A hundred faces of one person do not make it harder for them to be one person."""
    vectors, _ = faces_of([100] + [1] * 60)
    matches = ExactNeighbours(np.arange(160), vectors)(vectors[:100], 120)
    assert (crowding(matches, 0.33, 0.41) == 0).all()


def test_groups_bring_the_mean_of_their_crowds() -> None:
    """Each face weighs the same; a cluster that was there takes over the side that joins it."""
    vectors, _ = faces_of([3])
    faces = new_faces(vectors, crowding=[0.0, 0.02, 0.04])
    one, two, three = (Group.of_one(faces, row) for row in range(3))
    grown = one.joined(two)
    plain = 2 - 2 * float((vectors[0] + vectors[1]) @ vectors[2]) / 2
    assert grown.distances([three])[0] == pytest.approx(plain + (0.01 + 0.04) / 2)
    known = Group.of(vectors[:2], ["a", "b"])
    assert known.distances([three])[0] == pytest.approx(plain + 0.04)
    assert known.distances([Group.of(vectors[2:], ["c"])])[0] == pytest.approx(plain)
