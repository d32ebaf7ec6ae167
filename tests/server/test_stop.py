"""Ending a server that is at work, and asking one that has too much of it."""

import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections import Counter

import oss2

from tests.running import RunningServer, portrait, start_server


def begin_upload(server: RunningServer, bucket: oss2.Bucket) -> socket.socket:
    """Send half of an object."""
    target = bucket.sign_url("PUT", "slow", 60).removeprefix(server.endpoint)
    connection = socket.create_connection(server.address, timeout=20)
    connection.sendall(f"PUT {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 8\r\n\r\nhalf".encode())
    return connection


def await_refusal(server: RunningServer) -> None:
    """Wait until the server takes no new connection."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(server.address, timeout=5).close()
        except ConnectionError:
            return
    raise AssertionError("a server that was told to stop still takes connections")


def status_at_the_end(server: RunningServer) -> int:
    """Wait for the end of a server that was told to stop."""
    status = server.process.wait(timeout=30)
    assert server.process.stdout is not None
    server.process.stdout.close()
    return status


def everything(connection: socket.socket) -> bytes:
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


def test_running_request_is_finished_before_the_end(tmp_path):
    """SIGTERM: nobody new is taken, who is there is served, the exit status is 0, and what was stored is there."""
    server = start_server(tmp_path)
    bucket = server.bucket()
    bucket.create_bucket()
    with begin_upload(server, bucket) as connection:
        # A second request shows that the first was taken.
        assert not bucket.object_exists("slow")
        server.process.send_signal(signal.SIGTERM)
        await_refusal(server)
        connection.sendall(b"half")
        assert everything(connection).startswith(b"HTTP/1.1 200 ")
    assert status_at_the_end(server) == 0
    assert '"level": "error"' not in server.log.read_text()
    assert "Cancel" not in server.log.read_text()
    again = start_server(tmp_path)
    assert again.bucket().get_object("slow").read() == b"halfhalf"
    assert again.stop() == 0


def test_request_that_outlasts_the_grace_is_told_so(tmp_path):
    """When the grace is over, a request in work ends with 503 and changes nothing; the exit status is 0."""
    server = start_server(tmp_path, environment={"OSS_FACES_SERVER__GRACE_S": "1"})
    bucket = server.bucket()
    bucket.create_bucket()
    with begin_upload(server, bucket) as connection:
        assert not bucket.object_exists("slow")
        server.process.send_signal(signal.SIGTERM)
        answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"<Code>ServiceUnavailable</Code>" in answer
    assert status_at_the_end(server) == 0
    assert "Traceback" not in server.log.read_text()
    assert not list((server.data / "incoming").iterdir())


def test_more_than_can_wait_is_refused_at_once(tmp_path):
    """With one picture in work and none waiting, each of many requests is answered: faces, or 503 with Retry-After."""
    limits = {"OSS_FACES_WORKERS__RUNNING": "1", "OSS_FACES_WORKERS__WAITING": "0"}
    server = start_server(tmp_path, environment=limits)
    bucket = server.bucket()
    bucket.create_bucket()
    bucket.put_object_from_file("example.jpg", str(portrait()))
    outcomes: Counter[tuple[int, str | None]] = Counter()

    def ask() -> None:
        try:
            answer = server.bucket().get_object("example.jpg", process="image/faces")
            answer.read()
            outcomes[answer.status, None] += 1
        except oss2.exceptions.ServerError as exc:
            outcomes[exc.status, exc.headers.get("retry-after")] += 1

    askers = [threading.Thread(target=ask) for _ in range(12)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(60)
    assert server.stop() == 0
    assert {status for status, _ in outcomes} == {200, 503}
    assert set(outcomes) <= {(200, None), (503, "1"), (503, "2"), (503, "3")}
    assert outcomes.total() == 12


def test_a_draining_server_is_not_ready_and_still_answers(tmp_path):
    """After SIGTERM a balancer has `drain_s` to look away: readiness says no, requests are answered; then it ends."""
    settings = {"OSS_FACES_SERVER__DRAIN_S": "600", "OSS_FACES_SERVER__GRACE_S": "5"}
    server = start_server(tmp_path, environment=settings)
    bucket = server.bucket()
    bucket.create_bucket()
    readyz = f"{admin_address(server)}/readyz"
    assert status_of(readyz) == 200
    server.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + 20
    while status_of(readyz) != 503:
        assert time.monotonic() < deadline
    bucket.put_object("late", b"still taken")
    assert server.process.poll() is None
    # A second signal does not wait for the rest of ten minutes.
    server.process.send_signal(signal.SIGTERM)
    assert status_at_the_end(server) == 0


def admin_address(server: RunningServer) -> str:
    assert server.process.stdout is not None
    told = next(line.split()[1] for line in server.process.stdout if line.strip().startswith("admin"))
    return told.removesuffix("/metrics")


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  (a server of this test)
            return int(answer.status)
    except urllib.error.HTTPError as exc:
        with exc:
            return exc.code
