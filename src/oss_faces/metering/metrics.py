"""What the server does now, in the form that Prometheus reads.

No key, bucket or object is a label: anybody on the machine can read this, and their number has no bound. Exact counts
per key and bucket are the meter's business.
"""

from collections import Counter as Counts
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from oss_faces.metering.timings import Timing, timings
from oss_faces.values import Work

_REQUEST_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_STAGE_S: Final = (0.0005, *_REQUEST_S)
_UNKNOWN: Final = "unknown"
_ERRORS_FROM: Final = 400


@dataclass(frozen=True, slots=True)
class Observation:
    """One request at its end.

    Attributes:
        operation: service and name, for instance `oss:GetObject`; empty when it was refused before that was known.
        status: of the answer; one that broke off through a fault of ours counts as 500.
        bytes_out: of the body, as far as the client took it.
        seconds: from the end of the request's head to the last byte.
        work: told by the handler.
    """

    operation: str
    status: int
    bytes_out: int
    seconds: float
    work: Work = field(default_factory=Work)


class ServerMetrics:
    """The numbers of one server. `watch_pictures` adds those that are looked up when somebody asks."""

    def __init__(self, version: str) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        Info("oss_faces_build", "Version of the server.", registry=registry).info({"version": version})
        ProcessCollector(registry=registry)
        self._requests = Counter("oss_faces_requests", "Answered requests.", ("operation", "status"), registry=registry)
        self._request_s = Histogram(
            "oss_faces_request_seconds",
            "Time from a request's head to the last byte of its answer.",
            ("operation",),
            registry=registry,
            buckets=_REQUEST_S,
        )
        self._stage_s = Histogram(
            "oss_faces_stage_seconds",
            "Time of each stage of the work on a picture.",
            ("stage",),
            registry=registry,
            buckets=_STAGE_S,
        )
        self._bytes_out = Counter("oss_faces_body_bytes_out", "Bytes of bodies that went out.", registry=registry)
        self._source = Counter("oss_faces_source_bytes", "Bytes read from stored objects.", registry=registry)
        self._faces = Counter("oss_faces_faces_found", "Faces in answers.", registry=registry)
        self._detect = Counter("oss_faces_image_detect", "Detections, one for each picture call.", registry=registry)
        self._compare = Counter("oss_faces_image_compare", "Comparisons of two pictures.", registry=registry)
        self._cached = Counter("oss_faces_cache_hits", "Answers that were there already.", registry=registry)
        self._gone = Counter("oss_faces_clients_gone", "Requests whose client left unanswered.", registry=registry)
        self._at_door = Counter(
            "oss_faces_refused_at_door", "Requests that were refused before they were looked at.", registry=registry
        )

    def watch_pictures(self, running: Callable[[], int], waiting: Callable[[], int]) -> None:
        """Show how many pictures are worked on, and how many wait for a place."""
        pictures = Gauge("oss_faces_pictures", "Pictures at work and waiting.", ("state",), registry=self._registry)
        pictures.labels("running").set_function(running)
        pictures.labels("waiting").set_function(waiting)

    def watch_results(self, size_bytes: Callable[[], int], hit_rate: Callable[[], float]) -> None:
        """Show how much memory kept results take, and how often one was there."""
        size = Gauge("oss_faces_cache_bytes", "Memory of results that are kept.", registry=self._registry)
        size.set_function(size_bytes)
        rate = Gauge("oss_faces_cache_hit_rate", "Share of pictures whose result was kept.", registry=self._registry)
        rate.set_function(hit_rate)

    def observe(self, seen: Observation) -> None:
        """Take one request in."""
        self._observe(seen.operation or _UNKNOWN, seen.status, seen.bytes_out, seen.seconds)
        work = seen.work
        self._source.inc(work.source_bytes)
        self._faces.inc(work.faces)
        self._detect.inc(work.image_detect)
        self._compare.inc(work.image_compare)
        self._cached.inc(work.is_cached)
        for stage, stage_ms in work.stage_ms.items():
            self._stage_s.labels(stage).observe(stage_ms / 1e3)

    def observe_departure(self) -> None:
        """Take in a client that left before it was answered."""
        self._gone.inc()

    def observe_refusal_at_door(self, status: int, bytes_out: int, seconds: float) -> None:
        """Take in a request that was refused before anything of it was known; see `Observation`."""
        self._observe(_UNKNOWN, status, bytes_out, seconds)
        self._at_door.inc()

    def request_timings(self) -> tuple[Timing, ...]:
        """Tell how long requests took, by operation."""
        return timings(self._request_s)

    def stage_timings(self) -> tuple[Timing, ...]:
        """Tell how long each stage of the work on pictures took."""
        return timings(self._stage_s)

    def errors(self) -> Mapping[str, int]:
        """Tell how many answers had a status from 400 on, by operation."""
        found: Counts[str] = Counts()
        for sample in (sample for family in self._requests.collect() for sample in family.samples):
            if sample.name.endswith("_total") and int(sample.labels["status"]) >= _ERRORS_FROM:
                found[sample.labels["operation"]] += int(sample.value)
        return found

    def render(self) -> tuple[bytes, str]:
        """Write all numbers as Prometheus reads them; return them with their content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def _observe(self, operation: str, status: int, bytes_out: int, seconds: float) -> None:
        self._requests.labels(operation, status).inc()
        self._request_s.labels(operation).observe(seconds)
        self._bytes_out.inc(bytes_out)
