"""Write the tables of docs/performance.md from reports/bench.json: `python docs/generate_performance.py [--check]`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from marked_region import keep

PAGE: Final = Path(__file__).with_name("performance.md")
REPORT: Final = Path(__file__).parents[1] / "reports" / "bench.json"
HEADINGS: Final = {
    "decoding": "Decoding",
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
    rows: list[Row] = json.loads(REPORT.read_text(encoding="utf-8"))
    keep(PAGE, "\n".join(table for what, heading in HEADINGS.items() for table in _table(rows, what, heading)) + "\n")


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
