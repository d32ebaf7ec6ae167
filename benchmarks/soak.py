"""Fifty thousand mixed requests: does memory grow, is any lost? Takes many minutes, so it runs only when asked for."""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.against_bare import ask
from benchmarks.client import Answered
from benchmarks.mixed import Mixture, kinds, mix, store_pool
from benchmarks.process_tree import Memory, memory_of
from benchmarks.program import Program
from benchmarks.running import running_server
from evaluation.rows import Row, mean_row

REQUESTS: Final = 50_000
CHUNK: Final = 400
FIRST: Final = 2_000
"""After so many requests everything has been done that will be."""
CONNECTIONS: Final = 8
CHUNK_S_MAX: Final = 600.0
SECONDS_MAX: Final = 3_000.0
_MIB: Final = 1024**2
LOOKS: Final = 5
"""A worker gives memory back and takes it anew, up to a tenth of what it has, so one look tells little."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What came of some requests.

    Attributes:
        memory: of the server after them.
        outcomes: number of requests by kind and status.
        sent: how many there were.
    """

    memory: Memory
    outcomes: Counter[tuple[str, int]]
    sent: int


def measure(*, quick: bool = False) -> Iterator[Row]:
    """Send the mixture to a server with default settings, a chunk at a time, and measure its memory after each."""
    requests = 3 * FIRST if quick else REQUESTS
    chunks: list[Chunk] = []
    with (
        tempfile.TemporaryDirectory(prefix="oss-faces-bench-") as name,
        running_server() as server,
        Program.of_module("benchmarks.client") as client,
    ):
        store_pool(server)
        plan, began = Path(name) / "plan.json", time.monotonic()
        # Ctrl-C ends it early, with the rows of what was done.
        with suppress(KeyboardInterrupt):
            while len(chunks) < requests // CHUNK and time.monotonic() - began < SECONDS_MAX:
                mixture = mix(server, CHUNK, seed=len(chunks))
                mixture.plan.write(plan)
                answers, _ = ask(client, plan, connections=CONNECTIONS, seconds=CHUNK_S_MAX, requests_max=CHUNK)
                chunks.append(Chunk(memory_of(server.process.pid), count_outcomes(mixture, answers), len(answers)))
                resident, proportional = chunks[-1].memory.resident / _MIB, chunks[-1].memory.proportional / _MIB
                done = CHUNK * len(chunks)
                if not done % FIRST:
                    print(f"soak: {done} requests, {resident:.1f} MiB, {proportional:.1f} MiB", file=sys.stderr)
    yield from rows_of(chunks)


def count_outcomes(mixture: Mixture, answers: Sequence[Answered]) -> Counter[tuple[str, int]]:
    """Count requests by kind and status; 0 stands for no answer."""
    return Counter((mixture.kinds[one.place], one.status) for one in answers)


def rows_of(chunks: Sequence[Chunk]) -> Iterator[Row]:
    """Make the rows. Memory is the median of a few looks, and beside it stands their range, not an interval."""
    total = sum((chunk.outcomes for chunk in chunks), Counter[tuple[str, int]]())
    of = f"mixed_{sum(chunk.sent for chunk in chunks)}"
    begun = FIRST // CHUNK + LOOKS // 2
    for metric in ("resident", "proportional"):
        used = np.array([getattr(chunk.memory, metric) for chunk in chunks], np.float64)
        first, last = used[:begun][-LOOKS:], used[-LOOKS:]
        yield _range_row(of, f"{metric}_after_{FIRST}", first / _MIB, "MiB")
        yield _range_row(of, f"{metric}_end", last / _MIB, "MiB")
        yield _range_row(of, f"{metric}_end_over_after_{FIRST}", last / np.median(first), "ratio")
    known = kinds()
    wrong = {key: count for key, count in total.items() if key[1] not in known[key[0]].statuses}
    if wrong:
        print(f"soak: not as expected: {wrong}", file=sys.stderr)
    yield mean_row("soak", of, "answered_wrong", _ones(sum(wrong.values()), total.total()))
    yield mean_row(
        "soak", of, "answered_5xx", _ones(sum(n for key, n in total.items() if key[1] >= 500), total.total())
    )
    yield mean_row("soak", of, "lost", _ones(sum(n for key, n in total.items() if key[1] == 0), total.total()))


def _range_row(of: str, metric: str, values: np.ndarray, unit: str) -> Row:
    middle, low, high = (float(one) for one in np.quantile(values, (0.5, 0.0, 1.0)))
    return Row("soak", of, metric, middle, low, high, len(values), unit)


def _ones(count: int, among: int) -> list[float]:
    return [1.0] * count + [0.0] * (among - count)
