"""The ASGI application: raw request in, authenticated call to a handler, answer or documented error out.

It uses the raw request target and the headers as they came; no framework decodes, collapses or redirects a path here,
since the signature covers the bytes on the wire.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from starlette.types import Receive, Scope, Send

from oss_faces.access import Authenticator
from oss_faces.errors import DeadlineExceeded, NotModified, OssFacesError, RequestError
from oss_faces.http.answers import Answer, StreamedObject, send_object, send_response
from oss_faces.http.body import ClientGone, RequestBody
from oss_faces.http.call import Call
from oss_faces.protocol import Action, parse_query, resolve_action
from oss_faces.rendering.documents import error_document, error_header
from oss_faces.rendering.headers import XML_TYPE, Headers
from oss_faces.values import Address, Principal, WireRequest, WireResponse

Handler = Callable[[Call], Awaitable[Answer]]

_SERVER: Final = ("Server", "AliyunOSS")


def new_header_request_id() -> str:
    """Make an `x-oss-request-id`: 24 upper-case hexadecimal digits."""
    return secrets.token_hex(12).upper()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known about a request when its log line is written. Never the query: it can hold a signature."""

    request_id: str
    action: str
    principal: Principal
    address: Address


class Edge:
    """The whole HTTP surface of the main port."""

    def __init__(
        self,
        authenticator: Authenticator,
        handlers: Mapping[Action, Handler],
        *,
        body_idle_s: float,
        new_request_id: Callable[[], str] = new_header_request_id,
        monotonic: Callable[[], float] = time.perf_counter,
    ) -> None:
        missing = set(Action) - set(handlers)
        assert not missing, f"actions without a handler: {missing}"
        self._authenticator = authenticator
        self._handlers = handlers
        self._body_idle_s = body_idle_s
        self._new_request_id = new_request_id
        self._monotonic = monotonic
        self._log = structlog.get_logger("oss_faces.http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        assert scope["type"] == "http", "the server is set up for HTTP only"
        started = self._monotonic()
        request = wire_request(scope)
        body = RequestBody(request, receive, self._body_idle_s)
        request_id = self._new_request_id()
        try:
            answer, seen, error = await self._answer(request, body, request_id)
            is_reusable = await body.drain()
        except ClientGone:
            self._log.info("client_gone", request_id=request_id, method=request.method)
            return
        is_reusable = is_reusable and _wants_to_stay(request, scope["http_version"])
        common = self._common_headers(request_id, self._elapsed_ms(started), is_reusable=is_reusable)
        try:
            if isinstance(answer, StreamedObject):
                sent = await send_object(answer, common, body, send)
            else:
                sent = await send_response(answer, common, send, body_wanted=request.method != "HEAD")
        except ClientGone:
            self._log.info("client_gone", **_facts(request, seen, answer, None), ms=self._elapsed_ms(started))
            return
        except (OssFacesError, asyncio.CancelledError) as exc:
            # The status is out already; a connection that breaks is the only way left to tell the client.
            facts = _facts(request, seen, answer, exc if isinstance(exc, OssFacesError) else _stopped())
            self._log.error("broken_off", **facts, ms=self._elapsed_ms(started))
            return
        facts = _facts(request, seen, answer, error)
        is_fault = error is not None and not isinstance(error, RequestError) and answer.status >= 500
        log = self._log.error if is_fault else self._log.info
        log("request", **facts, bytes_out=sent, ms=self._elapsed_ms(started))

    async def _answer(
        self, request: WireRequest, body: RequestBody, request_id: str
    ) -> tuple[Answer, _Seen, OssFacesError | None]:
        """Authenticate, find the handler, run it; every error becomes its documented answer."""
        seen = _Seen(request_id, "", Principal(), Address())
        try:
            authenticated = self._authenticator.authenticate(request)
            principal, address = authenticated.principal, authenticated.address
            seen = _Seen(request_id, "", principal, address)
            action = resolve_action(request, address)
            seen = _Seen(request_id, action.name.lower(), principal, address)
            call = Call(request, principal, address, parse_query(request.query), body)
            return await self._handlers[action](call), seen, None
        except ClientGone:
            raise
        except OssFacesError as exc:
            return self._error_answer(request, exc, request_id), seen, exc
        except asyncio.CancelledError:
            body.abandon()
            stopped = _stopped()
            return self._error_answer(request, stopped, request_id), seen, stopped
        except Exception as exc:  # noqa: BLE001  (the boundary: logged here, answered as 500)
            self._log.exception("unforeseen", request_id=request_id, action=seen.action)
            error = OssFacesError(context={"unforeseen": type(exc).__name__})
            return self._error_answer(request, error, request_id), seen, error

    def _error_answer(self, request: WireRequest, error: OssFacesError, request_id: str) -> WireResponse:
        if isinstance(error, NotModified):
            return WireResponse(304, (("ETag", f'"{error.details["ETag"]}"'),))
        document = error_document(error, request_id, request.header("host") or "")
        headers: Headers = (("Content-Type", XML_TYPE), ("x-oss-ec", error.ec_value))
        if error.retryable:
            headers = (*headers, ("Retry-After", "1"))
        if request.method == "HEAD":
            return WireResponse(error.http_status, (*headers, ("x-oss-err", error_header(document))))
        return WireResponse(error.http_status, headers, document)

    def _common_headers(self, request_id: str, elapsed_ms: float, *, is_reusable: bool) -> Headers:
        connection = ("Connection", "keep-alive" if is_reusable else "close")
        server_time = ("x-oss-server-time", str(round(elapsed_ms)))
        return (_SERVER, connection, ("x-oss-request-id", request_id), server_time)

    def _elapsed_ms(self, started: float) -> float:
        return round((self._monotonic() - started) * 1e3, 3)


def _stopped() -> OssFacesError:
    """Say why a request was cancelled: only the end of the server does that, when its grace is over."""
    return DeadlineExceeded(context={"reason": "the server stopped"})


def _facts(request: WireRequest, seen: _Seen, answer: Answer, error: OssFacesError | None) -> dict[str, object]:
    """Collect what a log line says about a request."""
    facts: dict[str, object] = {
        "request_id": seen.request_id,
        "method": request.method,
        "action": seen.action,
        "bucket": seen.address.bucket,
        "key": seen.address.key,
        "access_key_id": seen.principal.access_key_id,
        "status": answer.status,
    }
    if error is None or isinstance(error, NotModified):
        return facts
    return {**error.context, **facts, "code": error.code, "ec": error.ec_value}


def _wants_to_stay(request: WireRequest, http_version: str) -> bool:
    """Tell whether the client leaves the connection open: RFC 9112 section 9.3, without the extension of HTTP/1.0."""
    options = {option.strip().lower() for option in (request.header("connection") or "").split(",")}
    return http_version != "1.0" and "close" not in options


def wire_request(scope: Scope) -> WireRequest:
    """Take the raw target and headers out of an ASGI scope. Header names are lower case by the ASGI rules."""
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    path = scope["raw_path"].decode("latin-1").partition("?")[0]
    return WireRequest(scope["method"].upper(), path, scope["query_string"].decode("latin-1"), headers)
