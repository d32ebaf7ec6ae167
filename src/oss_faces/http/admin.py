"""The admin address: metrics, health and the console, for whoever runs the server.

Nothing here needs a key, or tells a secret: what the console shows, it asks the main port for, with its user's key.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from oss_faces.http.readiness import OK, Readiness, is_ready
from oss_faces.metering import ServerMetrics

_NOT_STORED: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Admin:
    """The application behind the admin address. `console`: the routes of the console, see `http/console.py`."""

    def __init__(self, metrics: ServerMetrics, readiness: Readiness, console: Sequence[BaseRoute] = ()) -> None:
        self._metrics = metrics
        self._readiness = readiness
        self.app = Starlette(
            routes=[
                Route("/metrics", self._show_metrics),
                Route("/healthz", self._show_life),
                Route("/readyz", self._show_readiness),
                *console,
            ]
        )

    async def _show_metrics(self, _request: Request) -> Response:
        body, content_type = self._metrics.render()
        return Response(body, headers={**_NOT_STORED, "Content-Type": content_type})

    async def _show_life(self, _request: Request) -> Response:
        return PlainTextResponse(OK, headers=_NOT_STORED)

    async def _show_readiness(self, _request: Request) -> Response:
        found = await self._readiness.findings()
        status = HTTPStatus.OK if is_ready(found) else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"ready": is_ready(found), "checks": found}, status, _NOT_STORED)
