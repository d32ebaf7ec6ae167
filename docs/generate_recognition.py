"""Write the figures in the card of the recognition network: `python docs/generate_recognition.py [--check]`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from marked_region import keep

ROOT: Final = Path(__file__).parents[1]
SET: Final = "lfw_pairs"
PLAIN: Final = {
    ("same_person", "accuracy"): "accuracy of yes or no, five folds, threshold from the other four",
    ("same_person", "true_match[false_match=0.01]"): "pairs of one person found at 1 false match in 100",
    ("same_person", "true_match[false_match=0.001]"): "at 1 in 1,000",
    ("same_person", "true_match[false_match=0.0001]"): "at 1 in 10,000",
    ("same_person", "missed"): "pictures in which no face was found",
    ("quality", "fnmr_drop_20"): "fewer pairs of one person missed without the fifth of lowest quality, at 1 in 1,000",
}
VARIANTS: Final = {
    "same_person": "**this project**",
    "same_person_dlib[own_boxes]": "dlib, its own detector",
    "same_person_dlib[own_boxes,mirrored]": "dlib, its own detector, and the mirror",
    "same_person_dlib[our_boxes]": "dlib, our detector",
    "same_person_dlib[our_boxes,mirrored]": "dlib, our detector, and the mirror",
    "same_person_dlib[68_points]": "dlib, our detector, 68 points",
    "same_person_dlib[68_points,mirrored]": "dlib, our detector, 68 points, and the mirror",
}
COMPARED: Final = ("accuracy", "true_match[false_match=0.01]", "true_match[false_match=0.001]", "missed")
Row = Mapping[str, Any]


def main() -> None:
    """Bring the card up to date, or check it."""
    rows = json.loads((ROOT / "reports" / "identity.json").read_text(encoding="utf-8"))
    found = {(row["what"], row["metric"]): row for row in rows if row["set"] == SET}
    lines = [f"| figure, `{SET}` | value | 95 % interval | n |", "|---|---:|---|---:|"]
    lines += [_line(text, found[key]) for key, text in PLAIN.items() if key in found]
    lines += ["", "dlib 20.0.1 itself on the same pictures (`make reference`), judged by the same rules:", ""]
    lines += ["| who | accuracy | found at 1 in 100 | at 1 in 1,000 | no face found |", "|---|---:|---:|---:|---:|"]
    lines += [_beside(what, text, found) for what, text in VARIANTS.items() if (what, "accuracy") in found]
    keep(ROOT / "docs" / "models" / "recognition.md", "\n".join([*lines, ""]))


def _line(text: str, row: Row) -> str:
    return f"| {text} | **{row['value']:.3f}** | {row['low']:.3f} .. {row['high']:.3f} | {row['n']} |"


def _beside(what: str, text: str, found: Mapping[tuple[str, str], Row]) -> str:
    values = (found[what, metric]["value"] for metric in COMPARED)
    return f"| {text} | {' | '.join(f'{value:.4f}' for value in values)} |"


main()
