"""Pages that may call the main port from a browser: those of the console's origins, and no others.

Nothing here replaces a signature, and no browser is asked for its cookies. Source: the Fetch standard, "CORS protocol".
"""

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from oss_faces.errors import OssFacesError
from oss_faces.http.answers import Answer, empty
from oss_faces.http.body import RequestBody
from oss_faces.http.console_settings import ConsoleSettings
from oss_faces.http.service import Caller, Service, Task
from oss_faces.protocol import is_imm_request
from oss_faces.rendering.headers import Headers
from oss_faces.values import Address, Principal, WireRequest, WireResponse

_METHODS: Final = "GET, HEAD, PUT, POST, DELETE"
_HELD_FOR_S: Final = 7200
"""For so long a browser need not ask again; Chromium remembers no longer than this."""

_NAMES_MAX: Final = 64
_ASKED: Final = re.compile(
    r"authorization|range|cache-control|content-(type|md5|disposition|encoding|language)|expires"
    r"|if-(match|none-match|modified-since|unmodified-since)|x-(oss|acs)-[a-z0-9-]{1,64}",
    re.ASCII,
)
"""Headers that a request may carry, as far as the server reads them."""

_HERE: Final = frozenset({"127.0.0.1", "[::1]", "localhost"})
_VARY: Final = ("Vary", "Origin")


@dataclass(frozen=True, slots=True)
class CrossOrigin:
    """Which origins may call.

    Attributes:
        origins: as browsers write them, `scheme://host` and the port unless it is the scheme's own; none: no page may.
    """

    origins: frozenset[str] = field(default_factory=frozenset)

    def headers(self, request: WireRequest) -> Headers:
        """Give what every answer carries. No cache may hand to one origin what was meant for another."""
        if not self.origins:
            return ()
        origin = request.header("origin") or ""
        if origin not in self.origins:
            return (_VARY,)
        return (_VARY, ("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", "*"))

    def is_preflight(self, request: WireRequest) -> bool:
        """Tell whether a browser asks what a page of these origins may send."""
        is_asking = request.method == "OPTIONS" and request.header("access-control-request-method") is not None
        return is_asking and request.header("origin") in self.origins

    def preflight(self, request: WireRequest) -> WireResponse:
        """Say what may be sent; what stays unsaid is not allowed."""
        asked = (request.header("access-control-request-headers") or "").lower().split(",", _NAMES_MAX)[:_NAMES_MAX]
        allowed = ", ".join(name for name in map(str.strip, asked) if _ASKED.fullmatch(name))
        headers: Headers = (
            ("Access-Control-Allow-Methods", _METHODS),
            ("Access-Control-Max-Age", str(_HELD_FOR_S)),
            *((("Access-Control-Allow-Headers", allowed),) if allowed else ()),
        )
        return empty(204, headers)


def console_origins(settings: ConsoleSettings, admin: str | None) -> CrossOrigin:
    """Tell from where the console calls.

    Args:
        admin: `host:port` of the admin address, which serves the page; `None` when there is none.
    """
    if not settings.enabled:
        return CrossOrigin()
    if settings.origins or admin is None:
        return CrossOrigin(frozenset(settings.origins))
    host, _, port = admin.rpartition(":")
    # Whoever is on this machine may write either.
    hosts = {host, *(_HERE if host in _HERE else ())}
    return CrossOrigin(frozenset(f"http://{name}" + ("" if port == "80" else f":{port}") for name in hosts))


@dataclass(frozen=True, slots=True)
class Preflights:
    """The service that answers them: nobody signs one, and nothing is done."""

    origins: CrossOrigin
    oss: Service

    def new_request_id(self) -> str:
        """Make an `x-oss-request-id`; see `Service.new_request_id`."""
        return self.oss.new_request_id()

    def wants_picture_work(self, request: WireRequest) -> bool:  # noqa: ARG002  whatever it asks about
        """No preflight does; see `Service.wants_picture_work`."""
        return False

    def may_need_no_worker(self, request: WireRequest) -> bool:  # noqa: ARG002  whatever it asks about
        """None needs one; see `Service.may_need_no_worker`."""
        return True

    async def authenticate(self, request: WireRequest, body: RequestBody, request_id: str) -> Caller:  # noqa: ARG002  nobody signs a preflight
        """Let everybody in; see `Service.authenticate`."""
        # OSS calls this OptionObject.
        answer = partial(self._answer, request)
        return Caller(Principal(), Address(), lambda: Task("preflight", "oss:OptionObject", Address(), answer))

    def error_answer(self, request: WireRequest, error: OssFacesError, request_id: str) -> WireResponse:
        """Write an error as OSS does; see `Service.error_answer`."""
        return self.oss.error_answer(request, error, request_id)

    def headers(self, request_id: str, elapsed_ms: float) -> Headers:
        """Give those of OSS; see `Service.headers`."""
        return self.oss.headers(request_id, elapsed_ms)

    async def _answer(self, request: WireRequest) -> Answer:
        return self.origins.preflight(request)


@dataclass(frozen=True, slots=True)
class Services:
    """The services that share the main port, and the pages that may call them."""

    oss: Service
    imm: Service
    origins: CrossOrigin = field(default_factory=CrossOrigin)

    def of(self, request: WireRequest) -> Service:
        """Tell which service a request is for, by the marks of its signature; nothing is trusted yet."""
        if self.origins.is_preflight(request):
            return Preflights(self.origins, self.oss)
        return self.imm if is_imm_request(request) else self.oss
