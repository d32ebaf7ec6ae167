"""The admin address: metrics and health, for whoever runs the server. Nothing here needs a key, or tells a secret.

Paths other than these three are free for the console.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from oss_faces.errors import OssFacesError
from oss_faces.metering import ServerMetrics

Check = Callable[[], Awaitable[None]]

_CHECK_S: Final = 5.0
_NOT_STORED: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_OK: Final = "ok"


class Admin:
    """The application behind the admin address.

    Ready means that the server should get requests: it has begun, it is not ending, and every check passes. One look
    at a time, whoever asks; a check that takes too long has failed.

    Attributes:
        is_serving: set and cleared by who starts and stops the server.
    """

    def __init__(self, metrics: ServerMetrics, checks: Mapping[str, Check], check_s: float = _CHECK_S) -> None:
        self._metrics = metrics
        self._checks = checks
        self._check_s = check_s
        self._looking = asyncio.Lock()
        self.is_serving = False
        self.app = Starlette(
            routes=[
                Route("/metrics", self._show_metrics),
                Route("/healthz", self._show_life),
                Route("/readyz", self._show_readiness),
            ]
        )

    async def findings(self) -> dict[str, str]:
        """Say `ok`, or what is wrong, for each point; never why, which is for the log."""
        found = {"serving": _OK if self.is_serving else "starting or stopping"}
        async with self._looking:
            for name, check in self._checks.items():
                try:
                    async with asyncio.timeout(self._check_s):
                        await check()
                    found[name] = _OK
                except (OssFacesError, TimeoutError):
                    found[name] = "not available"
        return found

    async def _show_metrics(self, _request: Request) -> Response:
        body, content_type = self._metrics.render()
        return Response(body, headers={**_NOT_STORED, "Content-Type": content_type})

    async def _show_life(self, _request: Request) -> Response:
        return PlainTextResponse(_OK, headers=_NOT_STORED)

    async def _show_readiness(self, _request: Request) -> Response:
        found = await self.findings()
        is_ready = set(found.values()) == {_OK}
        status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"ready": is_ready, "checks": found}, status, _NOT_STORED)
