"""The console: files that every browser gets alike, and where its page finds the main port."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PLACE: Final = "/console"
_COMPRESSED_FROM_BYTES: Final = 500
_FIXED_HEADERS: Final = {
    # Asked for again each time, so that a new version is seen at once; most answers are then 304 and have no body.
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True, slots=True)
class ConsoleFacts:
    """What the page is told before anybody has signed in; nothing in it is secret.

    Attributes:
        endpoint: URL of the main port as the browser reaches it, without a path.
        limits: numbers by name, see the manual.
    """

    endpoint: str
    region: str
    version: str
    limits: Mapping[str, int]

    @property
    def policy(self) -> str:
        """The Content-Security-Policy of the page: its own files and the main port, and nothing inline."""
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; worker-src 'self'; "
            f"manifest-src 'self'; img-src 'self' blob: data: {self.endpoint}; connect-src 'self' {self.endpoint}; "
            "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        )

    @property
    def document(self) -> Mapping[str, object]:
        """What `config.json` says."""
        return {
            "endpoint": self.endpoint,
            "region": self.region,
            "version": self.version,
            "limits": dict(self.limits),
        }


def console_routes(folder: Path, facts: ConsoleFacts) -> Sequence[BaseRoute]:
    """Serve the files of a folder at `/console/`, to which `/` leads."""

    async def show_config(_request: Request) -> Response:
        return JSONResponse(facts.document)

    async def lead(_request: Request) -> Response:
        # Relative: a proxy may show it elsewhere.
        return RedirectResponse(f"{_PLACE[1:]}/")

    guard = Middleware(_Guard, headers={**_FIXED_HEADERS, "Content-Security-Policy": facts.policy})
    compression = Middleware(GZipMiddleware, minimum_size=_COMPRESSED_FROM_BYTES)
    files = [Route("/config.json", show_config), Mount("/", StaticFiles(directory=folder, html=True))]
    # An application of its own, so that its errors are guarded too.
    console = Starlette(routes=files, middleware=[guard, compression])
    return (Route("/", lead), Route(_PLACE, lead), Mount(_PLACE, console))


class _Guard:
    """Puts the headers that protect the page on every answer, errors among them."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, send_guarded)
