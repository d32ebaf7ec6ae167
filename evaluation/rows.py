"""The row: one figure with its interval. Every report is a JSON list of rows."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

RESAMPLES: Final = 1000
_LOW, _HIGH = 2.5, 97.5
_SEED: Final = 20_240_601


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        what: what is judged: `detection`, `age`, ...
        set: name of the Parquet file, or of a pool of several.
        metric: name of the figure.
        value: the figure; low and high: its 95 % bootstrap interval.
        n: number of pictures or faces behind it.
        unit: `fraction`, `px`, `years`, ...
    """

    what: str
    set: str
    metric: str
    value: float
    low: float
    high: float
    n: int
    unit: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes a row the same figure in two reports."""
        return self.what, self.set, self.metric


def interval(
    count: int, statistic: Callable[[NDArray[np.intp]], float], resamples: int = RESAMPLES
) -> tuple[float, float]:
    """Bootstrap a 95 % interval, the same on every call with the same input.

    Args:
        count: number of independent units (pictures, persons).
        statistic: figure of a resample, given the places of its units; may be `nan`, which is left out.
        resamples: how many resamples are drawn.
    """
    generator = np.random.default_rng(_SEED)
    values = [statistic(generator.integers(0, count, count)) for _ in range(resamples)]
    finite = [value for value in values if np.isfinite(value)]
    if not finite:
        return float("nan"), float("nan")
    low, high = np.percentile(finite, [_LOW, _HIGH])
    return float(low), float(high)


def mean_row(what: str, of: str, metric: str, values: Sequence[float], unit: str = "fraction") -> Row:
    """Make the row of a plain mean.

    Args:
        what: see `Row`.
        of: name of the set.
        metric: see `Row`.
        values: one number for every picture or face; not empty.
        unit: see `Row`.
    """
    array = np.asarray(values, np.float64)
    low, high = interval(len(array), lambda places: float(array[places].mean()))
    return Row(what, of, metric, float(array.mean()), low, high, len(array), unit)


def quantile_row(
    what: str, of: str, metric: str, values: Sequence[float] | NDArray[np.float64], wanted: tuple[float, str]
) -> Row:
    """Make the row of a quantile, with its 95 % bootstrap interval.

    Args:
        wanted: the share of the values that lies below it, and their unit.
    """
    share, unit = wanted
    array = np.asarray(values, np.float64)
    low, high = interval(len(array), lambda places: float(np.quantile(array[places], share)))
    return Row(what, of, metric, float(np.quantile(array, share)), low, high, len(array), unit)


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write a report, one row a line so that changes are easy to read. Numbers keep six digits; `nan` is null."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({name: _plain(value) for name, value in asdict(row).items()}) for row in rows]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def read_rows(path: Path) -> list[Row]:
    """Read a report back."""
    raw: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return [Row(**{name: _full(value) for name, value in row.items()}) for row in raw]


def _full(value: Any) -> Any:
    return float("nan") if value is None else value


def _plain(value: object) -> object:
    if isinstance(value, float):
        return round(value, 6) if np.isfinite(value) else None
    return value
