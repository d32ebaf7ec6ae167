"""Write the figures behind the refusal of faces: `python docs/generate_fitness.py [--check]`."""

import json
import re
from pathlib import Path
from typing import Final

from marked_region import keep

ROOT: Final = Path(__file__).parents[1]
_BAND: Final = re.compile(r"false_non_match\[(\w+)=([\d.]+)\.\.([\d.]+)\]")
# What lies behind the last edge of a measure: no face has more.
_ENDS: Final = {"side": 1000.0, "light": 10.0, "quality": 1.01, "sharpness": 1.01, "yaw": 180.0, "pitch": 180.0}
# Of fewer looks a share says nothing.
_LOOKS_MIN: Final = 10
_UNITS: Final = {"side": " px", "yaw": "°", "pitch": "°"}


def main() -> None:
    """Bring the page up to date, or check it."""
    rows = json.loads((ROOT / "reports" / "fitness.json").read_text(encoding="utf-8"))
    found = {row["metric"]: row for row in rows}
    lines = ["| measure | from | to | not recognised | 95 % interval | taken for another | looks |"]
    lines.append("|---|---:|---:|---:|---:|---:|---:|")
    for metric, row in found.items():
        if (match := _BAND.fullmatch(metric)) and row["n"] >= _LOOKS_MIN:
            name, low, high = match[1], float(match[2]), float(match[3])
            mistaken = found[metric.replace("false_non_match", "false_match")]["value"]
            lines.append(
                f"| {name} | {_edge(name, low)} | {_edge(name, high)} | {row['value']:.0%} "
                f"| {row['low']:.0%} .. {row['high']:.0%} | {mistaken:.2%} | {row['n']} |"
            )
    keep(ROOT / "docs" / "people.md", "\n".join([*lines, ""]))


def _edge(name: str, value: float) -> str:
    return "" if value in (0.0, _ENDS[name]) else f"{value:g}{_UNITS.get(name, '')}"


main()
