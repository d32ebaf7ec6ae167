"""The admin address: what it shows, and to whom it says yes."""

import json
from typing import Any

import anyio
import pytest

from oss_faces.errors import MeteringUnavailable
from oss_faces.http import Admin, Readiness
from oss_faces.metering import Observation, ServerMetrics
from tests.unit.http.in_process import Answered, Exchange, body_messages, scope

pytestmark = pytest.mark.anyio


async def passing() -> None:
    pass


async def failing() -> None:
    raise MeteringUnavailable(context={"reason": "the path of a disk"})


async def hanging() -> None:
    await anyio.sleep_forever()


async def ask(admin: Admin, path: str, method: str = "GET") -> Answered:
    exchange = Exchange(body_messages())
    asked: dict[str, Any] = {**scope(method, path, [("host", "127.0.0.1:9001")]), "path": path, "root_path": ""}
    await admin.app(asked, exchange.receive, exchange.send)
    assert exchange.answered.is_complete
    return exchange.answered


async def test_server_that_answers_is_alive() -> None:
    """Also while it may not get requests yet."""
    answered = await ask(Admin(ServerMetrics("1"), Readiness({"metering": failing})), "/healthz")
    assert (answered.status, answered.body) == (200, b"ok")


async def test_server_is_ready_between_start_and_stop() -> None:
    """503 before and after, so that a balancer sends nobody."""
    readiness = Readiness({"metering": passing})
    admin = Admin(ServerMetrics("1"), readiness)
    assert (await ask(admin, "/readyz")).status == 503
    readiness.is_serving = True
    answered = await ask(admin, "/readyz")
    assert answered.status == 200
    assert json.loads(answered.body) == {"ready": True, "checks": {"serving": "ok", "metering": "ok"}}
    readiness.is_serving = False
    assert (await ask(admin, "/readyz")).status == 503


async def test_failed_check_is_named_and_its_reason_kept() -> None:
    """One point that fails is enough; the reason is for the log."""
    readiness = Readiness({"metering": failing, "objects": passing})
    admin = Admin(ServerMetrics("1"), readiness)
    readiness.is_serving = True
    answered = await ask(admin, "/readyz")
    assert answered.status == 503
    checks = {"serving": "ok", "metering": "not available", "objects": "ok"}
    assert json.loads(answered.body) == {"ready": False, "checks": checks}


async def test_check_that_hangs_has_failed() -> None:
    """Who asks gets an answer in bounded time."""
    readiness = Readiness({"metering": hanging}, check_s=0.01)
    admin = Admin(ServerMetrics("1"), readiness)
    readiness.is_serving = True
    with anyio.fail_after(30):
        assert (await ask(admin, "/readyz")).status == 503


async def test_metrics_are_shown_as_text() -> None:
    """Prometheus reads them by their content type."""
    metrics = ServerMetrics("1.2.3")
    metrics.observe(Observation("oss:GetObject", 200, 5, 0.01))
    answered = await ask(Admin(metrics, Readiness({})), "/metrics")
    assert answered.status == 200
    assert (answered.header("content-type") or "").startswith("text/plain; version=")
    assert answered.header("cache-control") == "no-store"
    lines = answered.body.decode().splitlines()
    assert 'oss_faces_requests_total{operation="oss:GetObject",status="200"} 1.0' in lines
    assert 'oss_faces_build_info{version="1.2.3"} 1.0' in lines


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/", 404), ("POST", "/metrics", 405)])
async def test_nothing_else_is_there(method: str, path: str, status: int) -> None:
    """No bucket, no key, no way to change anything."""
    assert (await ask(Admin(ServerMetrics("1"), Readiness({})), path, method)).status == status
