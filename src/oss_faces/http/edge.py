"""The ASGI application: raw request in, authenticated call to a handler, answer or documented error out.

It uses the raw request target and the headers as they came; no framework decodes, collapses or redirects a path here,
since the signature covers the bytes on the wire.

Two services share the port. `Services.of` is the one place that tells them apart.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import structlog
from starlette.types import Receive, Scope, Send

from oss_faces.errors import (
    DeadlineExceeded,
    MeteringUnavailable,
    NotModified,
    OssFacesError,
    RequestError,
)
from oss_faces.http.answers import Answer, Outgoing, StreamedObject, send_object, send_response, send_uncounted
from oss_faces.http.body import ClientGone, RequestBody
from oss_faces.http.cross_origin import Services
from oss_faces.http.service import Service
from oss_faces.metering import Meter, Observation, ServerMetrics, Use
from oss_faces.rendering.headers import Headers
from oss_faces.values import Address, Principal, WireRequest, WireResponse, Work
from oss_faces.workers import Door

_SERVER: Final = ("Server", "AliyunOSS")
# An answer that our own fault broke off is no success, whatever status it began with.
_BROKEN_OFF: Final = 500
# After so long what was refused is logged: longer than a first crowd takes, shorter than the server takes to stop.
_AFTER_A_CROWD_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known about a request when it is counted and logged. Never the query: it can hold a signature."""

    request_id: str
    action: str
    operation: str
    principal: Principal
    address: Address


@dataclass(frozen=True, slots=True)
class _Arrival:
    """One request on its way in; `started` by the edge's clock."""

    service: Service
    request: WireRequest
    body: RequestBody
    request_id: str
    http_version: str
    started: float


@dataclass(frozen=True, slots=True)
class _Exchange:
    """One request on its way back."""

    service: Service
    request: WireRequest
    body: RequestBody
    common: Headers
    seen: _Seen


class Edge:
    """The whole HTTP surface of the main port.

    Every answer ends in one of three lines of the log, and is counted before its last piece leaves. Those at the door
    are in the metrics only, since it is not known for whom they would count.

    Args:
        door: through which requests for work on pictures come in.
    """

    def __init__(
        self,
        services: Services,
        door: Door,
        meter: Meter,
        metrics: ServerMetrics,
        *,
        body_idle_s: float,
        monotonic: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._services = services
        self._door = door
        self._meter = meter
        self._metrics = metrics
        self._body_idle_s = body_idle_s
        self._monotonic = monotonic
        self._log = structlog.get_logger("oss_faces.http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        assert scope["type"] == "http", "the server is set up for HTTP only"
        started = self._monotonic()
        request = wire_request(scope)
        body = RequestBody(request, receive, self._body_idle_s)
        service = self._services.of(request)
        came = _Arrival(service, request, body, service.new_request_id(), scope["http_version"], started)
        if not service.wants_picture_work(request):
            await self._serve(came, send, _nothing)
        elif not await self._may_enter(came):
            await self._turn_away(came, send)
        else:
            await self._serve(came, send, self._door.leave)

    async def _may_enter(self, came: _Arrival) -> bool:
        try:
            return await self._door.enter(partial(came.service.may_need_no_worker, came.request))
        except asyncio.CancelledError:
            # The server stops: whoever waits is sent away like those who find it full.
            return False

    async def _turn_away(self, came: _Arrival, send: Send) -> None:
        """Refuse a request of which nothing is known, by a short way: there are many, and each waits for the others."""
        request, error = came.request, self._door.refusal()
        answer = came.service.error_answer(request, error, came.request_id)
        common = self._common(came, is_reusable=await came.body.drain())
        bytes_out = await send_uncounted(answer, common, send, body_wanted=request.method != "HEAD")
        seconds = self._monotonic() - came.started
        self._metrics.observe_refusal_at_door(answer.status, bytes_out, seconds)
        facts = _facts(request, _unseen(came), answer, error)
        tell = partial(self._log.error, "request", **facts, bytes_out=bytes_out, ms=round(seconds * 1e3, 3))
        # Nobody waits for that, but the others of a crowd wait for this event loop.
        asyncio.get_running_loop().call_later(_AFTER_A_CROWD_S, tell)

    async def _serve(self, came: _Arrival, send: Send, leave: Callable[[], None]) -> None:
        """Look at a request, and answer it.

        Args:
            leave: called when it was looked at.
        """
        service, request, body, started = came.service, came.request, came.body, came.started
        try:
            answer, seen, error = await self._answer(came, leave)
            is_reusable = await body.drain()
        except ClientGone:
            self._metrics.observe_departure()
            self._log.info("client_gone", request_id=came.request_id, method=request.method)
            return
        common = self._common(came, is_reusable=is_reusable)
        exchange = _Exchange(service, request, body, common, seen)
        way = Outgoing(send, partial(self._count, exchange, answer))
        try:
            answer, error = await self._deliver(exchange, answer, error, way)
        except ClientGone:
            await self._count_the_taken(exchange, answer.status, answer, way)
            self._observe(seen, answer, answer.status, way.bytes_taken, started)
            self._log.info("client_gone", **_facts(request, seen, answer, None), ms=self._elapsed_ms(started))
            return
        except (OssFacesError, asyncio.CancelledError) as exc:
            # The status is out already; a connection that breaks is the only way left to tell the client.
            await self._count_the_taken(exchange, _BROKEN_OFF, answer, way)
            self._observe(seen, answer, _BROKEN_OFF, way.bytes_taken, started)
            facts = _facts(request, seen, answer, exc if isinstance(exc, OssFacesError) else _stopped())
            self._log.error("broken_off", **facts, ms=self._elapsed_ms(started))
            return
        self._observe(seen, answer, answer.status, way.bytes_taken, started)
        facts = _facts(request, seen, answer, error)
        is_fault = error is not None and not isinstance(error, RequestError) and answer.status >= 500
        log = self._log.error if is_fault else self._log.info
        log("request", **facts, bytes_out=way.bytes_taken, ms=self._elapsed_ms(started))

    async def _answer(self, came: _Arrival, leave: Callable[[], None]) -> tuple[Answer, _Seen, OssFacesError | None]:
        """Authenticate, find the task, run it; every error becomes its documented answer."""
        service, request, body, seen = came.service, came.request, came.body, _unseen(came)
        try:
            caller = await service.authenticate(request, body, came.request_id)
            seen = replace(seen, principal=caller.principal, address=caller.address)
            task = caller.find_task()
            seen = replace(seen, action=task.action, operation=task.operation, address=task.address)
            return await task.run(), seen, None
        except ClientGone:
            raise
        except OssFacesError as exc:
            return service.error_answer(request, exc, came.request_id), seen, exc
        except asyncio.CancelledError:
            body.abandon()
            stopped = _stopped()
            return service.error_answer(request, stopped, came.request_id), seen, stopped
        except Exception as exc:  # noqa: BLE001  (the boundary: logged here, answered as 500)
            self._log.exception("unforeseen", request_id=came.request_id, action=seen.action)
            error = OssFacesError(context={"unforeseen": type(exc).__name__})
            return service.error_answer(request, error, came.request_id), seen, error
        finally:
            leave()

    def _common(self, came: _Arrival, *, is_reusable: bool) -> Headers:
        """Give the headers of every answer."""
        stays = is_reusable and _wants_to_stay(came.request, came.http_version)
        told = came.service.headers(came.request_id, self._elapsed_ms(came.started))
        connection = ("Connection", "keep-alive" if stays else "close")
        return (_SERVER, connection, *told, *self._services.origins.headers(came.request))

    async def _deliver(
        self, exchange: _Exchange, answer: Answer, error: OssFacesError | None, way: Outgoing
    ) -> tuple[Answer, OssFacesError | None]:
        """Send the answer, or the error that comes up before any of it is out; return which of them went."""
        try:
            if isinstance(answer, StreamedObject):
                await send_object(answer, exchange.common, exchange.body, way)
            else:
                await send_response(answer, exchange.common, way, body_wanted=exchange.request.method != "HEAD")
        except OssFacesError as exc:
            if way.has_begun:
                raise
            instead = exchange.service.error_answer(exchange.request, exc, exchange.seen.request_id)
            uncounted = isinstance(exc, MeteringUnavailable)
            way.count = _count_nothing if uncounted else partial(self._count, exchange, instead)
            await send_response(instead, exchange.common, way, body_wanted=exchange.request.method != "HEAD")
            return instead, exc
        return answer, error

    async def _count(self, exchange: _Exchange, answer: Answer, status: int, bytes_out: int) -> None:
        seen, work = exchange.seen, _work(answer, bytes_out)
        payer = seen.principal.parent_id or seen.principal.access_key_id
        use = Use(payer, seen.address.bucket, seen.operation, status, bytes_out, work)
        await self._meter.record(use)

    async def _count_the_taken(self, exchange: _Exchange, status: int, answer: Answer, way: Outgoing) -> None:
        """Count an answer that did not come to its end by what the client took of it."""
        if way.is_counted:
            return
        try:
            await self._count(exchange, answer, status, way.bytes_taken)
        except MeteringUnavailable:
            self._log.error("not_counted", request_id=exchange.seen.request_id)

    def _observe(self, seen: _Seen, answer: Answer, status: int, bytes_out: int, started: float) -> None:
        seconds = self._monotonic() - started
        self._metrics.observe(Observation(seen.operation, status, bytes_out, seconds, _work(answer, bytes_out)))

    def _elapsed_ms(self, started: float) -> float:
        return round((self._monotonic() - started) * 1e3, 3)


def _work(answer: Answer, bytes_out: int) -> Work:
    """Tell what an answer took: its handler says so, and an object is read as it is sent."""
    return answer.work if isinstance(answer, WireResponse) else Work(source_bytes=bytes_out)


async def _count_nothing(_status: int, _bytes_out: int) -> None:
    """Let an answer go that cannot be counted."""


def _nothing() -> None:
    """Do nothing: the request did not come through the door."""


def _unseen(came: _Arrival) -> _Seen:
    return _Seen(came.request_id, "", "", Principal(), Address())


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
