"""What a histogram of times says in a few numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import Histogram


@dataclass(frozen=True, slots=True)
class Timing:
    """Times of one kind since the start; the quantiles are estimated, `None` when they lie above the last bound."""

    name: str
    count: int
    mean_ms: float
    p50_ms: float | None
    p95_ms: float | None


def timings(histogram: Histogram) -> tuple[Timing, ...]:
    """Read a histogram of seconds with one label, by the values of that label."""
    buckets: dict[str, list[tuple[float, float]]] = {}
    sums: dict[str, float] = {}
    for sample in (sample for family in histogram.collect() for sample in family.samples):
        labels = {name: value for name, value in sample.labels.items() if name != "le"}
        (name,) = labels.values()
        if sample.name.endswith("_bucket"):
            buckets.setdefault(name, []).append((float(sample.labels["le"]), sample.value))
        elif sample.name.endswith("_sum"):
            sums[name] = sample.value
    return tuple(_timing(name, buckets[name], sums[name]) for name in sorted(buckets))


def _timing(name: str, cumulated: Sequence[tuple[float, float]], total_s: float) -> Timing:
    count = int(cumulated[-1][1])
    mean_ms = total_s / count * 1e3 if count else 0.0
    return Timing(name, count, round(mean_ms, 3), _quantile_ms(cumulated, 0.5), _quantile_ms(cumulated, 0.95))


def _quantile_ms(cumulated: Sequence[tuple[float, float]], share: float) -> float | None:
    """Take the times between two bounds for evenly spread, as Prometheus does (`histogram_quantile`).

    Args:
        cumulated: upper bound in seconds and how many times are not above it, ascending; the last bound is infinite.
    """
    wanted = share * cumulated[-1][1]
    low_s, below = 0.0, 0.0
    for high_s, reached in cumulated[:-1]:
        if reached >= wanted and reached > below:
            return round((low_s + (high_s - low_s) * (wanted - below) / (reached - below)) * 1e3, 3)
        low_s, below = high_s, reached
    return None
