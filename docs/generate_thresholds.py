"""Write the tables of docs/thresholds.md: `python docs/generate_thresholds.py [--check]`."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from marked_region import keep

from oss_faces.recognition import DLIB_CALIBRATION

ROOT: Final = Path(__file__).parents[1]
SIMILARITIES: Final = (0.5, 0.6, 0.7, 0.8, 0.9)
STRICT: Final = (0.8, 0.9, 0.95, 0.99)
GALLERIES: Final = (10, 100, 1_000, 10_000, 100_000)
FALSE_POSITIVES: Final = (1.0, 0.1, 0.01)
NAMES: Final = {"lfw_images+celeba10k": "both", "lfw_images": "LFW", "celeba10k": "CelebA"}
_ROUNDING: Final = 1e-3
Found = Mapping[tuple[str, str, str], Mapping[str, Any]]


def main() -> None:
    """Bring the page up to date, or check it."""
    rows = json.loads((ROOT / "reports" / "identity.json").read_text(encoding="utf-8"))
    found = {(row["what"], row["set"], row["metric"]): row for row in rows}
    parts = [*_two_faces(found), *_expected(), *_needed(), *_measured(found)]
    keep(ROOT / "docs" / "thresholds.md", "\n".join([*parts, ""]))


def _two_faces(found: Found) -> Iterator[str]:
    yield "## Two faces\n"
    yield "| | LFW | | CelebA | | | |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    yield "| `Similarity` from | false match | not found | false match | of two men | of two women | not found |"
    for wanted in SIMILARITIES:
        at = f"similarity={wanted}"
        cells = [
            _one_in(_value(found, "lfw_pairs", f"false_match[{at}]")),
            _percent(_value(found, "lfw_pairs", f"false_non_match[{at}]")),
            *(_one_in(_value(found, "celeba10k", f"false_match[{at}{group}]")) for group in ("", ",men", ",women")),
            _percent(_value(found, "celeba10k", f"false_non_match[{at}]")),
        ]
        yield f"| {wanted} | {' | '.join(cells)} |"
    yield ""


def _expected() -> Iterator[str]:
    """Say how many persons of a gallery a stranger matches, by the calibration that every answer uses."""
    yield "## One face against many\n"
    yield "How many persons a stranger is expected to match, on average:\n"
    yield f"| persons in the gallery | {' | '.join(f'from {wanted}' for wanted in STRICT)} |"
    yield "|---:|" + "---:|" * len(STRICT)
    for size in GALLERIES:
        numbers = (size * DLIB_CALIBRATION.false_match_rate(wanted) for wanted in STRICT)
        yield f"| {size:,} | {' | '.join(_number(number) for number in numbers)} |"
    yield ""


def _needed() -> Iterator[str]:
    yield "The similarity from which no more than so many are expected:\n"
    yield f"| persons in the gallery | {' | '.join(f'{most:g}' for most in FALSE_POSITIVES)} |"
    yield "|---:|" + "---:|" * len(FALSE_POSITIVES)
    for size in GALLERIES:
        yield f"| {size:,} | {' | '.join(_similarity(most / size) for most in FALSE_POSITIVES)} |"
    yield ""


def _measured(found: Found) -> Iterator[str]:
    """Say what was seen in galleries of real pictures."""
    yield "## Measured\n"
    yield "| pictures | persons | `Similarity` from | right name | wrong name | unknown | strangers who get a name |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for of, size, wanted in _galleries(found):
        at = f"[gallery={size},similarity={wanted}]"
        lost, wrong, named = (
            found["identify", of, f"{metric}{at}"]["value"]
            for metric in ("false_negative", "false_name", "false_positive")
        )
        cells = (_percent(1 - lost), _percent(wrong), _percent(lost - wrong), _percent(named))
        yield f"| {NAMES.get(of, of)} | {int(size):,} | {wanted} | {' | '.join(cells)} |"


def _galleries(found: Found) -> Sequence[tuple[str, str, str]]:
    keys = []
    for what, of, metric in found:
        match = re.fullmatch(r"false_negative\[gallery=(\d+),similarity=([\d.]+)\]", metric)
        if what == "identify" and match:
            keys.append((of, match[1], match[2]))
    return keys


def _value(found: Found, of: str, metric: str) -> float:
    return float(found["same_person", of, metric]["value"])


def _similarity(rate: float) -> str:
    """Find the similarity that no greater share of strangers reaches, from 0.5 on and to four digits."""
    for step in range(5_000, 10_000):
        if DLIB_CALIBRATION.false_match_rate(step / 10_000) <= rate * (1 + _ROUNDING):
            return f"{step / 10_000:g}"
    return "over 0.9999"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share == 0 or share >= 0.0005 else f"{100 * share:.2g} %"


def _number(number: float) -> str:
    return f"{number:.2g}" if number < 10 else f"{number:,.0f}"


def _one_in(rate: float) -> str:
    """Write a rate as one in so many, to two digits."""
    if rate == 0:
        return "none"
    many = 1 / rate
    digits = 1 - math.floor(math.log10(many))
    return f"1 in {round(many, digits):,.0f}"


main()
