"""`python -m benchmarks.peers --out reports`: write `bench_peers.json` and `bench_peers_facts.json`.

The environments of the peers are set up by `make bench-peers`. Who cannot be run is listed with the reason.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.against_bare import Throughput, run_processes
from benchmarks.peers.boxed import WHAT, BoxedPictures, precision_row
from benchmarks.peers.contenders import OURS, OURS_FAST, Contender, Running, contenders, running
from benchmarks.pictures import SIZES, crowd_jpeg, portrait_jpeg
from benchmarks.program import ProgramFailedError
from benchmarks.sides import in_turn, median_row, ratio_row
from evaluation.detection import BOXED_SET
from evaluation.rows import Row, write_rows
from evaluation.sets import SetFolder

RATED_BOXED: Final = 24
"""Labelled pictures on which the speed of detection is taken, too."""
QUICK_BOXED: Final = 30
ANSWER_S_MAX: Final = 120.0
REASON_MAX: Final = 160


def main() -> None:
    """Measure everyone in one run, and write what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports"), help="folder for the reports")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of labelled pictures")
    parser.add_argument("--environments", type=Path, default=Path(".venv-peers"), help="what make bench-peers set up")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="some peers only, beside our own pipeline")
    parser.add_argument("--quick", action="store_true", help="few and short turns, to see that it works")
    options = parser.parse_args()
    wanted = choose(contenders(options.environments), options.only)
    rounds, seconds = (1, 1.0) if options.quick else (3, 2.0)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="oss-faces-peers-") as name, running(wanted) as (started, troubles):
        folder = Path(name)
        facts = {one.name: ask_fields(one, folder) for one in started}
        facts.update({name: {"trouble": trouble} for name, trouble in troubles.items()})
        sets = SetFolder(options.data)
        boxed = BoxedPictures(sets, QUICK_BOXED if options.quick else None, folder) if sets.has(BOXED_SET) else None
        rows.extend(_say(row) for row in measure(started, draw(folder, boxed), rounds, seconds))
        rows.extend(_say(row) for row in _judge(started, boxed, facts))
    write_rows(options.out / "bench_peers.json", rows)
    text = json.dumps(facts, indent=1, ensure_ascii=False)
    (options.out / "bench_peers_facts.json").write_text(text + "\n", encoding="utf-8")


def choose(everyone: Sequence[Contender], names: Sequence[str] | None) -> list[Contender]:
    """Leave out the peers that are not named; ours, thorough and fast, stay."""
    return [one for one in everyone if not names or one.name in (OURS, OURS_FAST, *names)]


def draw(folder: Path, boxed: BoxedPictures | None) -> dict[tuple[str, str], list[str]]:
    """Give the files of each set, by task and name of the set."""
    portrait, crowd = folder / "portrait.jpg", folder / "crowd.jpg"
    portrait.write_bytes(portrait_jpeg(SIZES["2mp"]))
    crowd.write_bytes(crowd_jpeg(SIZES["2mp"], 8))
    files = {
        ("records", "portrait_2mp"): [str(portrait)],
        ("records", "crowd_8"): [str(crowd)],
        ("detect", "portrait_2mp"): [str(portrait)],
    }
    if boxed is not None:
        files["detect", BOXED_SET] = boxed.files[:RATED_BOXED]
    return files


def ask_fields(one: Running, folder: Path) -> dict[str, Any]:
    """Ask what a record holds: its names, or what went wrong."""
    picture = folder / "fields.jpg"
    if not picture.exists():
        picture.write_bytes(portrait_jpeg(SIZES["2mp"]))
    answer = one.programs[0].ask({"task": "fields", "file": str(picture)}, ANSWER_S_MAX)
    faces = answer.get("faces", [])
    # A field that a peer left empty is none that it gives.
    names = [name for name, value in faces[0].items() if value not in (None, "None")] if faces else []
    return {
        "version": one.version,
        "fields": names,
        **({"trouble": plain_reason(answer["error"])} if "error" in answer else {}),
    }


def plain_reason(error: str) -> str:
    """Shorten what a peer says went wrong, and leave out addresses, folders and pictograms."""
    return (
        re.sub(r"https?://\S+|(?<=\s)/\S+", "(address)", error).encode("ascii", "ignore").decode()[:REASON_MAX].strip()
    )


def measure(
    started: Sequence[Running], sets: dict[tuple[str, str], list[str]], rounds: int, seconds: float
) -> Iterator[Row]:
    """Let everyone work on the same files, a turn each in every round.

    Yields:
        Pictures per second of everyone; `..._ours_over`, ours over the other's, and `..._cpu_over_ours`, the other's
        processor time over ours; the same over ours with the settings for speed, as `..._fast_over` and
        `..._cpu_over_fast`.
    """
    for (task, of), files in sets.items():
        able = [one for one in started if _can(one, task, files)]
        turns: list[Callable[[], Throughput]] = [
            partial(run_processes, one.programs, {"task": task, "files": files}, seconds, None) for one in able
        ]
        outcomes = dict(zip([one.name for one in able], in_turn(turns, rounds), strict=True))
        for name, turn in outcomes.items():
            yield median_row(WHAT, of, f"{task}_per_s[{name}]", [one.per_second for one in turn], "1/s")
            for side, word in ((OURS, "ours"), (OURS_FAST, "fast")):
                if side in outcomes and name not in (side, OURS):
                    ours = outcomes[side]
                    rates = [[one.per_second for one in both] for both in (ours, turn)]
                    costs = [[one.cpu_s for one in both] for both in (turn, ours)]
                    yield ratio_row(WHAT, of, f"{task}_{word}_over[{name}]", *rates)
                    yield ratio_row(WHAT, of, f"{task}_cpu_over_{word}[{name}]", *costs)


def _can(one: Running, task: str, files: list[str]) -> bool:
    """Whether it does the task at all; this warms it up, too."""
    for program in one.programs:
        if "error" in program.ask({"task": task, "files": files[:1], "seconds": 0.0}, ANSWER_S_MAX):
            return False
    return True


def _judge(started: Sequence[Running], boxed: BoxedPictures | None, facts: dict[str, dict[str, Any]]) -> Iterator[Row]:
    if boxed is None:
        return
    for one in started:
        try:
            yield precision_row(one.name, boxed.judge(one.programs))
        except (ValueError, ProgramFailedError) as exc:
            facts[one.name]["trouble"] = str(exc)


def _say(row: Row) -> Row:
    print(f"{row.set:16} {row.metric:40} {row.value:9.3f} [{row.low:.3f}, {row.high:.3f}] {row.unit}", file=sys.stderr)
    return row


if __name__ == "__main__":
    main()
