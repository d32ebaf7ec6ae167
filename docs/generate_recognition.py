"""Write the figures in the card of the recognition network: `python docs/generate_recognition.py [--check]`."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from marked_region import keep

ROOT: Final = Path(__file__).parents[1]
PLAIN: Final = {
    ("same_person", "accuracy"): "accuracy of yes or no, five folds, threshold from the other four",
    ("same_person", "true_match[false_match=0.01]"): "pairs of one person found at 1 false match in 100",
    ("same_person", "true_match[false_match=0.001]"): "at 1 in 1,000",
    ("same_person", "true_match[false_match=0.0001]"): "at 1 in 10,000",
    ("same_person", "missed"): "pictures in which no face was found",
    ("quality", "fnmr_drop_20"): "fewer pairs of one person missed without the fifth of lowest quality, at 1 in 1,000",
}
SIMILARITIES: Final = (0.5, 0.6, 0.7, 0.8, 0.9)
Row = Mapping[str, Any]


def main() -> None:
    """Bring the card up to date, or check it."""
    rows = json.loads((ROOT / "reports" / "identity.json").read_text(encoding="utf-8"))
    found = {(row["what"], row["metric"]): row for row in rows}
    lines = ["| figure, `lfw_pairs` | value | 95 % interval | n |", "|---|---:|---|---:|"]
    lines += [_line(text, found[key]) for key, text in PLAIN.items() if key in found]
    lines += ["", "What a similarity means:", ""]
    lines += ["| `Similarity` from | strangers taken for one person | pairs of one person not found |"]
    lines.append("|---|---:|---:|")
    for wanted in SIMILARITIES:
        false_match = found["same_person", f"false_match[similarity={wanted}]"]["value"]
        lost = found["same_person", f"false_non_match[similarity={wanted}]"]["value"]
        lines.append(f"| {wanted} | {_one_in(false_match)} | {100 * lost:.1f} % |")
    keep(ROOT / "docs" / "models" / "recognition.md", "\n".join([*lines, ""]))


def _line(text: str, row: Row) -> str:
    return f"| {text} | **{row['value']:.3f}** | {row['low']:.3f} .. {row['high']:.3f} | {row['n']} |"


def _one_in(rate: float) -> str:
    """Write a rate as one in so many, to two digits."""
    if rate == 0:
        return "none"
    many = 1 / rate
    digits = 1 - math.floor(math.log10(many))
    return f"1 in {round(many, digits):,.0f}"


main()
