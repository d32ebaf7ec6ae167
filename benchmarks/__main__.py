"""`python -m benchmarks --out reports`: write `bench.json`; takes about five minutes."""

import argparse
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from benchmarks import decoding, metering, pipeline, server, vectors
from benchmarks.vectors_plot import plot_searches
from evaluation.rows import Row, read_rows, write_rows
from oss_faces import load_pipeline


def main() -> None:
    """Measure everything, say each figure as it comes, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports"), help="folder for bench.json")
    parser.add_argument(
        "--only", choices=["decoding", "metering", "pipeline", "server", "vectors"], help="measure one part only"
    )
    parser.add_argument("--vectors", type=Path, help="folder of vectors that `python -m evaluation --vectors` kept")
    options = parser.parse_args()
    line = load_pipeline()
    parts: dict[str, Callable[[], Iterable[Row]]] = {
        "decoding": decoding.measure,
        "metering": partial(metering.measure, line),
        "pipeline": partial(pipeline.measure, line),
        "server": partial(server.measure, line),
        "vectors": partial(vectors.measure, options.vectors),
    }
    rows = []
    for name, measure in parts.items():
        if options.only in (None, name):
            for row in measure():
                interval = f"{row.value:9.3f} [{row.low:.3f}, {row.high:.3f}] {row.unit}"
                print(f"{row.what:9} {row.set:14} {row.metric:24} {interval}")
                rows.append(row)
    report = options.out / "bench.json"
    # What was not measured this time stays as it was.
    measured = {row.what for row in rows}
    others = [row for row in read_rows(report) if row.what not in measured] if report.exists() else []
    write_rows(report, [*others, *rows])
    print(f"wrote {report}", file=sys.stderr)
    if "vectors" in measured:
        sizes = vectors.set_names(is_real=options.vectors is not None)
        plot_searches(options.out / "bench_vectors.png", rows, sizes)


main()
