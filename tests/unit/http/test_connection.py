"""The limits on the head of a request, on a connection without a socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import pytest
import uvicorn
from uvicorn.server import ServerState

from oss_faces.http.connection import HEAD_BYTES_MAX, HEADERS_MAX, BoundedConnection

pytestmark = pytest.mark.anyio

HEAD = b"GET /x HTTP/1.1\r\nhost: h\r\n"


class Wire(asyncio.Transport):
    """Keeps what is written and whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self._closed = asyncio.Event()

    def write(self, data: Any) -> None:
        assert not self.is_closing()
        self.written += data

    def close(self) -> None:
        self._closed.set()

    def abort(self) -> None:
        self._closed.set()

    def is_closing(self) -> bool:
        return self._closed.is_set()

    async def wait_closed(self) -> None:
        with anyio.fail_after(30):
            await self._closed.wait()

    def pause_reading(self) -> None:
        """Reading is done by the test."""

    def resume_reading(self) -> None:
        """Reading is done by the test."""


class App:
    """Answers when it is told to; counts the requests."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, _scope: Any, receive: Callable, send: Callable) -> None:
        self.asked += 1
        await self.may_answer.wait()
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def app() -> App:
    return App()


@pytest.fixture
async def connect(app: App) -> AsyncIterator[Callable[..., tuple[BoundedConnection, Wire]]]:
    """Open connections that are lost at the end."""
    opened: list[BoundedConnection] = []

    def make(timeout_s: float = 30.0) -> tuple[BoundedConnection, Wire]:
        config = uvicorn.Config(app, http=BoundedConnection, ws="none", lifespan="off", log_config=None)
        config.timeout_keep_alive = timeout_s  # type: ignore[assignment]  # a test does not wait for whole seconds
        connection, wire = BoundedConnection(config, ServerState(), {}), Wire()
        connection.connection_made(wire)
        opened.append(connection)
        return connection, wire

    yield make
    for connection in opened:
        connection.connection_lost(None)
    await settle()


async def settle() -> None:
    """Let everything that is ready run."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_request_is_answered(connect, app: App) -> None:
    """A plain request passes all limits, twice on one connection."""
    connection, wire = connect()
    for number in (1, 2):
        connection.data_received(HEAD + b"\r\n")
        await settle()
        assert wire.written.count(b"200 OK") == number
    assert app.asked == 2
    assert not wire.is_closing()


async def test_silent_connection_is_closed(connect) -> None:
    """Who connects and says nothing does not keep the place."""
    _, wire = connect(timeout_s=0.01)
    await wire.wait_closed()
    assert wire.written == b""


@pytest.mark.parametrize("begun", [HEAD, b"\r\n", b"G"])
async def test_head_that_does_not_end_is_closed(begun: bytes, connect, app: App) -> None:
    """Sending a little now and then does not help: the time runs from the first byte."""
    connection, wire = connect(timeout_s=0.05)
    connection.data_received(begun)
    while not wire.is_closing():
        connection.data_received(b"x-a: b\r\n" if begun == HEAD else b"\r\n" if begun == b"\r\n" else b"")
        await asyncio.sleep(0.01)
    assert app.asked == 0


async def test_second_head_that_does_not_end_is_closed(connect) -> None:
    """The limit holds for each request of a connection."""
    connection, wire = connect(timeout_s=0.05)
    connection.data_received(HEAD + b"\r\n")
    await settle()
    assert b"200 OK" in wire.written
    connection.data_received(HEAD)
    await wire.wait_closed()


async def test_answer_is_not_cut_off_by_the_next_head(connect, app: App) -> None:
    """While a request is worked on, another that hangs behind it does not close the connection."""
    connection, wire = connect(timeout_s=0.01)
    app.may_answer.clear()
    connection.data_received(HEAD + b"\r\n" + HEAD)
    await asyncio.sleep(0.05)
    assert not wire.is_closing()
    app.may_answer.set()
    await wire.wait_closed()
    assert b"200 OK" in wire.written


async def test_client_that_does_not_read_is_broken_off(connect) -> None:
    """A full buffer that nobody empties ends the connection; one that is emptied in time does not."""
    connection, wire = connect(timeout_s=0.05)
    connection.data_received(HEAD + b"\r\n")
    connection.pause_writing()
    connection.resume_writing()
    await settle()
    assert b"200 OK" in wire.written
    connection.pause_writing()
    await wire.wait_closed()


async def test_slow_answer_and_slow_body_have_other_limits(connect, app: App) -> None:
    """Once the head is there its time no longer runs."""
    connection, wire = connect(timeout_s=0.01)
    connection.data_received(b"PUT /x HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\na")
    await asyncio.sleep(0.05)
    assert not wire.is_closing()
    connection.data_received(b"b")
    await settle()
    assert b"200 OK" in wire.written


@pytest.mark.parametrize("piece", [b"x-a: " + b"a" * 1000 + b"\r\n", b"a" * 1000])
async def test_endless_head_is_refused(piece: bytes, connect, app: App) -> None:
    """Many headers or one without an end: neither is kept in memory beyond the limit."""
    connection, wire = connect()
    connection.data_received(HEAD + b"x-long: ")
    sent = 0
    while not wire.is_closing():
        connection.data_received(piece)
        sent += len(piece)
    assert sent <= HEAD_BYTES_MAX + len(piece)
    assert wire.written.startswith(b"HTTP/1.1 400 ")
    assert app.asked == 0


async def test_large_head_in_one_read_is_refused(connect, app: App) -> None:
    """A head that comes whole is measured too."""
    connection, wire = connect()
    connection.data_received(HEAD + b"x-long: " + b"a" * HEAD_BYTES_MAX + b"\r\n\r\n")
    await settle()
    assert wire.written.startswith(b"HTTP/1.1 400 ")
    assert wire.is_closing()
    assert app.asked == 0


async def test_number_of_headers_is_bounded(connect, app: App) -> None:
    """As many as allowed pass, one more is an invalid request."""
    many = b"".join(b"x-%d: a\r\n" % number for number in range(HEADERS_MAX - 1))
    connection, wire = connect()
    connection.data_received(HEAD + many + b"\r\n")
    await settle()
    assert b"200 OK" in wire.written
    other, refused = connect()
    other.data_received(HEAD + many + b"x-more: a\r\n\r\n")
    assert refused.written.startswith(b"HTTP/1.1 400 ")
    assert refused.is_closing()
    assert app.asked == 1


async def test_body_does_not_count(connect, app: App) -> None:
    """A body of any size, in the same packet or in others, is no head."""
    connection, wire = connect()
    size = 4 * HEAD_BYTES_MAX
    head = b"PUT /x HTTP/1.1\r\nhost: h\r\ncontent-length: %d\r\n\r\n" % size
    connection.data_received(head + bytes(size // 2))
    await settle()
    connection.data_received(bytes(size // 2) + HEAD)
    await settle()
    assert b"200 OK" in wire.written
    connection.data_received(b"\r\n")
    await settle()
    assert wire.written.count(b"200 OK") == 2
    assert not wire.is_closing()
