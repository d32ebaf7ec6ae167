"""Write the figures in the card of the attribute network: `python docs/generate_attributes.py [--check]`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from marked_region import keep

ROOT: Final = Path(__file__).parents[1]
HEAD: Final = (
    "| attribute | set | figure | value | 95 % interval | n | two trainings | apart |",
    "|---|---|---|---:|---|---:|---|---:|",
)
# The same report on trainings that differ in their seed alone.
SEEDS: Final = ROOT / "reports" / "seeds"
DIGITS: Final = {"fraction": 3, "years": 2, "degrees": 2, "ms": 2}
Row = Mapping[str, Any]
Values = Mapping[tuple[str, str, str], float | None]


def main() -> None:
    """Bring the card up to date, or check it."""
    rows = [*_read(ROOT / "reports" / "attributes.json"), *_quality(_read(ROOT / "reports" / "identity.json"))]
    trainings = [{_key(row): row["value"] for row in _read(file)} for file in sorted(SEEDS.glob("*.json"))]
    plain = [row for row in rows if "[" not in row["metric"]]
    grouped = [row for row in rows if "[" in row["metric"]]
    parts = [*_table("### All faces", plain, trainings), "", *_table("### By group", grouped, trainings), ""]
    keep(ROOT / "docs" / "models" / "attributes.md", "\n".join(parts))


def _read(file: Path) -> list[Row]:
    rows: list[Row] = json.loads(file.read_text(encoding="utf-8"))
    return rows


def _quality(rows: Sequence[Row]) -> list[Row]:
    """Take what is measured along with recognition."""
    return [row for row in rows if row["what"] == "quality"]


def _key(row: Row) -> tuple[str, str, str]:
    return row["what"], row["set"], row["metric"]


def _table(title: str, rows: Sequence[Row], trainings: Sequence[Values]) -> list[str]:
    ordered = sorted(rows, key=lambda row: (row["what"], row["set"]))
    return [title, "", *HEAD, *(_line(row, [values.get(_key(row)) for values in trainings]) for row in ordered)]


def _line(row: Row, seeds: Sequence[float | None]) -> str:
    unit = row["unit"]
    value, low, high = (_number(row[column], unit) for column in ("value", "low", "high"))
    known = [number for number in seeds if number is not None]
    both = ", ".join(_number(number, unit) for number in known)
    apart = _number(max(known) - min(known), unit) if len(known) > 1 else ""
    columns = (row["what"], f"`{row['set']}`", row["metric"], f"**{value}**", f"{low} .. {high}", row["n"], both, apart)
    return f"| {' | '.join(map(str, columns))} |"


def _number(value: float | None, unit: str) -> str:
    return "not defined" if value is None else f"{value:.{DIGITS[unit]}f}"


main()
