"""The HTTP server around the edge: sockets, limits, and a graceful stop."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from oss_faces.errors import ConfigurationError
from oss_faces.http.connection import BoundedConnection
from oss_faces.http.settings import ServerSettings

_CLEAN_UP_S: Final = 5.0


class _AnnouncedServer(uvicorn.Server):
    """Calls back when the sockets accept connections."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM, and then let the caller finish; the library would raise the signal again.

        The handlers stay until the loop ends: a second signal must not kill a process that is closing its store.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def open_socket(settings: ServerSettings) -> socket.socket:
    """Bind the listening socket.

    Raises:
        ConfigurationError: the address cannot be used.
    """
    host, port = settings.address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as exc:
        listener.close()
        raise ConfigurationError(f"cannot listen on {settings.listen}: {exc.strerror}") from exc
    return listener


async def serve(
    app: ASGIApp, listener: socket.socket, settings: ServerSettings, on_ready: Callable[[str], None]
) -> None:
    """Serve until SIGINT or SIGTERM, then let running requests finish within `grace_s`.

    Args:
        on_ready: called once with the endpoint, for instance `http://127.0.0.1:9000`.
    """
    config = uvicorn.Config(
        app,
        http=BoundedConnection,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=settings.connections_max,
        timeout_keep_alive=settings.header_timeout_s,
        timeout_graceful_shutdown=settings.grace_s,
    )
    endpoint = f"http://{socket_name(listener)}"
    server = _AnnouncedServer(config, lambda: on_ready(endpoint))
    await server.serve(sockets=[listener])
    if server.server_state.tasks:
        # Cancelled, since the grace is over: let them answer and clean up before the store is closed.
        await asyncio.wait(server.server_state.tasks, timeout=_CLEAN_UP_S)


def socket_name(listener: socket.socket) -> str:
    """Write `host:port` of a bound socket, an IPv6 host in brackets."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
