import numpy as np
import pytest

from oss_faces.clustering import Group
from oss_faces.clustering.linkage import Linkage


def on_circle(*degrees: float) -> list[Group]:
    """Groups of one face each, at these angles."""
    angles = np.radians(degrees)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    return [Group.of(vectors[place : place + 1], [str(place)]) for place in range(len(vectors))]


def grown(groups: list[Group], limit: float, fixed: int = 0) -> list[tuple[int, ...]]:
    pairs = [(first, second) for first in range(len(groups)) for second in range(first)]
    return sorted(tuple(sorted(places)) for _, places in Linkage(groups, fixed, limit).run(pairs))


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (0.01, [(0,), (1,), (2,), (3,)]),
        (0.06, [(0, 1), (2,), (3,)]),
        (0.12, [(0, 1), (2,), (3,)]),
        (0.17, [(0, 1, 2), (3,)]),
        (2.01, [(0, 1, 2, 3)]),
    ],
)
def test_groups_grow_up_to_the_limit(limit: float, expected: list[tuple[int, ...]]) -> None:
    """Faces at 0, 3, 9 and 180 degrees; the third is 0.105 from the second, and 0.133 from the first two on average."""
    assert grown(on_circle(0, 3, 9, 180), limit) == expected


def test_a_chain_is_no_group() -> None:
    """Each face is near the next one; the ends are far apart, and do not become one through those between."""
    assert max(len(places) for places in grown(on_circle(*range(0, 90, 5)), 0.1)) <= 3


def test_known_persons_are_never_joined() -> None:
    """The first two are known; what is between them goes to one."""
    assert sorted(map(len, grown(on_circle(0, 4, 1), 1.0, fixed=2))) == [1, 2]


def test_one_picture_twice_is_never_joined() -> None:
    """Three faces that are the same, two of them on one picture."""
    first, second, third = on_circle(0, 0, 0)
    twin = Group(third.total, third.count, second.pictures)
    assert sorted(map(len, grown([first, second, twin], 1.0))) == [1, 2]


def test_without_a_chain_of_pairs_nothing_is_joined() -> None:
    """Groups that nobody called near are not compared."""
    assert [places for _, places in Linkage(on_circle(0, 1), 0, 1.0).run([])] == [(0,), (1,)]
