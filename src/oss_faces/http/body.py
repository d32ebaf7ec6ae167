"""The request's body: bounded in size and in time, and never left half read on a connection that is used again."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from starlette.types import Message, Receive, Send

from oss_faces.errors import EntityTooLarge, IncompleteBody
from oss_faces.values import WireRequest

Result = TypeVar("Result")

# An unread body up to this size is read and dropped, so that the client gets its answer and keeps its connection.
DRAIN_BYTES_MAX: Final = 8 * 1024 * 1024


class ClientGone(Exception):  # noqa: N818  (an event, not an error of ours)
    """The client closed the connection before the request was complete."""


class RequestBody:
    """Reads a body once. `is_finished` tells whether the connection can be used again."""

    def __init__(self, request: WireRequest, receive: Receive, idle_s: float) -> None:
        self._receive = receive
        self._idle_s = idle_s
        self._announced = request.header("content-length")
        self._waits_for_continue = "100-continue" in (request.header("expect") or "").lower()
        self._begun = False
        self._has_stalled = False
        self.is_finished = not announces_body(request)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give the body as it comes.

        Raises:
            ClientGone: the connection broke.
            IncompleteBody: nothing came for too long.
        """
        while not self.is_finished:
            self._begun = True
            try:
                async with asyncio.timeout(self._idle_s):
                    message = await self._receive()
            except TimeoutError as exc:
                self._has_stalled = True
                raise IncompleteBody from exc
            if message["type"] == "http.disconnect":
                raise ClientGone
            self.is_finished = not message.get("more_body", False)
            if piece := message.get("body", b""):
                yield piece

    async def read(self, size_bytes_max: int) -> bytes:
        """Read a small body whole.

        Raises:
            EntityTooLarge: it is longer than that.
        """
        parts: list[bytes] = []
        size = 0
        async for piece in self.pieces():
            size += len(piece)
            if size > size_bytes_max:
                raise EntityTooLarge
            parts.append(piece)
        return b"".join(parts)

    def abandon(self) -> None:
        """Read nothing more, whatever is still to come."""
        self._has_stalled = True

    async def drain(self) -> bool:
        """Read and drop what is left, within `idle_s` in all; return whether the connection can be used again."""
        if self.is_finished:
            return True
        if self._has_stalled or (self._waits_for_continue and not self._begun):
            return False
        if self._announced is not None and not _is_up_to(self._announced, DRAIN_BYTES_MAX):
            return False
        size = 0
        try:
            async with asyncio.timeout(self._idle_s):
                async for piece in self.pieces():
                    size += len(piece)
                    if size > DRAIN_BYTES_MAX:
                        return False
        except (ClientGone, IncompleteBody, TimeoutError, asyncio.CancelledError):
            # Cancelled by the end of the server: the answer, which is ready, can still go out.
            return False
        return True

    async def unless_gone(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do work that only the client's answer is made of; stop it when the client leaves.

        Raises:
            ClientGone: the client left before the work was done.
        """
        if not self.is_finished:
            return await work
        doing, gone = asyncio.create_task(work), asyncio.create_task(self._wait_for_departure())
        try:
            await asyncio.wait([doing, gone], return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise ClientGone
        finally:
            doing.cancel()
            gone.cancel()
            await asyncio.wait([doing, gone])

    @asynccontextmanager
    async def guard(self, send: Send) -> AsyncIterator[Send]:
        """Give a `send` that raises ClientGone once the client has left, so that nothing is read for nobody."""
        if not self.is_finished:
            yield send
            return
        gone = asyncio.create_task(self._wait_for_departure())

        async def guarded(message: Message) -> None:
            if gone.done():
                raise ClientGone
            await send(message)
            if gone.done():
                # It left while the connection waited for it to read; the message went nowhere.
                raise ClientGone

        try:
            yield guarded
        finally:
            gone.cancel()
            await asyncio.wait([gone])

    async def _wait_for_departure(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


def announces_body(request: WireRequest) -> bool:
    """Tell whether a body follows the head: RFC 9112 section 6.3."""
    return request.header("content-length") not in (None, "0") or request.header("transfer-encoding") is not None


def _is_up_to(text: str, limit: int) -> bool:
    """Tell whether a Content-Length is a number, and none above the limit."""
    return text.isascii() and text.isdigit() and len(text) <= 18 and int(text) <= limit
