"""HTTP as clients really speak it, on raw sockets."""

import base64
import socket
from collections.abc import Iterator

import pytest


@pytest.fixture
def connection(server) -> Iterator[socket.socket]:
    with socket.create_connection(server.address, timeout=10) as opened:
        yield opened


def signed(bucket, method: str, key: str, **options) -> str:
    return bucket.sign_url(method, key, 60, **options).removeprefix(bucket.endpoint)


def read_response(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Read exactly one response, and nothing of the next."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += must(connection.recv(1))
    head, _, _ = received.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = b""
    while len(body) < int(headers.get("content-length", 0)):
        body += must(connection.recv(65536))
    return int(status_line.split()[1]), headers, body


def must(received: bytes) -> bytes:
    assert received, "the server closed the connection"
    return received


def test_keep_alive_serves_many_requests(connection, bucket):
    """One connection carries many requests, errors among them."""
    for key, expected in (("example.jpg", 200), ("nothing", 404), ("example.jpg", 200)):
        connection.sendall(f"GET {signed(bucket, 'GET', key)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        status, headers, _ = read_response(connection)
        assert (status, headers["connection"]) == (expected, "keep-alive")


def test_expect_100_continue(connection, bucket):
    """A client that waits for 100 Continue gets it when its request is good."""
    target = signed(bucket, "PUT", "continued")
    connection.sendall(
        f"PUT {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    assert read_response(connection)[0] == 100
    connection.sendall(b"body")
    assert read_response(connection)[0] == 200
    assert bucket.get_object("continued").read() == b"body"


def test_refused_request_is_not_asked_for_its_body(connection):
    """A bad request that waits for 100 Continue gets its error at once, and the connection is closed."""
    connection.sendall(
        b"PUT /examplebucket/a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
    )
    status, headers, body = read_response(connection)
    assert (status, headers["connection"]) == (403, "close")
    assert b"<Code>AccessDenied</Code>" in body
    assert connection.recv(1) == b""


def test_unread_body_does_not_become_the_next_request(connection, bucket):
    """The body of a refused upload is dropped, and the next request on the connection is understood."""
    connection.sendall(b"PUT /examplebucket/a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 11\r\n\r\nGET / HTTP/")
    assert read_response(connection)[0] == 403
    connection.sendall(f"GET {signed(bucket, 'GET', 'example.jpg')} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    assert read_response(connection)[0] == 200


def test_chunked_upload(connection, bucket):
    """A body of unknown length arrives in chunks."""
    target = signed(bucket, "PUT", "chunks")
    connection.sendall(f"PUT {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    for chunk in (b"3\r\nabc\r\n", b"2\r\nde\r\n", b"0\r\n\r\n"):
        connection.sendall(chunk)
    assert read_response(connection)[0] == 200
    assert bucket.get_object("chunks").read() == b"abcde"


def test_body_cut_short_stores_nothing(server, bucket):
    """A client that dies in the middle of an upload leaves no object."""
    target = signed(bucket, "PUT", "half")
    with socket.create_connection(server.address, timeout=10) as connection:
        connection.sendall(f"PUT {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf".encode())
    assert not bucket.object_exists("half")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "LOCALHOST:1", "example.test", "examplebucket.oss-cn-hangzhou.aliyuncs.com", ".oss.example"],
)
def test_any_host_is_accepted_when_the_signature_says_which_object(connection, bucket, host):
    """The Host need not be ours: the signature decides what is meant."""
    target = signed(bucket, "GET", "example.jpg")
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert read_response(connection)[0] == 200


@pytest.mark.parametrize("key", ["a//b", "../../etc/passwd", "a/./b", "a%2Fb", "a/../c"])
def test_raw_paths_reach_the_store_unchanged(connection, bucket, key):
    """Slashes, dots and escapes in a path are part of the key, encoded or not."""
    bucket.put_object(key, key.encode())
    for slash_safe in (True, False):
        target = signed(bucket, "GET", key, slash_safe=slash_safe)
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert read_response(connection)[2] == key.encode()


def test_head_has_the_error_in_a_header_and_no_body(connection, bucket):
    """An error to HEAD says its code in x-oss-err and leaves the connection usable."""
    target = signed(bucket, "HEAD", "nothing")
    connection.sendall(f"HEAD {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    received = b""
    while b"\r\n\r\n" not in received:
        received += must(connection.recv(1))
    head = received.decode("latin-1").lower()
    encoded = received.decode("latin-1").split("x-oss-err: ", 1)[1].split("\r\n", 1)[0]
    assert " 404 " in head.split("\r\n", 1)[0]
    assert b"<Code>NoSuchKey</Code>" in base64.b64decode(encoded)


def test_log_never_holds_a_secret_or_a_signature(server, bucket):
    """The log names requests by id, bucket and key; nothing in it could be used to sign or to replay."""
    url = bucket.sign_url("GET", "example.jpg", 60)
    signature = url.split("x-oss-signature=", 1)[1].split("&", 1)[0]
    bucket.get_object_with_url(url).read()
    log = server.log.read_text()
    assert '"action": "get_object"' in log
    assert server.access_key_secret not in log
    assert signature not in log
    assert "x-oss-signature" not in log
