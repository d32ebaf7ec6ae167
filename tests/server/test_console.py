"""The console of a real server: where it is, and what its page may read of the main port."""

import json
from collections.abc import Iterator

import pytest
import requests

from tests.running import RunningServer, start_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    started = start_server(tmp_path_factory.mktemp("console"))
    yield started
    started.stop()


@pytest.fixture(scope="module")
def console(server: RunningServer) -> str:
    """Read on in the greeting."""
    assert server.process.stdout is not None
    for line in server.process.stdout:
        if line.strip().startswith("console"):
            return line.split()[1]
    raise AssertionError("the greeting names no console")


def test_console_leads_its_page_to_the_main_port(server: RunningServer, console: str) -> None:
    """What the page is told is where the server listens, and the policy allows just that."""
    answered = requests.get(f"{console}config.json", timeout=10)
    assert answered.status_code == 200
    assert answered.json()["endpoint"] == server.endpoint
    assert f"connect-src 'self' {server.endpoint};" in answered.headers["Content-Security-Policy"]


def test_page_of_the_console_may_read_the_main_port(server: RunningServer, console: str) -> None:
    """By both names of this machine; a page from elsewhere may not."""
    port = console.rstrip("/").removesuffix("/console").rpartition(":")[2]
    for host in ("127.0.0.1", "localhost"):
        origin = f"http://{host}:{port}"
        asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        preflight = requests.options(f"{server.endpoint}/", headers=asked, timeout=10)
        assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (204, origin)
        refused = requests.get(f"{server.endpoint}/", headers={"Origin": origin}, timeout=10)
        assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (403, origin)
    foreign = requests.get(f"{server.endpoint}/", headers={"Origin": f"https://localhost:{port}"}, timeout=10)
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_console_can_be_turned_off(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Then the address has metrics and health alone, and no page may read anything."""
    off = {"OSS_FACES_CONSOLE__ENABLED": "false"}
    server = start_server(tmp_path_factory.mktemp("none"), environment=off)
    try:
        assert server.process.stdout is not None
        admin = next(line.split()[1] for line in server.process.stdout if line.strip().startswith("admin"))
        assert next(server.process.stdout).split() == ["console", "off"]
        base = admin.removesuffix("/metrics")
        assert requests.get(f"{base}/console/", timeout=10).status_code == 404
        assert json.loads(requests.get(f"{base}/readyz", timeout=10).content)["ready"]
        answered = requests.get(f"{server.endpoint}/", headers={"Origin": base}, timeout=10)
        assert "Access-Control-Allow-Origin" not in answered.headers
        assert "Vary" not in answered.headers
    finally:
        server.stop()
