"""What a handler returns, and how it goes onto the connection."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from starlette.types import Send

from oss_faces.http.body import RequestBody
from oss_faces.operations import OpenedObject
from oss_faces.rendering.headers import XML_TYPE, Headers
from oss_faces.values import WireResponse

# What RFC 9110 section 5.5 forbids in a field value; the server would break off the answer.
_CONTROL: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class StreamedObject:
    """An object on its way out: status and headers, and the open content, closed when sent."""

    status: int
    headers: Headers
    opened: OpenedObject


Answer = WireResponse | StreamedObject

# Told the status and the number of body bytes when all of an answer but its last piece is out.
Count = Callable[[int, int], Awaitable[None]]


def xml(document: bytes) -> WireResponse:
    """Answer 200 with an XML document."""
    return WireResponse(200, (("Content-Type", XML_TYPE),), document)


def empty(status: int = 200, headers: Headers = ()) -> WireResponse:
    """Answer without a body."""
    return WireResponse(status, headers)


class Outgoing:
    """The way out of one answer. The last piece of it leaves only when the request is counted.

    Attributes:
        count: replace it when another answer goes instead.
        has_begun: whether the status is out.
        is_counted: whether `count` has done its work.
        bytes_taken: of the body, that the connection took. A piece is on its way, and not among them, until the server
            library has accepted the next one, for which it waits until the client reads.
    """

    def __init__(self, send: Send, count: Count) -> None:
        self.send = send
        self.count = count
        self.has_begun = False
        self.is_counted = False
        self.bytes_taken = 0

    async def deliver(self, status: int, headers: Headers, pieces: AsyncIterator[bytes], send: Send) -> None:
        """Send an answer.

        Raises:
            MeteringUnavailable: it was not counted, and is not complete; when `has_begun` is false, nothing is out.
        """
        held, on_its_way = await anext(pieces, b""), 0
        async for piece in pieces:
            if not self.has_begun:
                await self._begin(status, headers, send)
            await send({"type": "http.response.body", "body": held, "more_body": True})
            self.bytes_taken += on_its_way
            held, on_its_way = piece, len(held)
        await self.count(status, self.bytes_taken + on_its_way + len(held))
        self.is_counted = True
        if not self.has_begun:
            await self._begin(status, headers, send)
        await send({"type": "http.response.body", "body": held})
        self.bytes_taken += on_its_way + len(held)

    async def _begin(self, status: int, headers: Headers, send: Send) -> None:
        self.has_begun = True
        await _send_head(status, headers, send)


async def send_object(answer: StreamedObject, extra: Headers, body: RequestBody, way: Outgoing) -> None:
    """Send an object piece by piece and close it. `extra` as below.

    Raises:
        ClientGone: the client left; the rest was not read.
        StorageUnavailable: the object cannot be read to its end; the answer is incomplete.
        MeteringUnavailable: see `Outgoing.deliver`.
    """
    headers = (*extra, *answer.headers, *_length(answer.opened.size_bytes))
    async with answer.opened.content, body.guard(way.send) as guarded:
        await way.deliver(answer.status, headers, answer.opened.content.chunks(answer.opened.byte_range), guarded)


async def send_response(answer: WireResponse, extra: Headers, way: Outgoing, *, body_wanted: bool) -> None:
    """Send an answer that is there whole.

    Args:
        extra: headers that every answer carries.
        body_wanted: false for HEAD, which gets the headers of the body that it does not get.

    Raises:
        MeteringUnavailable: see `Outgoing.deliver`.
    """
    has_length = any(name.lower() == "content-length" for name, _ in answer.headers)
    bodiless = answer.status in (204, 304) or has_length
    length = () if bodiless else _length(len(answer.body))
    headers = (*extra, *answer.headers, *length)
    await way.deliver(answer.status, headers, _whole(answer.body if body_wanted else b""), way.send)


async def send_uncounted(answer: WireResponse, extra: Headers, send: Send, *, body_wanted: bool) -> int:
    """Send an error that is counted for nobody; return the length of what was sent of its body. The rest as above."""
    body = answer.body if body_wanted else b""
    await _send_head(answer.status, (*extra, *answer.headers, *_length(len(answer.body))), send)
    await send({"type": "http.response.body", "body": body})
    return len(body)


async def _send_head(status: int, headers: Headers, send: Send) -> None:
    raw = [(name.lower().encode("latin-1"), _header_bytes(value)) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def _whole(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _header_bytes(value: str) -> bytes:
    """Header values came in as latin-1 text and go out the same; line breaks and other controls never do."""
    if value.isascii() and value.isprintable():
        return value.encode()
    return _CONTROL.sub(" ", value).encode("latin-1", "replace")


def _length(size_bytes: int) -> Headers:
    return (("Content-Length", str(size_bytes)),)
