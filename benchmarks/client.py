"""A client that costs little, for it shares the processors with the server: `python -m benchmarks.client`.

It sends requests that were written and signed before, over kept connections, and tells what became of each. A
question names `plan` (see `Plan`), `connections`, `seconds`, `requests_max` and `first`, the place in the plan to begin
at; `honours_retry` makes a connection that was refused wait as long as the answer says, at most `RETRY_S_MAX`.
"""

import asyncio
import base64
import itertools
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Self

import httptools
import uvloop

from benchmarks.lines import Answer, Question, answer_lines

ANSWER_S_MAX: Final = 60.0
RETRY_S_MAX: Final = 3.0
_EARLY_BYTES_MAX: Final = 64 * 1024
"""So much is taken from whoever connects without a wait."""
_FACE: Final = b'"FigureId"'
_BUSY: Final = b"<Message>The server is busy."
# httptools has no types.
_HTTP: Any = httptools


@dataclass(frozen=True, slots=True)
class Plan:
    """Requests in the order in which they are sent, again and again.

    Attributes:
        host, port: where to.
        wires: whole requests, as they go over the wire.
    """

    host: str
    port: int
    wires: tuple[bytes, ...]

    def write(self, path: Path) -> None:
        """Keep it in a file."""
        wires = [base64.b64encode(wire).decode() for wire in self.wires]
        path.write_text(json.dumps({"host": self.host, "port": self.port, "wires": wires}), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read it back."""
        told = json.loads(path.read_text(encoding="utf-8"))
        return cls(told["host"], told["port"], tuple(base64.b64decode(wire) for wire in told["wires"]))


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one request.

    Attributes:
        place: which of the plan.
        began_s: since the question.
        elapsed_s: from the first byte sent to the last received, connecting included; not the time in which others of
            this process connected before.
        status: of HTTP; 0 when there was no answer.
        faces: figures in the answer.
        connected: whether a connection had to be opened for it.
        refused: whether the answer says that the server is too busy, which no other fault of a server does.
    """

    place: int
    began_s: float
    elapsed_s: float
    status: int
    faces: int
    connected: bool
    refused: bool = False


def main() -> None:
    """Answer questions."""
    answer_lines({"client": "ready"}, _answer)


def _answer(question: Question) -> Answer:
    plan = Plan.read(Path(question["plan"]))
    cpu_started, started = time.process_time(), time.perf_counter()
    answers = uvloop.run(_send(plan, question))
    elapsed_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu_started
    return {"answers": [asdict(one) for one in answers], "elapsed_s": elapsed_s, "cpu_s": cpu_s}


async def _send(plan: Plan, question: Question) -> list[Answered]:
    """Send from several connections until the time is up or all is sent; what is under way then is waited for."""
    began = time.perf_counter()
    first = question.get("first", 0)
    places = iter(range(first, first + question["requests_max"]))
    answers: list[Answered] = []
    connecting = asyncio.Lock()
    speakers = (
        _Speaker(plan, answers, began, connecting, honours_retry=question.get("honours_retry", False))
        for _ in range(question["connections"])
    )
    async with asyncio.TaskGroup() as group:
        for speaker in speakers:
            group.create_task(speaker.speak(places, began + question["seconds"]))
    return answers


class _Speaker:
    """One connection, and one request at a time on it.

    Args:
        connecting: held while one connects, so that what others are answered is read before the next one does.
    """

    def __init__(
        self, plan: Plan, answers: list[Answered], began: float, connecting: asyncio.Lock, *, honours_retry: bool
    ) -> None:
        self._plan = plan
        self._answers = answers
        self._began = began
        self._connecting = connecting
        self._honours_retry = honours_retry
        self._connection: _Connection | None = None

    async def speak(self, places: Iterator[int], until: float) -> None:
        """Send requests until there are no more or the time is up."""
        for number in itertools.takewhile(lambda _: time.perf_counter() < until, places):
            place = number % len(self._plan.wires)
            connected = self._connection is None
            started, answer = await self._ask(self._plan.wires[place])
            elapsed_s = (answer.ended or time.perf_counter()) - started
            self._answers.append(
                Answered(
                    place, started - self._began, elapsed_s, answer.status, answer.faces, connected, answer.refused
                )
            )
            if self._honours_retry and answer.retry_after_s:
                await asyncio.sleep(min(answer.retry_after_s, RETRY_S_MAX, max(0.0, until - time.perf_counter())))
        if self._connection is not None:
            self._connection.close()

    async def _ask(self, wire: bytes) -> tuple[float, "_Response"]:
        """Send one request over the connection, opened when there is none; tell when, and what came of it."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                if self._connection is None:
                    async with self._connecting:
                        started = time.perf_counter()
                        self._connection = await _Connection.open(self._plan.host, self._plan.port, wire)
                else:
                    self._connection.send(wire)
                response = await self._connection.response()
        except (OSError, TimeoutError):
            response = _Response()
        if not response.is_kept and self._connection is not None:
            self._connection.close()
            self._connection = None
        return started, response


class _Response:
    """One answer, taken from the parser bit by bit. Without any it stands for an answer that never came.

    Attributes:
        ended: when its last byte was there, by the performance counter; 0 before. Many answers come at once, and who
            asked for this one goes on after others.
    """

    def __init__(self, *, has_body: bool = True) -> None:
        self.status = 0
        self.ended = 0.0
        self.faces = 0
        self.refused = False
        self.retry_after_s = 0.0
        self.is_kept = False
        self.is_whole = False
        self.parser: Any = _HTTP.HttpResponseParser(self)
        self._has_body = has_body
        self._body = bytearray()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        if name.lower() == b"retry-after":
            self.retry_after_s = float(value)

    def on_headers_complete(self) -> None:
        """Called by the parser. An answer to HEAD ends here, whatever length it announces."""
        if not self._has_body:
            self.on_message_complete()

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._body += body

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self.status = self.parser.get_status_code()
        self.is_kept = self.parser.should_keep_alive()
        self.faces = self._body.count(_FACE)
        # A proxy, the library beneath the server and every other 503 of ours say something else.
        self.refused = self.status == HTTPStatus.SERVICE_UNAVAILABLE and _BUSY in self._body
        self.is_whole = True


class _Connection(asyncio.Protocol):
    """A connection of which one answer at a time is awaited."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._response = _Response()
        self._done: asyncio.Future[_Response] | None = None

    @classmethod
    async def open(cls, host: str, port: int, wire: bytes) -> Self:
        """Connect, and send a request.

        It goes out before others connect, as from clients that know nothing of each other. With the loop's own means
        all would connect first, and each wait for the others. To connect takes no waiting on one machine.

        Raises:
            OSError: it cannot connect.
        """
        early, late = wire[:_EARLY_BYTES_MAX], wire[_EARLY_BYTES_MAX:]
        connection = cls()
        connection._expect(wire)
        sender = socket.create_connection((host, port), timeout=ANSWER_S_MAX)
        try:
            sender.sendall(early)
            sender.settimeout(0.0)
            await asyncio.get_running_loop().create_connection(lambda: connection, sock=sender)
        except BaseException:
            sender.close()
            raise
        if late:
            connection._write(late)
        return connection

    def send(self, wire: bytes) -> None:
        """Send the next request.

        Raises:
            ConnectionError: the connection has ended.
        """
        self._expect(wire)
        self._write(wire)

    async def response(self) -> _Response:
        """Wait for the whole answer.

        Raises:
            ConnectionError: the connection ended before it.
        """
        assert self._done is not None, "it was asked for"
        return await self._done

    def close(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.abort()

    def _expect(self, wire: bytes) -> None:
        self._done = asyncio.get_running_loop().create_future()
        self._response = _Response(has_body=not wire.startswith(b"HEAD "))

    def _write(self, wire: bytes) -> None:
        assert self._transport is not None, "a request is sent over an open connection"
        if self._transport.is_closing():
            raise ConnectionResetError
        self._transport.write(wire)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write"), "TCP can be written to"
        self._transport = transport  # type: ignore[assignment]  # uvloop's transports inherit from none of asyncio's

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        came = time.perf_counter()
        self._response.parser.feed_data(data)
        if self._response.is_whole and self._done is not None and not self._done.done():
            self._response.ended = came
            self._done.set_result(self._response)

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the loop."""
        if self._done is not None and not self._done.done():
            self._done.set_exception(error if isinstance(error, OSError) else ConnectionResetError())


if __name__ == "__main__":
    main()
