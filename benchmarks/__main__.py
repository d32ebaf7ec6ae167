"""`python -m benchmarks --out reports`: write `bench.json`; takes about a quarter of an hour."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from benchmarks import (
    cost,
    decoding,
    engines,
    latency,
    memory,
    metering,
    overload,
    pipeline,
    server,
    soak,
    start,
    vectors,
)
from benchmarks.vectors_plot import plot_searches
from evaluation.rows import Row, read_rows, write_rows
from oss_faces import load_pipeline

Part = Callable[[], Iterable[Row]]


def main() -> None:
    """Measure everything, say each figure as it comes, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports"), help="folder for bench.json")
    parser.add_argument("--only", nargs="+", metavar="PART", help="measure some parts only; soak runs only so")
    parser.add_argument("--quick", action="store_true", help="few and short turns, to see that it works")
    parser.add_argument("--vectors", type=Path, help="folder of vectors that `python -m evaluation --vectors` kept")
    options = parser.parse_args()
    parts = list_parts(options.quick, options.vectors)
    wanted = options.only or [name for name in parts if name != "soak"]
    unknown = sorted(set(wanted) - set(parts))
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; there are: {', '.join(parts)}")
    for name in wanted:
        rows = []
        for row in parts[name]():
            print(describe(row), flush=True)
            rows.append(row)
        keep(options.out / "bench.json", rows)
        if name == "vectors":
            sizes = vectors.set_names(is_real=options.vectors is not None)
            plot_searches(options.out / "bench_vectors.png", rows, sizes)


def keep(report: Path, rows: Sequence[Row]) -> None:
    """Put the rows of a part into the report; what was not measured this time stays as it was."""
    measured = {row.what for row in rows}
    others = [row for row in read_rows(report) if row.what not in measured] if report.exists() else []
    write_rows(report, [*others, *rows])
    print(f"wrote {report}", file=sys.stderr)


def list_parts(quick: bool, folder: Path | None) -> dict[str, Part]:
    """Give every part by the name under which its rows stand in the report."""
    return {
        "cost": cost.measure,
        "decoding": decoding.measure,
        "engines": engines.measure,
        "pipeline": lambda: pipeline.measure(load_pipeline()),
        "latency": partial(latency.measure, quick=quick),
        "server": partial(server.measure, quick=quick),
        "overload": partial(overload.measure, quick=quick),
        "start": partial(start.measure, quick=quick),
        "memory": partial(memory.measure, quick=quick),
        "metering": lambda: metering.measure(load_pipeline()),
        "vectors": partial(vectors.measure, folder),
        "soak": partial(soak.measure, quick=quick),
    }


def describe(row: Row) -> str:
    """Write a row for a person."""
    return f"{row.what:9} {row.set:14} {row.metric:32} {row.value:9.3f} [{row.low:.3f}, {row.high:.3f}] {row.unit}"


if __name__ == "__main__":
    main()
