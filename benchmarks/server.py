"""What the server costs: pictures per second over HTTP against the bare pipeline in as many processes as processors."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import numpy as np

from benchmarks.against_bare import Kept, Sides, Throughput, running_sides
from benchmarks.pictures import SIZES, portrait_jpeg
from benchmarks.sides import in_turn, median_row, ratio_row
from evaluation.rows import Row

CONCURRENCIES: Final = (1, 2, 8, 64)
PICTURE: Final = "2mp"
SMALL_PICTURE: Final = "0.5mp"
COPIES_REMEMBERED: Final = 8


def measure(*, quick: bool = False) -> Iterator[Row]:
    """Compare rates, processor time and waiting, for each number of requests under way at once."""
    rounds, seconds = (2, 1.0) if quick else (5, 2.0)
    with running_sides() as sides:
        for name, concurrencies in ((SMALL_PICTURE, (8,)), (PICTURE, CONCURRENCIES)):
            kept = sides.keep(f"portrait_{name}", portrait_jpeg(SIZES[name]), 1)
            for concurrency in concurrencies:
                yield from _rows(sides, kept, concurrency, rounds, seconds)
    yield measure_remembered(rounds, seconds)


def measure_remembered(rounds: int, seconds: float) -> Row:
    """Compare the rate of pictures whose results are kept."""
    with running_sides({}) as sides:
        kept = sides.keep(f"portrait_{PICTURE}", portrait_jpeg(SIZES[PICTURE]), 1, COPIES_REMEMBERED)
        sides.serve(kept, COPIES_REMEMBERED, 0.0)
        served, bare = in_turn(_turns(sides, kept, CONCURRENCIES[-2], seconds), rounds)
        rates = [[side.per_second for side in turn] for turn in (served, bare)]
    return ratio_row("server", kept.file.stem, "rate_remembered_over_bare", *rates)


def _rows(sides: Sides, kept: Kept, concurrency: int, rounds: int, seconds: float) -> Iterator[Row]:
    of = kept.file.stem
    served, bare = in_turn(_turns(sides, kept, concurrency, seconds), rounds)
    rates = [[side.per_second for side in turn] for turn in (served, bare)]
    costs = [[side.cpu_s for side in turn] for turn in (served, bare)]
    yield ratio_row("server", of, f"rate_http_over_bare_c{concurrency}", *rates)
    yield ratio_row("server", of, f"cpu_http_over_bare_c{concurrency}", *costs)
    if any(side.refused for side in served):
        yield median_row("server", of, f"refused_c{concurrency}", [side.refused for side in served], "requests")
    waits = [[float(np.median(side.seconds)) for side in turn] for turn in (served, bare)]
    yield ratio_row("server", of, f"wait_http_over_bare_c{concurrency}", *waits)
    yield median_row("server", of, f"longest_c{concurrency}", [max(side.seconds) for side in served], "s")


def _turns(sides: Sides, kept: Kept, concurrency: int, seconds: float) -> list[Callable[[], Throughput]]:
    """The server works on no more pictures at once than there are processors; no more is asked of the line."""
    processes = min(concurrency, len(sides.bare))
    return [partial(sides.serve, kept, concurrency, seconds), partial(sides.run_bare, kept, processes, seconds)]
