"""Write the tables of docs/performance.md from the reports: `python docs/generate_performance.py [--check]`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from marked_region import keep

PAGE: Final = Path(__file__).with_name("performance.md")
REPORTS: Final = Path(__file__).parents[1] / "reports"
# Columns of the table of other programs: heading, set and metric.
COMPARED: Final = (
    ("faces found: AP", "mask_facemask853", "ap"),
    ("whole records, one face, 2 MP", "portrait_2mp", "records_cpu_over_ours"),
    ("whole records, 8 faces, 2 MP", "crowd_8", "records_cpu_over_ours"),
    ("the same against `oss-faces-fast`: one face", "portrait_2mp", "records_cpu_over_fast"),
    ("8 faces", "crowd_8", "records_cpu_over_fast"),
    ("detection, one face, 2 MP", "portrait_2mp", "detect_cpu_over_ours"),
    ("detection, photos of 0.1 MP", "mask_facemask853", "detect_cpu_over_ours"),
)
HEADINGS: Final = {
    "decoding": "Decoding",
    "engines": "Engines and precisions",
    "pipeline": "Stages of one picture",
    "cost": "What a picture and the networks are",
    "latency": "One answer at a time",
    "server": "Server",
    "overload": "More clients than places",
    "start": "Start",
    "memory": "Memory",
    "soak": "Fifty thousand mixed requests",
    "metering": "Metering",
    "vectors": "Searching vectors",
}

Row = dict[str, Any]


def main() -> None:
    """Write the page, or check it."""
    rows: list[Row] = json.loads((REPORTS / "bench.json").read_text(encoding="utf-8"))
    lines = [line for what, heading in HEADINGS.items() for line in _table(rows, what, heading)]
    keep(PAGE, "\n".join([*lines, *_compare()]) + "\n")


def _compare() -> Iterator[str]:
    """One line for each other program: what it returns, and how it compares."""
    rows: list[Row] = json.loads((REPORTS / "bench_peers.json").read_text(encoding="utf-8"))
    facts: dict[str, Any] = json.loads((REPORTS / "bench_peers_facts.json").read_text(encoding="utf-8"))
    cells = {(row["set"], row["metric"]): _cell(row) for row in rows}
    yield "\n### Other programs\n"
    yield "| program | returns | " + " | ".join(heading for heading, _, _ in COMPARED) + " |"
    yield "|---|---|" + "---|" * len(COMPARED)
    for name, fact in facts.items():
        figures = [cells.get((of, f"{metric}[{name}]"), "") for _, of, metric in COMPARED]
        returned = ", ".join(fact.get("fields", []))
        if not returned and any(figures):
            returned = f"box; asked for more: {fact['trouble']}"
        version = f" {fact['version']}" if "version" in fact else ""
        yield f"| {name}{version} | {returned or fact.get('trouble', '')} | " + " | ".join(figures) + " |"


def _table(rows: list[Row], what: str, heading: str) -> Iterator[str]:
    """One line for each figure, one column for each set."""
    wanted = [row for row in rows if row["what"] == what]
    if not wanted:
        return
    sets = list(dict.fromkeys(row["set"] for row in wanted))
    yield f"\n### {heading}\n"
    yield "| figure | " + " | ".join(f"`{of}`" for of in sets) + " |"
    yield "|---|" + "---|" * len(sets)
    for metric in dict.fromkeys(row["metric"] for row in wanted):
        of_set = {row["set"]: _cell(row) for row in wanted if row["metric"] == metric}
        cells = [of_set.get(of, "") for of in sets]
        yield f"| `{metric}` | " + " | ".join(cells) + " |"


def _cell(row: Row) -> str:
    unit = "" if row["unit"] in ("ratio", "fraction") else f" {row['unit']}"
    digits = 2 if row["unit"] in ("ratio", "fraction") else 1
    if row["unit"] == "ratio" and row["value"] < 0.1:
        digits = 4
    value, low, high = (f"{row[name]:.{digits}f}" for name in ("value", "low", "high"))
    return f"{value}{unit} ({low} to {high})"


if __name__ == "__main__":
    main()
