"""The HTTP server around the edge: sockets, limits, and a graceful stop."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from oss_faces.errors import ConfigurationError
from oss_faces.http.connection import BoundedConnection
from oss_faces.http.settings import AdminSettings, ServerSettings

_CLEAN_UP_S: Final = 5.0
_ADMIN_CONNECTIONS_MAX: Final = 64
# None at all would be over before anybody has looked whether there is something to wait for.
_ADMIN_GRACE_S: Final = 1
_LOOPBACK: Final = "127.0.0.1"
_PORT_MAX: Final = 65535
_REACHABLE: Final = {"0.0.0.0": _LOOPBACK, "::": "::1"}  # noqa: S104  (replaced here, not bound)


class _AnnouncedServer(uvicorn.Server):
    """Calls back when the sockets accept connections, and when they are about to stop doing so."""

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[], None], on_stop: Callable[[], None], drain_s: float
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_stop = on_stop
        self._drain_s = drain_s
        self._is_draining = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Be not ready any more, and stop when others have had the time to see it; a second signal does not wait."""
        self._on_stop()
        if self._is_draining or not self._drain_s:
            super().handle_exit(sig, frame)
            return
        self._is_draining = True
        asyncio.get_running_loop().call_later(self._drain_s, super().handle_exit, sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM, and then let the caller finish; the library would raise the signal again.

        The handlers stay until the loop ends: a second signal must not kill a process that is closing its store.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


class _QuietServer(uvicorn.Server):
    """Leaves signals to the server beside which it runs."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


def open_socket(settings: ServerSettings) -> socket.socket:
    """Bind the listening socket.

    Raises:
        ConfigurationError: the address cannot be used.
    """
    try:
        return _bind(settings.address)
    except OSError as exc:
        raise ConfigurationError(f"cannot listen on {settings.listen}: {exc.strerror}") from exc


def open_admin_socket(settings: AdminSettings, server: ServerSettings) -> socket.socket | None:
    """Bind the socket of the admin address; `None` when there is to be none.

    Raises:
        ConfigurationError: the address cannot be used.
    """
    if settings.is_off:
        return None
    try:
        listener = _bind(settings.address) if settings.address else _bind_behind(server.address[1])
    except OSError as exc:
        raise ConfigurationError(f"cannot listen on {settings.listen} (admin.listen): {exc.strerror}") from exc
    # Whoever asks before the server is ready waits.
    listener.listen()
    return listener


async def serve(
    app: ASGIApp,
    listener: socket.socket,
    settings: ServerSettings,
    on_ready: Callable[[str], None],
    on_stop: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGINT or SIGTERM, then let running requests finish within `grace_s`.

    Args:
        on_ready: called once with the endpoint, for instance `http://127.0.0.1:9000`.
        on_stop: called when a signal has come, before new connections are refused.
    """
    config = _config(app, settings, settings.connections_max)
    endpoint = f"http://{socket_name(listener)}"
    server = _AnnouncedServer(config, lambda: on_ready(endpoint), on_stop, settings.drain_s)
    await server.serve(sockets=[listener])
    if server.server_state.tasks:
        # Cancelled, since the grace is over: let them answer and clean up before the store is closed.
        await asyncio.wait(server.server_state.tasks, timeout=_CLEAN_UP_S)


@asynccontextmanager
async def serving_admin(app: ASGIApp, listener: socket.socket | None, settings: ServerSettings) -> AsyncIterator[None]:
    """Serve the admin address for as long as the block runs, its shutdown included; closes `listener`."""
    if listener is None:
        yield
        return
    with listener:
        server = _QuietServer(_config(app, replace(settings, grace_s=_ADMIN_GRACE_S), _ADMIN_CONNECTIONS_MAX))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving


def _config(app: ASGIApp, settings: ServerSettings, connections_max: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedConnection,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=connections_max,
        timeout_keep_alive=settings.header_timeout_s,
        timeout_graceful_shutdown=settings.grace_s,
    )


def _bind(address: tuple[str, int]) -> socket.socket:
    host, port = address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _bind_behind(port: int) -> socket.socket:
    """Bind the next port on the loopback address, or a free one."""
    wanted = port + 1 if 0 < port < _PORT_MAX else 0
    try:
        return _bind((_LOOPBACK, wanted))
    except OSError:
        if not wanted:
            raise
        return _bind((_LOOPBACK, 0))


def socket_name(listener: socket.socket) -> str:
    """Write `host:port` at which a bound socket is reached from this machine, an IPv6 host in brackets."""
    host, port = listener.getsockname()[:2]
    # Listening everywhere is no address to call; the loopback is one of those that are listened on.
    host = _REACHABLE.get(host, host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
