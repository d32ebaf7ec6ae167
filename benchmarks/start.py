"""From the start of a server to its first answer, against importing the runtime and loading the networks alone."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.against_bare import UNCACHED
from benchmarks.pictures import SIZES, portrait_jpeg
from benchmarks.process_tree import cpu_seconds
from benchmarks.program import ROOT
from benchmarks.running import FACES, STOP_S, plain_environment, running_server, start
from benchmarks.sides import in_turn, median_row, ratio_row
from evaluation.rows import Row

PICTURE: Final = "0.5mp"
KEY: Final = "portrait.jpg"
OF: Final = f"portrait_{PICTURE}"


@dataclass(frozen=True, slots=True)
class Took:
    """What a start took: wall time, and processor time of all its processes."""

    wall_s: float
    cpu_s: float


def measure(*, quick: bool = False) -> Iterator[Row]:
    """Start a server with a picture in its folder, ask for the faces, and stop it, again and again."""
    rounds = 2 if quick else 7
    with tempfile.TemporaryDirectory(prefix="oss-faces-bench-") as name:
        folder = Path(name)
        with running_server(folder, UNCACHED) as server:
            server.bucket.put_object(KEY, portrait_jpeg(SIZES[PICTURE]))
        _load()
        served, loaded = in_turn([lambda: _serve_first(folder), _load], rounds)
    walls, costs = (
        [[took.wall_s for took in side] for side in (served, loaded)],
        [[took.cpu_s for took in side] for side in (served, loaded)],
    )
    yield ratio_row("start", OF, "first_answer_over_loading", *walls)
    yield ratio_row("start", OF, "cpu_first_answer_over_loading", *costs)
    yield median_row("start", OF, "first_answer", walls[0], "s")
    yield median_row("start", OF, "loading", walls[1], "s")


def _serve_first(folder: Path) -> Took:
    began = time.perf_counter()
    server = start(folder, UNCACHED)
    try:
        server.bucket.get_object(KEY, process=FACES).read()
        took = time.perf_counter() - began
        return Took(took, cpu_seconds(server.process.pid))
    finally:
        server.process.terminate()
        server.process.communicate(timeout=STOP_S)


def _load() -> Took:
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.loading"], cwd=ROOT, env=plain_environment())
    # Its time is read while it is there as one that has ended and nobody took note of.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    took = Took(time.perf_counter() - began, cpu_seconds(process.pid))
    if process.wait():
        raise SystemExit("benchmarks: the networks could not be loaded")
    return took
