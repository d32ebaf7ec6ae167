"""The numbers that Prometheus reads."""

from prometheus_client.parser import text_string_to_metric_families

from oss_faces.metering import Observation, ServerMetrics
from oss_faces.values import Work


def numbers(metrics: ServerMetrics) -> dict[str, float]:
    """Every sample by its name and labels, as a scraper reads them."""
    body, _ = metrics.render()
    return {
        "|".join([sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))]): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def test_request_is_in_every_number_it_belongs_to() -> None:
    """Count, time, bytes, and what its handler told of the work."""
    metrics = ServerMetrics("1")
    work = Work(source_bytes=100, image_detect=1, faces=3, stage_ms={"decode": 4.0, "detect": 20.0})
    metrics.observe(Observation("oss:ProcessImage", 200, 50, 0.03, work))
    metrics.observe(Observation("oss:ProcessImage", 200, 50, 0.03, work))
    metrics.observe(Observation("imm:CompareImageFaces", 200, 1, 0.3, Work(image_compare=1, is_cached=True)))
    seen = numbers(metrics)
    assert seen["oss_faces_requests_total|operation=oss:ProcessImage|status=200"] == 2
    assert seen["oss_faces_request_seconds_sum|operation=oss:ProcessImage"] == 0.06
    assert seen["oss_faces_request_seconds_bucket|le=0.025|operation=oss:ProcessImage"] == 0
    assert seen["oss_faces_request_seconds_bucket|le=0.05|operation=oss:ProcessImage"] == 2
    assert seen["oss_faces_body_bytes_out_total"] == 101
    assert seen["oss_faces_source_bytes_total"] == 200
    assert seen["oss_faces_faces_found_total"] == 6
    assert seen["oss_faces_image_detect_total"] == 2
    assert seen["oss_faces_image_compare_total"] == 1
    assert seen["oss_faces_cache_hits_total"] == 1
    assert seen["oss_faces_stage_seconds_count|stage=decode"] == 2
    assert seen["oss_faces_stage_seconds_sum|stage=detect"] == 0.04


def test_request_without_an_operation_has_a_label_all_the_same() -> None:
    """Refused before it was known: one label for all of them."""
    metrics = ServerMetrics("1")
    metrics.observe(Observation("", 403, 10, 0.001))
    assert numbers(metrics)["oss_faces_requests_total|operation=unknown|status=403"] == 1


def test_pictures_are_looked_up_when_asked() -> None:
    """Running and waiting are what they are at that moment."""
    metrics, running = ServerMetrics("1"), [2]
    metrics.watch_pictures(lambda: running[0], lambda: 7)
    assert numbers(metrics)["oss_faces_pictures|state=running"] == 2
    running[0] = 1
    seen = numbers(metrics)
    assert (seen["oss_faces_pictures|state=running"], seen["oss_faces_pictures|state=waiting"]) == (1, 7)


def test_kept_results_are_looked_up_when_asked() -> None:
    """Their memory, and how often one was there."""
    metrics = ServerMetrics("1")
    metrics.watch_results(lambda: 4096, lambda: 0.25)
    seen = numbers(metrics)
    assert (seen["oss_faces_cache_bytes"], seen["oss_faces_cache_hit_rate"]) == (4096, 0.25)


def test_departures_are_no_requests() -> None:
    """A client that left unanswered is counted apart."""
    metrics = ServerMetrics("1")
    metrics.observe_departure()
    seen = numbers(metrics)
    assert seen["oss_faces_clients_gone_total"] == 1
    assert not [name for name in seen if name.startswith("oss_faces_requests_total")]


def test_two_servers_of_one_process_do_not_meet() -> None:
    """There is no registry that all share."""
    one, other = ServerMetrics("1"), ServerMetrics("1")
    one.observe_departure()
    assert numbers(other)["oss_faces_clients_gone_total"] == 0
