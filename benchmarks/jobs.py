"""`python -m benchmarks.jobs PICTURES --out reports`: jobs over a folder of pictures, killed and undisturbed."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.counted_job import run_counted
from benchmarks.sides import median_row, ratio_row
from evaluation.rows import Row, read_rows, write_rows
from oss_faces import load_pipeline
from oss_faces.bulk import FaceStages, read_source
from oss_faces.config import Settings
from oss_faces.errors import ImageError
from oss_faces.jobs import Item, LocalEngine, Parts, columns_of
from oss_faces.pipeline import FacePipeline

REPORT: Final = "bench_jobs.json"
_KILLS: Final = 5
_ROUNDS: Final = 6
_SLICE_PICTURES: Final = 400
_WHAT: Final = "jobs"


def main() -> None:
    """Measure, say each figure as it comes, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.jobs", description=__doc__)
    parser.add_argument("pictures", type=Path, help="folder of pictures, as `python -m benchmarks.lay_out` writes it")
    parser.add_argument("--out", type=Path, default=Path("reports"))
    parser.add_argument("--only", choices=["killed", "rate", "changed"])
    options = parser.parse_args()
    parts = {"rate": measure_rate, "killed": measure_kills, "changed": measure_change}
    rows = []
    for name, measure in parts.items():
        if options.only in (None, name):
            for row in measure(options.pictures):
                print(f"{row.set:10} {row.metric:28} {row.value:9.3f} [{row.low:.3f}, {row.high:.3f}] {row.unit}")
                rows.append(row)
    keep(options.out / REPORT, rows)


def keep(report: Path, rows: Sequence[Row]) -> None:
    """Write rows to a report; what was not measured this time stays as it was."""
    measured = {row.set for row in rows}
    others = [row for row in read_rows(report) if row.set not in measured] if report.exists() else []
    write_rows(report, [*others, *rows])
    print(f"wrote {report}", file=sys.stderr)


# --- the rate beside the bare pipeline ---------------------------------------------------------------------------


def measure_rate(pictures: Path) -> Iterator[Row]:
    """Time slices of the pictures in turn: as a job, and by the bare pipeline in as many processes.

    Each side is timed from its first result to its last, so that loading the networks counts for neither.
    """
    stages = FaceStages(Settings(), read_source(str(pictures)), "faces")
    items = list(stages.list_items())
    items = [items[place] for place in np.random.default_rng(0).permutation(len(items))]
    processes = os.cpu_count() or 1
    job_s: list[float] = []
    bare_s: list[float] = []
    with get_context("spawn").Pool(processes, _open, (str(pictures),)) as pool:
        for turn in range(_ROUNDS):
            chosen = items[turn * _SLICE_PICTURES : (turn + 1) * _SLICE_PICTURES]
            # Whoever comes first finds the machine as it was before; each comes first in turn.
            for is_job in (True, False) if turn % 2 else (False, True):
                if is_job:
                    job_s.append(_seconds(LocalEngine(processes).run(stages, chosen)))
                else:
                    bare_s.append(_seconds(pool.imap_unordered(_find_faces, chosen)))
    yield ratio_row(_WHAT, "rate", "job_over_bare_rate", bare_s, job_s)
    yield median_row(_WHAT, "rate", "pictures_per_s", [(_SLICE_PICTURES - 1) / one for one in job_s], "1/s")


def _seconds(results: Iterator[object]) -> float:
    next(results)
    started = time.monotonic()
    for _ in results:
        pass
    return time.monotonic() - started


class _Bare:
    """The pipeline of one process of the pool."""

    pipeline: FacePipeline
    folder: Path


def _open(folder: str) -> None:
    _Bare.pipeline, _Bare.folder = load_pipeline(), Path(folder)


def _find_faces(item: Item) -> int:
    try:
        return len(_Bare.pipeline.find_faces((_Bare.folder / item.key).read_bytes()).faces)
    except ImageError:
        return 0


# --- killed and resumed ------------------------------------------------------------------------------------------


def measure_kills(pictures: Path) -> Iterator[Row]:
    """Run a job undisturbed, and another that is killed five times; compare them row for row."""
    with tempfile.TemporaryDirectory() as folder:
        calm, killed = Path(folder, "calm"), Path(folder, "killed")
        started = time.monotonic()
        first = run_counted(pictures, calm, calm.with_suffix(".log"), LocalEngine())
        first_s = time.monotonic() - started
        started = time.monotonic()
        second = run_counted(pictures, calm, calm.with_suffix(".log"), LocalEngine())
        again = (time.monotonic() - started) / first_s
        assert second.done == 0, "an unchanged folder has nothing to do"
        kills = _run_killed(pictures, killed, first_s)
        looks = Counter(killed.with_suffix(".log").read_text().split("\n")[:-1])
        ours, others = rows_of_job(killed), rows_of_job(calm)
        yield count_row("killed", "pictures", first.pictures)
        yield count_row("killed", "kills", kills)
        yield count_row("killed", "rows", len(others))
        yield count_row("killed", "rows_that_differ", len(set(ours) ^ set(others)) + abs(len(ours) - len(others)))
        yield count_row("killed", "looked_at_twice", looks.total() - len(looks))
        yield Row(_WHAT, "killed", "second_run_over_first", again, again, again, 1, "ratio")


def _run_killed(pictures: Path, results: Path, usual_s: float) -> int:
    """Kill the driver and one of its workers in turn, at random times; return how often that was."""
    command = [sys.executable, "-m", "benchmarks.counted_job"]
    command += [str(path) for path in (pictures, results, results.with_suffix(".log"))]
    chance = np.random.default_rng(7)
    kills = 0
    process = subprocess.Popen(command)
    while kills < _KILLS:
        try:
            process.wait(chance.uniform(0.05, 0.2) * usual_s)
            break
        except subprocess.TimeoutExpired:
            pass
        workers = _workers(process.pid)
        if kills % 2 and workers:
            os.kill(int(chance.choice(workers)), signal.SIGKILL)
        else:
            process.kill()
            process.wait()
            process = subprocess.Popen(command)
        kills += 1
    if process.wait() != 0:
        raise RuntimeError("the job did not end well")
    return kills


def _workers(process_id: int) -> list[int]:
    tasks = Path(f"/proc/{process_id}/task").glob("*/children")
    children = [int(child) for path in tasks for child in path.read_text().split()]
    return [child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


# --- one of many has changed --------------------------------------------------------------------------------------


def measure_change(pictures: Path) -> Iterator[Row]:
    """Run a job, change one picture, and run it again; the pictures themselves are left alone."""
    with tempfile.TemporaryDirectory() as folder:
        place, results, log = Path(folder, "pictures"), Path(folder, "results"), Path(folder, "log")
        shutil.copytree(pictures, place)
        first = run_counted(place, results, log, LocalEngine())
        changed = max(path for path in place.rglob("*") if path.is_file())
        # A decoder stops at the end of the picture and does not see what is behind it.
        changed.write_bytes(changed.read_bytes() + b" ")
        log.unlink()
        second = run_counted(place, results, log, LocalEngine())
        yield count_row("changed", "pictures", first.pictures)
        yield count_row("changed", "looked_at_again", len(log.read_text().splitlines()))
        yield count_row("changed", "done_again", second.done)


def rows_of_job(results: Path) -> list[str]:
    """Give all rows of a job, each as a text that is the same for the same row."""
    parts = Parts(results / "parts", columns_of("faces"))
    return [repr(sorted(row.items())) for row in parts.rows()]


def count_row(of: str, metric: str, value: float) -> Row:
    """Make the row of a number that was counted."""
    return Row(_WHAT, of, metric, float(value), float(value), float(value), 1, "count")


if __name__ == "__main__":
    main()
