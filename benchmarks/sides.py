"""Two ways of doing the same, timed in turn, so that whatever else the machine does falls on both."""

import gc
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import numpy as np

from evaluation.rows import Row, quantile_row

WARM_UP_ROUNDS: Final = 2

Clock = Callable[[], float]
Work = Callable[[], object]
Outcome = TypeVar("Outcome")


def time_in_turn(sides: Sequence[Work], rounds: int, clock: Clock = time.process_time) -> list[list[float]]:
    """Call every side once a round.

    Args:
        sides: what is compared.
        rounds: how often, after `WARM_UP_ROUNDS` that do not count.
        clock: seconds. Processor time by default: it does not count the work of other programs.

    Returns:
        For each side, the seconds of each round.
    """
    seconds: list[list[float]] = [[] for _ in sides]
    gc.collect()
    for turn in range(WARM_UP_ROUNDS + rounds):
        # Whoever comes first finds the caches of the one before; each comes first equally often.
        for place in (np.arange(len(sides)) + turn) % len(sides):
            started = clock()
            sides[int(place)]()
            if turn >= WARM_UP_ROUNDS:
                seconds[place].append(clock() - started)
    return seconds


def in_turn(sides: Sequence[Callable[[], Outcome]], rounds: int) -> list[list[Outcome]]:
    """Let every side do its turn once a round, each first equally often: for each side what came of its turns."""
    outcomes: list[list[Outcome]] = [[] for _ in sides]
    for turn in range(rounds):
        for place in (np.arange(len(sides)) + turn) % len(sides):
            outcomes[int(place)].append(sides[int(place)]())
    return outcomes


def ratio_row(what: str, of: str, metric: str, first: Sequence[float], second: Sequence[float]) -> Row:
    """Make the row of `first` over `second`: the median of the rounds, and its 95 % bootstrap interval."""
    return median_row(what, of, metric, np.array(first) / np.array(second), "ratio")


def median_row(what: str, of: str, metric: str, values: Sequence[float] | np.ndarray, unit: str) -> Row:
    """Make the row of a median over rounds, with its 95 % bootstrap interval."""
    return quantile_row(what, of, metric, values, (0.5, unit))
