"""What clients do to connections and signatures: one side closed, many requests at once, wrong times, repetition."""

import json
import re
import socket
import threading
import time
from datetime import timedelta

import pytest

from tests.running import start_server
from tests.server.raw import ask, code, signed
from tests.server.test_connection import everything, hasty

__all__ = ["hasty"]

ONE_WORKER = {"OSS_FACES_WORKERS__RUNNING": "1"}
SECOND = timedelta(seconds=1)
SKEW = 900 * SECOND
KEY_BYTES_MAX = 1023


def test_half_closed_connection_is_let_go(server, bucket):
    """A client that closes its side behind a request loses the connection; the next client is served."""
    for _ in range(20):
        with socket.create_connection(server.address, timeout=20) as connection:
            connection.sendall(signed(server, "/examplebucket/example.jpg"))
            connection.shutdown(socket.SHUT_WR)
            everything(connection)
    assert bucket.get_object("example.jpg").status == 200


def test_pipelined_requests_are_answered_in_order(server, bucket):
    """Hundreds of requests in one breath: an answer for each, in their order."""
    keys = [f"pipelined/{number}" for number in range(10)]
    for key in keys:
        bucket.put_object(key, key.encode() + b"\n")
    wanted = [keys[number % 10] for number in range(300)]
    with socket.create_connection(server.address, timeout=60) as connection:
        requests = [signed(server, f"/examplebucket/{key}") for key in wanted]
        last = requests.pop().replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        connection.sendall(b"".join([*requests, last]))
        answers = everything(connection)
    assert answers.count(b"HTTP/1.1 200 ") == 300
    assert re.findall(rb"pipelined/\d", answers) == [key.encode() for key in wanted]


def test_body_that_drips_is_given_up(tmp_path):
    """A client that stops in the middle of a body gets 400 in time, and nothing of it is stored."""
    server = start_server(tmp_path, environment={**ONE_WORKER, "OSS_FACES_SERVER__BODY_IDLE_S": "0.5"})
    try:
        bucket = server.bucket()
        bucket.create_bucket()
        with socket.create_connection(server.address, timeout=20) as connection:
            head = signed(server, "/examplebucket/slow", method="PUT")
            connection.sendall(head.replace(b"\r\n\r\n", b"\r\nContent-Length: 10\r\n\r\n") + b"half")
            answer = everything(connection)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert code(answer) == "IncompleteBody"
        assert not bucket.object_exists("slow")
        assert list((server.data / "incoming").iterdir()) == []
    finally:
        assert server.stop() == 0


def test_many_slow_clients_leave_room_for_others(hasty):
    """A hundred clients that send a byte now and then do not keep anybody from an answer, and are let go."""
    slow = [socket.create_connection(hasty.address, timeout=20) for _ in range(100)]
    try:
        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        assert ask(hasty, signed(hasty, "/"))[0] == 200
        for connection in slow:
            everything(connection)
    finally:
        for connection in slow:
            connection.close()


@pytest.mark.parametrize("size", [KEY_BYTES_MAX - 1, KEY_BYTES_MAX, KEY_BYTES_MAX + 1])
@pytest.mark.parametrize("letter", ["k", "é", "面"])
def test_longest_key(server, bucket, letter, size):
    """A key of 1,023 bytes is stored, listed and read, whatever it is written in; one of 1,024 is refused."""
    width = len(letter.encode())
    key = letter * (size // width) + "x" * (size % width)
    assert len(key.encode()) == size
    target = f"/examplebucket/{bucket._make_url('', key).rpartition('/')[2]}"
    if size > KEY_BYTES_MAX:
        status, answer = ask(server, signed(server, target))
        assert (status, code(answer)) == (400, "InvalidObjectName")
        return
    bucket.put_object(key, b"content")
    assert ask(server, signed(server, target))[0] == 200
    assert [entry.key for entry in bucket.list_objects(prefix=key).object_list] == [key]
    bucket.delete_object(key)


@pytest.mark.parametrize("later", [-SKEW - 30 * SECOND, SKEW + 30 * SECOND, timedelta(days=1), timedelta(days=3650)])
def test_signature_of_another_time_is_refused(server, later):
    """Dated further from the clock than 15 minutes, into the past or the future: a documented 403."""
    status, answer = ask(server, signed(server, "/examplebucket/example.jpg", later))
    assert (status, code(answer)) == (403, "RequestTimeTooSkewed")


def test_repeated_signature_does_what_it_did_and_no_more(server, bucket):
    """A request that is sent again, as it was, is answered again; with another path or method it is refused."""
    request = signed(server, "/examplebucket/example.jpg")
    assert [ask(server, request)[0] for _ in range(3)] == [200] * 3
    for old, new in ((b"GET ", b"DELETE "), (b"example.jpg", b"example.jpk"), (b"/example.jpg", b"/example.jpg?acl")):
        status, answer = ask(server, request.replace(old, new, 1))
        assert (status, code(answer)) == (403, "SignatureDoesNotMatch")
    assert bucket.object_exists("example.jpg")


def test_upstream_that_hangs_holds_up_nobody_else(tmp_path):
    """A mounted service that takes connections and never answers: 503 in its own time, and others go on meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        config = tmp_path / "oss-faces.toml"
        endpoint = json.dumps(f"http://127.0.0.1:{silent.getsockname()[1]}")
        mount = f'kind = "s3"\nendpoint = {endpoint}\nregion = "us-east-1"\nbucket = "elsewhere"\nanonymous = true\n'
        config.write_text(f"[mounts]\nattempt_s = 1.0\ncall_s = 3.0\n[mounts.buckets.hanging]\n{mount}")
        server = start_server(tmp_path, "--config", str(config), environment=ONE_WORKER)
        try:
            own = server.bucket()
            own.create_bucket()
            own.put_object("a", b"content")
            answers: list[tuple[int, bytes]] = []
            target = "/hanging/a?x-oss-process=image/faces"
            waiting = [
                threading.Thread(target=lambda: answers.append(ask(server, signed(server, target)))) for _ in range(40)
            ]
            for thread in waiting:
                thread.start()
            begun = time.monotonic()
            while any(thread.is_alive() for thread in waiting):
                assert own.get_object("a").read() == b"content"
                assert time.monotonic() - begun < 60
            assert {(status, code(answer)) for status, answer in answers} == {(503, "ServiceUnavailable")}
        finally:
            assert server.stop() == 0
