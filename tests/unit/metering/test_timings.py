"""A few numbers out of a histogram."""

from prometheus_client import CollectorRegistry, Histogram

from oss_faces.metering import Observation, ServerMetrics
from oss_faces.metering.timings import Timing, timings
from oss_faces.values import Work


def histogram() -> Histogram:
    return Histogram("t", "t", ("stage",), registry=CollectorRegistry(), buckets=(0.01, 0.1, 1.0))


def test_quantiles_lie_between_the_bounds() -> None:
    """Times between two bounds count as evenly spread."""
    seen = histogram()
    for _ in range(10):
        seen.labels("decode").observe(0.05)
    (timing,) = timings(seen)
    assert (timing.name, timing.count, timing.mean_ms) == ("decode", 10, 50.0)
    assert timing.p50_ms == 55.0
    assert timing.p95_ms == 95.5


def test_time_above_the_last_bound_is_not_invented() -> None:
    """Half of the times are known, the slow tail is only known to be slow."""
    seen = histogram()
    for seconds in (0.005, 0.005, 0.005, 5.0):
        seen.labels("read").observe(seconds)
    (timing,) = timings(seen)
    assert timing.p50_ms is not None
    assert 0 < timing.p50_ms <= 10
    assert timing.p95_ms is None
    assert timings(histogram()) == ()


def test_metrics_tell_times_and_errors() -> None:
    """By operation and by stage, in the order of their names; answers from 400 on are errors."""
    metrics = ServerMetrics("1")
    metrics.observe(Observation("oss:GetObject", 200, 5, 0.002, Work(stage_ms={"read": 2.0})))
    metrics.observe(Observation("oss:GetObject", 404, 5, 0.002))
    metrics.observe(Observation("oss:GetObject", 503, 5, 0.002))
    metrics.observe(Observation("imm:GetTask", 200, 5, 0.002))
    assert [(timing.name, timing.count) for timing in metrics.request_timings()] == [
        ("imm:GetTask", 1),
        ("oss:GetObject", 3),
    ]
    assert metrics.stage_timings() == (Timing("read", 1, 2.0, 1.75, 2.425),)
    assert metrics.errors() == {"oss:GetObject": 2}
