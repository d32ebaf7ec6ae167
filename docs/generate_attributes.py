"""Write the figures in the card of the attribute network: `python docs/generate_attributes.py [--check]`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from marked_region import keep

ROOT: Final = Path(__file__).parents[1]
HEAD: Final = ("| attribute | set | figure | value | 95 % interval | n |", "|---|---|---|---:|---|---:|")
DIGITS: Final = {"fraction": 3, "years": 2, "degrees": 2, "ms": 2}
Row = Mapping[str, Any]


def main() -> None:
    """Bring the card up to date, or check it."""
    rows = json.loads((ROOT / "reports" / "attributes.json").read_text(encoding="utf-8"))
    plain = [row for row in rows if "[" not in row["metric"]]
    grouped = [row for row in rows if "[" in row["metric"]]
    parts = [*_table("### All faces", plain), "", *_table("### By group", grouped), ""]
    keep(ROOT / "docs" / "models" / "attributes.md", "\n".join(parts))


def _table(title: str, rows: Sequence[Row]) -> list[str]:
    ordered = sorted(rows, key=lambda row: (row["what"], row["set"]))
    return [title, "", *HEAD, *(_line(row) for row in ordered)]


def _line(row: Row) -> str:
    value, low, high = (_number(row[column], row["unit"]) for column in ("value", "low", "high"))
    return f"| {row['what']} | `{row['set']}` | {row['metric']} | **{value}** | {low} .. {high} | {row['n']} |"


def _number(value: float | None, unit: str) -> str:
    return "not defined" if value is None else f"{value:.{DIGITS[unit]}f}"


main()
