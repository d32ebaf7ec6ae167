"""The stored baseline: figures that must not drop by more than their noise."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from evaluation.rows import Row

# Figures of which less is better, by the end of their name without its group. Times are never compared: they are the
# machine's.
_LESS_IS_BETTER: Final = ("mae", "missed", "false_face", "ece", "shift_max")
_LESS_IS_BETTER_STARTS: Final = ("mae_", "false_")
_NOT_COMPARED: Final = ("ms_per_face", "distance[", "ece_by_chance")
# Sets are sampled by fixed rules, so a run repeats to the last digit on one machine; others round differently.
_TOLERANCE_SHARE: Final = 0.5
_TOLERANCE_MIN: Final = 0.005
_TOLERANCE_MIN_PX: Final = 0.5
# What is stored is rounded, and one face more or less of a few is often worth exactly the tolerance.
_DIGITS: Final = 6
_ROUNDED_BY_MAX: Final = 10.0**-_DIGITS


@dataclass(frozen=True, slots=True)
class Expectation:
    """One figure as it was when the baseline was stored.

    Attributes:
        key: what, set and metric of the row.
        value: the figure.
        tolerance: how much worse it may be: half of the distance from the figure to the bad end of its interval.
        less_is_better: the direction.
    """

    key: tuple[str, str, str]
    value: float
    tolerance: float
    less_is_better: bool


def expect(rows: Iterable[Row]) -> list[Expectation]:
    """Turn the rows of a run into what later runs are held to."""
    return [_expectation(row) for row in rows if not row.metric.startswith(_NOT_COMPARED) and np.isfinite(row.value)]


def find_drops(baseline: Sequence[Expectation], rows: Iterable[Row]) -> list[str]:
    """Return a sentence for every figure that is worse than its baseline by more than the tolerance.

    Figures that only one side has are passed over: a subset may be run, and new figures come.
    """
    now = {row.key: row.value for row in rows}
    sentences = []
    for wanted in baseline:
        if wanted.key not in now:
            continue
        value = now[wanted.key]
        worse_by = value - wanted.value if wanted.less_is_better else wanted.value - value
        if not worse_by <= wanted.tolerance + _ROUNDED_BY_MAX:
            sentences.append(
                f"{'/'.join(wanted.key)}: {value:.4f}, was {wanted.value:.4f}, tolerance {wanted.tolerance:.4f}"
            )
    return sentences


def write_baseline(path: Path, baseline: Sequence[Expectation]) -> None:
    """Write a baseline, one figure a line."""
    lines = [json.dumps(_as_json(one)) for one in sorted(baseline, key=lambda one: one.key)]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def read_baseline(path: Path) -> list[Expectation]:
    """Read a baseline back."""
    raw: list[Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return [
        Expectation(
            (one["what"], one["set"], one["metric"]),
            float(one["value"]),
            float(one["tolerance"]),
            bool(one["less_is_better"]),
        )
        for one in raw
    ]


def _expectation(row: Row) -> Expectation:
    figure, _, _ = row.metric.partition("[")
    less = figure.endswith(_LESS_IS_BETTER) or figure.startswith(_LESS_IS_BETTER_STARTS)
    distance = (row.high - row.value) if less else (row.value - row.low)
    share = _TOLERANCE_SHARE * distance if np.isfinite(distance) else 0.0
    least = _TOLERANCE_MIN_PX if row.unit == "px" else _TOLERANCE_MIN
    return Expectation(row.key, round(row.value, _DIGITS), round(max(least, share), _DIGITS), less)


def _as_json(one: Expectation) -> dict[str, object]:
    what, of, metric = one.key
    return {
        "what": what,
        "set": of,
        "metric": metric,
        "value": one.value,
        "tolerance": one.tolerance,
        "less_is_better": one.less_is_better,
    }
