"""What a client cannot do to the server, whoever it is: fill its memory, stop its clock, keep its connections."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.running import RunningServer, start_server

WAIT_S = 1
HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that waits for one second."""
    environment = {"OSS_FACES_SERVER__HEADER_TIMEOUT_S": str(WAIT_S)}
    running = start_server(tmp_path_factory.mktemp("hasty"), environment=environment)
    yield running
    assert running.stop() == 0


def everything(connection: socket.socket) -> bytes:
    """Read until the server closes; a reset closes too."""
    received = b""
    with suppress(ConnectionError):
        while piece := connection.recv(65536):
            received += piece
    return received


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost:", b"\r\n", HEAD + b"\r\n", HEAD + b"\r\n\r\n\r\n"])
def test_client_that_sends_no_whole_request_is_let_go(hasty, sent):
    """Silence, half a head and blank lines, at first or after an answer, end the connection in time."""
    with socket.create_connection(hasty.address, timeout=10) as connection:
        connection.sendall(sent)
        everything(connection)


def test_client_that_does_not_read_is_let_go(hasty):
    """A download that nobody takes ends, and its file and connection are given back."""
    bucket = hasty.bucket("unread")
    bucket.create_bucket()
    bucket.put_object("big", bytes(16 * 1024 * 1024))
    descriptors = Path(f"/proc/{hasty.process.pid}/fd")
    before = len(list(descriptors.iterdir()))
    target = bucket.sign_url("GET", "big", 60).removeprefix(bucket.endpoint)
    with socket.create_connection(hasty.address, timeout=10) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        deadline = time.monotonic() + 20
        while '"event": "client_gone"' not in hasty.log.read_text():
            assert time.monotonic() < deadline, "the server still waits for its client"
        assert len(everything(connection)) < 16 * 1024 * 1024
    assert len(list(descriptors.iterdir())) <= before + 1


@pytest.mark.parametrize("endless", [b"x-long: " + b"a" * 300_000, b"x-a: b\r\n" * 600, b"x: " + b"y" * 400_000])
def test_head_of_a_request_has_a_limit(server, endless):
    """One long header, or many short ones, are refused instead of being collected."""
    with socket.create_connection(server.address, timeout=10) as connection:
        with suppress(ConnectionError):
            connection.sendall(HEAD + endless)
            connection.sendall(b"\r\n\r\n")
        # A client that is still sending may see the connection break before it can read the answer.
        assert everything(connection)[:13] in (b"", b"HTTP/1.1 400 ")


def test_target_of_a_request_has_a_limit(server):
    """An endless target is refused instead of being collected."""
    with socket.create_connection(server.address, timeout=10) as connection:
        connection.sendall(b"GET /" + b"a" * 300_000)
        assert everything(connection)[:13] in (b"", b"HTTP/1.1 400 ")


@pytest.mark.parametrize("endless", [b"5;" + b"e" * 400_000, b"0\r\nx: " + b"y" * 400_000])
def test_what_stands_between_the_pieces_of_a_body_has_a_limit(server, bucket, endless):
    """Chunk extensions and trailers are limited like heads."""
    target = bucket.sign_url("PUT", "endless", 60).partition(server.endpoint)[2]
    with socket.create_connection(server.address, timeout=10) as connection:
        head = f"PUT {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        with suppress(ConnectionError):
            connection.sendall(head.encode() + endless)
        assert b"HTTP/1.1 200 " not in everything(connection)
