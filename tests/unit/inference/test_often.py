from collections.abc import Callable

import pytest

from oss_faces.inference.often import OftenAsked, OftenLimits, Shapes


def of(side: int) -> Shapes:
    return (("image", (1, side, side, 3)),)


@pytest.fixture
def made() -> list[Shapes]:
    return []


@pytest.fixture
def plans(made) -> OftenAsked[str]:
    return OftenAsked(writing_into(made), OftenLimits(calls=2, kept=2))


def writing_into(made: list[Shapes]) -> Callable[[Shapes], str]:
    def make(shapes: Shapes) -> str:
        made.append(shapes)
        return f"plan of {shapes[0][1][1]}"

    return make


def test_a_shape_gets_its_plan_when_it_came_often(plans, made):
    """The first calls go without; the one after them makes the plan, and all that follow use it."""
    assert [plans.find(of(8)) for _ in range(4)] == [None, None, "plan of 8", "plan of 8"]
    assert made == [of(8)]


def test_shapes_are_counted_apart(plans, made):
    """What comes once does not help another shape to a plan."""
    assert [plans.find(of(side)) for side in (8, 16, 8, 16, 24)] == [None] * 5
    assert made == []
    assert plans.find(of(8)) == "plan of 8"


def test_the_plan_longest_unused_gives_way(plans):
    """No more plans are kept than allowed, and the one in use stays."""
    for side in (8, 16):
        plans.add(of(side))
    plans.find(of(8))
    plans.add(of(24))
    assert [plans.find(of(side)) for side in (8, 16, 24)] == ["plan of 8", None, "plan of 24"]


def test_shapes_in_turn_do_not_make_plans_in_turn(plans, made):
    """Each plan beyond those that are kept takes twice as many calls: 3,000 calls of three shapes make few."""
    for _ in range(1000):
        for side in (8, 16, 24):
            plans.find(of(side))
    assert 3 <= len(made) <= 12


def test_of_many_shapes_none_is_remembered_for_ever(plans, made):
    """A shape that came twice, and then not for hundreds of others, is counted anew."""
    for _ in range(2):
        plans.find(of(8))
    for side in range(100, 500):
        plans.find(of(side))
    assert plans.find(of(8)) is None
    assert made == []


def test_a_plan_that_cannot_be_made_leaves_the_rest_as_it_was(made):
    """The error goes to the call that was to make it; the next ones go without again."""

    def fail(shapes: Shapes) -> str:
        made.append(shapes)
        raise MemoryError

    plans = OftenAsked(fail, OftenLimits(calls=1, kept=1))
    assert plans.find(of(8)) is None
    with pytest.raises(MemoryError):
        plans.find(of(8))
    assert plans.find(of(8)) is None
    assert made == [of(8)]
