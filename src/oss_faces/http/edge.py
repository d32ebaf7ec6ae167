"""The ASGI application: raw request in, authenticated call to a handler, answer or documented error out.

It uses the raw request target and the headers as they came; no framework decodes, collapses or redirects a path here,
since the signature covers the bytes on the wire.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import structlog
from starlette.types import Receive, Scope, Send

from oss_faces.errors import DeadlineExceeded, NotModified, OssFacesError, RequestError
from oss_faces.http.answers import Answer, StreamedObject, send_object, send_response
from oss_faces.http.body import ClientGone, RequestBody
from oss_faces.http.service import Service
from oss_faces.rendering.headers import Headers
from oss_faces.values import Address, Principal, WireRequest

_SERVER: Final = ("Server", "AliyunOSS")


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
        oss: Service,
        *,
        body_idle_s: float,
        monotonic: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._oss = oss
        self._body_idle_s = body_idle_s
        self._monotonic = monotonic
        self._log = structlog.get_logger("oss_faces.http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        assert scope["type"] == "http", "the server is set up for HTTP only"
        started = self._monotonic()
        request = wire_request(scope)
        body = RequestBody(request, receive, self._body_idle_s)
        service = self._oss
        request_id = service.new_request_id()
        try:
            answer, seen, error = await self._answer(service, request, body, request_id)
            is_reusable = await body.drain()
        except ClientGone:
            self._log.info("client_gone", request_id=request_id, method=request.method)
            return
        is_reusable = is_reusable and _wants_to_stay(request, scope["http_version"])
        connection = ("Connection", "keep-alive" if is_reusable else "close")
        common: Headers = (_SERVER, connection, *service.headers(request_id, self._elapsed_ms(started)))
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
        self, service: Service, request: WireRequest, body: RequestBody, request_id: str
    ) -> tuple[Answer, _Seen, OssFacesError | None]:
        """Authenticate, find the task, run it; every error becomes its documented answer."""
        seen = _Seen(request_id, "", Principal(), Address())
        try:
            caller = await service.authenticate(request, body, request_id)
            seen = replace(seen, principal=caller.principal, address=caller.address)
            task = caller.find_task()
            seen = replace(seen, action=task.action, address=task.address)
            return await task.run(), seen, None
        except ClientGone:
            raise
        except OssFacesError as exc:
            return service.error_answer(request, exc, request_id), seen, exc
        except asyncio.CancelledError:
            body.abandon()
            stopped = _stopped()
            return service.error_answer(request, stopped, request_id), seen, stopped
        except Exception as exc:  # noqa: BLE001  (the boundary: logged here, answered as 500)
            self._log.exception("unforeseen", request_id=request_id, action=seen.action)
            error = OssFacesError(context={"unforeseen": type(exc).__name__})
            return service.error_answer(request, error, request_id), seen, error

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
