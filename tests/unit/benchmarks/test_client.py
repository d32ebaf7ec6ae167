import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks.against_bare import ask
from benchmarks.client import Plan
from benchmarks.program import Program
from oss_faces.errors import DeadlineExceeded, RefusedAtDoor
from oss_faces.rendering.documents import error_document

_BODIES = {
    "/faces": b'[{"FigureId": 1}, {"FigureId": 2}]',
    "/busy": error_document(RefusedAtDoor(), "1", "here"),
    "/late": error_document(DeadlineExceeded(), "1", "here"),
}

_LARGE = bytes(range(256)) * 1000


class _Answers(BaseHTTPRequestHandler):
    """Two figures for /faces, a refusal for /busy, another 503 for /late, only the end of the connection for /lost.

    What is put has to be `_LARGE`.
    """

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/lost":
            self.close_connection = True
            return
        body = _BODIES.get(self.path, b"no")
        self.send_response(503 if self.path in ("/busy", "/late") else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        received = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if received == _LARGE else 400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def _wire(method: str, target: str) -> bytes:
    return f"{method} {target} HTTP/1.1\r\nHost: here\r\n\r\n".encode()


def test_every_request_is_told_of(port: int, tmp_path: Path):
    """Statuses, figures and answers that never came are told in the order of the plan; connections are kept."""
    wires = [_wire("GET", "/faces"), _wire("HEAD", "/faces"), _wire("GET", "/busy"), _wire("GET", "/lost")]
    Plan("127.0.0.1", port, tuple(wires)).write(tmp_path / "plan")
    with Program.of_module("benchmarks.client") as client:
        answers, elapsed_s = ask(client, tmp_path / "plan", connections=1, seconds=30.0, requests_max=5)
    told = [(one.place, one.status, one.faces, one.connected) for one in answers]
    assert told == [(0, 200, 2, True), (1, 200, 0, False), (2, 503, 0, False), (3, 0, 0, False), (0, 200, 2, True)]
    assert sum(one.elapsed_s for one in answers) <= elapsed_s


def test_refusals_are_told_from_other_faults(port: int, tmp_path: Path):
    """By what the server says, not by the status: a late answer has the same."""
    Plan("127.0.0.1", port, (_wire("GET", "/busy"), _wire("GET", "/late"))).write(tmp_path / "plan")
    with Program.of_module("benchmarks.client") as client:
        answers, _ = ask(client, tmp_path / "plan", connections=1, seconds=30.0, requests_max=2)
    assert [(one.status, one.refused) for one in answers] == [(503, True), (503, False)]


def test_large_request_arrives_whole(port: int, tmp_path: Path):
    """On a new connection, where its beginning goes out before the rest, and on one that is kept."""
    wire = f"PUT /large HTTP/1.1\r\nHost: here\r\nContent-Length: {len(_LARGE)}\r\n\r\n".encode() + _LARGE
    Plan("127.0.0.1", port, (wire,)).write(tmp_path / "plan")
    with Program.of_module("benchmarks.client") as client:
        answers, _ = ask(client, tmp_path / "plan", connections=1, seconds=30.0, requests_max=2)
    assert [(one.status, one.connected) for one in answers] == [(200, True), (200, False)]


def test_several_connections_share_a_plan(port: int, tmp_path: Path):
    """Each request of the plan is sent once, whoever sends it."""
    Plan("127.0.0.1", port, tuple(_wire("GET", f"/{number}") for number in range(20))).write(tmp_path / "plan")
    with Program.of_module("benchmarks.client") as client:
        answers, _ = ask(client, tmp_path / "plan", connections=4, seconds=30.0, requests_max=20)
    assert sorted(one.place for one in answers) == list(range(20))
    assert sum(one.connected for one in answers) == 4
