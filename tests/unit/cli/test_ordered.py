"""Work in threads, results in order."""

import threading
from contextlib import closing

import pytest

from oss_faces.cli.ordered import in_order


def test_results_come_in_the_order_of_the_items() -> None:
    """Whichever ends first; none is no item, no thread."""
    assert list(in_order(str, [], 3)) == []
    gates = [threading.Event() for _ in range(4)]
    gates[3].set()

    def work(place: int) -> int:
        assert gates[place].wait(10)
        if place:
            gates[place - 1].set()
        return place

    assert list(in_order(work, range(4), 4)) == [0, 1, 2, 3]


def test_few_items_are_taken_ahead() -> None:
    """A film is not decoded into memory."""
    taken: list[int] = []

    def items():
        for place in range(100):
            taken.append(place)
            yield place

    with closing(in_order(str, items(), 3)) as results:
        assert next(results) == "0"
        assert len(taken) <= 6


def test_error_of_work_reaches_the_caller_and_ends_the_rest() -> None:
    """Items behind it are not begun."""
    begun: list[int] = []

    def work(place: int) -> int:
        begun.append(place)
        return 1 // place

    with pytest.raises(ZeroDivisionError):
        list(in_order(work, [1, 0, *range(1, 100)], 1))
    assert len(begun) <= 4
