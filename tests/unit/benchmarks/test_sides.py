import pytest

from benchmarks.sides import WARM_UP_ROUNDS, median_row, ratio_row, time_in_turn
from tests.clock import Clock


class StepClock(Clock):
    """Time that passes only when work is done."""

    def work(self, seconds: float):
        def run() -> None:
            self.now += seconds

        return run


def test_sides_are_timed_in_turn():
    """Each side gets its own seconds, and the rounds that warm up are not among them."""
    clock = StepClock()
    first, second = time_in_turn([clock.work(2.0), clock.work(5.0)], 3, clock)
    assert first == [2.0] * 3
    assert second == [5.0] * 3
    assert clock.now == 7.0 * (3 + WARM_UP_ROUNDS)


def test_a_ratio_is_the_median_of_the_rounds():
    """One disturbed round moves the interval, not the value."""
    row = ratio_row("decoding", "jpeg", "a_over_b", [2.0, 2.0, 90.0], [1.0, 1.0, 1.0])
    assert (row.value, row.n, row.unit) == (2.0, 3, "ratio")
    assert row.low == 2.0
    assert row.high == 90.0


def test_a_median_keeps_its_unit():
    """The row says what it is."""
    row = median_row("server", "portrait", "http_per_s", [3.0, 1.0, 2.0], "1/s")
    assert row.value == pytest.approx(2.0)
    assert row.unit == "1/s"
