"""One connection of a client, with the limits that the server library lacks.

Without them a client could fill the memory with a head that never ends, and hold a connection for ever by sending
nothing, by sending half a request, or by not reading its answer.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# The longest known head has a security token of about 2 KiB, 8 KiB of user metadata and a key of 3 KiB.
HEAD_BYTES_MAX: Final = 128 * 1024
HEADERS_MAX: Final = 512


class _Alarm:
    """Breaks a connection off unless it is stopped in time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, after_s: float, break_off: Callable[[], None]) -> None:
        self._loop = loop
        self._after_s = after_s
        self._break_off = break_off
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Let the time run; it goes on when it runs already."""
        if self._timer is None:
            self._timer = self._loop.call_later(self._after_s, self._ring)

    def stop(self) -> None:
        """End the time that runs, if any."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        self._break_off()


class BoundedConnection(HttpToolsProtocol):
    """HTTP/1.1 as the server library speaks it, with limits. Its keep-alive timeout is the limit of each wait.

    The size is counted over all bytes that neither end a head nor belong to a body, so it holds for trailers and the
    extensions of chunks as well. What came in the same read of the socket as the end of the last thing is not counted.
    """

    _uncounted_bytes = 0
    _head_alarm: _Alarm
    _reading_alarm: _Alarm

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the library has it
        """Expect a request."""
        super().connection_made(transport)
        self._head_alarm = _Alarm(self.loop, self.timeout_keep_alive, self._head_is_late)
        # `close` would wait until the client has read what is still to be sent.
        self._reading_alarm = _Alarm(self.loop, self.timeout_keep_alive, transport.abort)
        self._head_alarm.start()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._head_alarm.stop()
        self._reading_alarm.stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, and refuse what does not come to an end."""
        self._uncounted_bytes += len(data)
        super().data_received(data)
        if self._uncounted_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")
        if not self._is_answering():
            # Line feeds before a request end the keep-alive time, but they begin no head.
            self._head_alarm.start()

    def on_message_begin(self) -> None:
        """Expect the rest of the head, also of a request on a connection that is used again."""
        self._uncounted_bytes = 0
        self._head_alarm.start()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header or trailer; an error here is an invalid request to the library."""
        if len(self.headers) >= HEADERS_MAX:
            raise ValueError("too many headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Leave the rest of the request to its own limits."""
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES_MAX:
            raise ValueError("the head is too large")
        self._uncounted_bytes = 0
        self._head_alarm.stop()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Hand a piece of the body over."""
        self._uncounted_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the body."""
        self._uncounted_bytes = 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Wait for a client that does not read, but not for ever."""
        self._reading_alarm.start()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Go on: the client reads."""
        self._reading_alarm.stop()
        super().resume_writing()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _head_is_late(self) -> None:
        if self._is_answering():
            # A second request that hangs behind the first must not cut off the answer to that.
            self._head_alarm.start()
        else:
            self.transport.abort()
