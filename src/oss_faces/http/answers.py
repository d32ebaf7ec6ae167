"""What a handler returns, and how it goes onto the connection."""

import re
from collections.abc import AsyncIterator
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


def xml(document: bytes) -> WireResponse:
    """Answer 200 with an XML document."""
    return WireResponse(200, (("Content-Type", XML_TYPE),), document)


def empty(status: int = 200, headers: Headers = ()) -> WireResponse:
    """Answer without a body."""
    return WireResponse(status, headers)


async def send_object(answer: StreamedObject, extra: Headers, body: RequestBody, send: Send) -> int:
    """Send an object piece by piece and close it; return how many body bytes went out. `extra` as below.

    Raises:
        ClientGone: the client left; the rest was not read.
        StorageUnavailable: the object cannot be read to its end; the answer is incomplete.
    """
    async with answer.opened.content, body.guard(send) as guarded:
        await _send_head(guarded, answer.status, (*extra, *answer.headers, *_length(answer.opened.size_bytes)))
        return await _send_pieces(answer.opened.content.chunks(answer.opened.byte_range), guarded)


async def send_response(answer: WireResponse, extra: Headers, send: Send, *, body_wanted: bool) -> int:
    """Send an answer that is there whole; return how many body bytes went out.

    Args:
        extra: headers that every answer carries.
        body_wanted: false for HEAD, which gets the headers of the body that it does not get.
    """
    has_length = any(name.lower() == "content-length" for name, _ in answer.headers)
    bodiless = answer.status in (204, 304) or has_length
    length = () if bodiless else _length(len(answer.body))
    await _send_head(send, answer.status, (*extra, *answer.headers, *length))
    body = answer.body if body_wanted else b""
    await send({"type": "http.response.body", "body": body})
    return len(body)


async def _send_head(send: Send, status: int, headers: Headers) -> None:
    raw = [(name.lower().encode("latin-1"), _header_bytes(value)) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def _send_pieces(pieces: AsyncIterator[bytes], send: Send) -> int:
    sent = 0
    async for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        sent += len(piece)
    await send({"type": "http.response.body", "body": b""})
    return sent


def _header_bytes(value: str) -> bytes:
    """Header values came in as latin-1 text and go out the same; line breaks and other controls never do."""
    return _CONTROL.sub(" ", value).encode("latin-1", "replace")


def _length(size_bytes: int) -> Headers:
    return (("Content-Length", str(size_bytes)),)
