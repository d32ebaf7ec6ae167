"""How long one answer takes by size of the picture and by number of faces, over HTTP and of the bare pipeline."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import numpy as np

from benchmarks.against_bare import Kept, Sides, Throughput, running_sides
from benchmarks.pictures import SIZES, crowd_jpeg, portrait_jpeg
from benchmarks.sides import in_turn, median_row, ratio_row
from evaluation.rows import Row

FACES: Final = (0, 1, 8, 50)
CROWD_PICTURE: Final = "2mp"
COPIES: Final = 4


def measure(*, quick: bool = False) -> Iterator[Row]:
    """Ask for one picture at a time, a few times each turn."""
    rounds, seconds = (2, 0.3) if quick else (5, 1.0)
    with running_sides() as sides:
        for name, size in SIZES.items():
            kept = sides.keep(f"portrait_{name}", portrait_jpeg(size), 1, COPIES)
            yield from _rows(sides, kept, rounds, seconds)
        for faces in FACES:
            kept = sides.keep(f"crowd_{faces}", crowd_jpeg(SIZES[CROWD_PICTURE], faces), faces, COPIES)
            yield from _rows(sides, kept, rounds, seconds)


def _rows(sides: Sides, kept: Kept, rounds: int, seconds: float) -> Iterator[Row]:
    turns: list[Callable[[], Throughput]] = [
        partial(sides.serve, kept, 1, seconds),
        partial(sides.run_bare, kept, 1, seconds),
    ]
    served, bare = in_turn(turns, rounds)
    waits = [[float(np.median(side.seconds)) for side in turn] for turn in (served, bare)]
    of = kept.file.stem
    yield ratio_row("latency", of, "http_over_bare", *waits)
    yield median_row("latency", of, "http_ms", [1000 * wait for wait in waits[0]], "ms")
    yield median_row("latency", of, "bare_cpu_ms", [1000 * side.cpu_s for side in bare], "ms")
