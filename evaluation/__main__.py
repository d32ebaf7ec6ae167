"""Judge the serving pipeline on a folder of labelled Parquet files: `python -m evaluation --data DIR --out DIR`."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from evaluation.attributes import evaluate_attributes
from evaluation.baseline import expect, find_drops, read_baseline, write_baseline
from evaluation.clustering import evaluate_clustering
from evaluation.detection import evaluate_detection
from evaluation.fitness import evaluate_fitness
from evaluation.identification import evaluate_identification
from evaluation.identity import evaluate_identity, evaluate_reference
from evaluation.other_people import evaluate_other_people
from evaluation.rows import Row, write_rows
from evaluation.sets import SetFolder
from evaluation.summary import write_summary
from evaluation.task import Task
from oss_faces.app import build_embedder, build_pipeline
from oss_faces.config import read_settings

# One report for each; its file has this name.
EVALUATIONS: Final[Mapping[str, tuple[Callable[[Task], list[Row]], ...]]] = {
    "detection": (evaluate_detection,),
    "attributes": (evaluate_attributes,),
    "identity": (
        evaluate_identity,
        evaluate_reference,
        evaluate_other_people,
        evaluate_identification,
        evaluate_clustering,
    ),
    "fitness": (evaluate_fitness,),
}


def main(arguments: Sequence[str]) -> int:
    """Run the evaluations; return 1 when a figure is worse than its baseline by more than its noise."""
    options = _parser().parse_args(arguments)
    sets = SetFolder(options.data, frozenset(filter(None, options.sets.split(","))), options.quick)
    task = Task(
        sets,
        read_settings(None, os.environ, {}),
        build_pipeline,
        build_embedder,
        options.out,
        threads=options.threads,
        vectors=options.vectors,
        reference=options.reference,
    )
    rows: list[Row] = []
    for name in options.reports.split(","):
        report = [row for evaluate in EVALUATIONS[name] for row in evaluate(task)]
        write_rows(options.out / f"{name}.json", report)
        write_summary(options.out / f"{name}.md", f"Report: {name}", report)
        rows += report
    if options.write_baseline is not None:
        write_baseline(options.write_baseline, expect(rows))
    drops = find_drops(read_baseline(options.baseline), rows) if options.baseline is not None else []
    for sentence in drops:
        print(f"worse than the baseline: {sentence}", file=sys.stderr)
    return 1 if drops else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evaluation", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of Parquet files")
    parser.add_argument("--out", type=Path, default=Path("reports"), help="folder for reports and plots")
    parser.add_argument("--sets", default="", help="names of sets, with commas; default: all that are there")
    parser.add_argument("--reports", default=",".join(EVALUATIONS), help="which reports, with commas")
    parser.add_argument("--quick", action="store_true", help="a small fixed sample of every set")
    parser.add_argument("--threads", type=int, default=1, help="pictures looked at side by side")
    parser.add_argument(
        "--vectors", type=Path, help="folder in which vectors are kept from run to run; none by default"
    )
    parser.add_argument(
        "--reference", type=Path, help="what `evaluation.reference_dlib` wrote, to be judged beside ours"
    )
    parser.add_argument("--baseline", type=Path, help="stored figures to compare with")
    parser.add_argument("--write-baseline", type=Path, help="store the figures of this run")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
