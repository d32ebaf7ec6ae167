"""Requests written by hand, with any path and any date, and signed all the same."""

import re
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from oss_faces.errors import RequestError
from oss_faces.protocol import AddressingSettings, Secret, SigningSettings, candidates, read_claim, signing_v4
from oss_faces.values import WireRequest
from tests.running import REGION, RunningServer


def signed(server: RunningServer, target: str, later: timedelta = timedelta(0), method: str = "GET") -> bytes:
    """Write a request for this very target (raw path and query), signed with V4 at a time that is so much later.

    A target that means nothing to the server cannot be signed; it gets a signature of the right form.
    """
    moment = datetime.now(UTC) + later
    path, _, query = target.partition("?")
    scope = f"{server.access_key_id}/{moment:%Y%m%d}/{REGION}/oss/aliyun_v4_request"
    start = (f"OSS4-HMAC-SHA256 Credential={scope}", f"{moment:%Y%m%dT%H%M%SZ}")
    request = _request(method, path, query, (*start, "0" * 64))
    try:
        claim = read_claim(request)
        address = candidates(request, AddressingSettings())[0]
        attempts = signing_v4.attempts(request, claim, Secret(server.access_key_secret), address, SigningSettings())
        request = _request(method, path, query, (*start, next(iter(attempts)).signature))
    except RequestError:
        pass
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _request(method: str, path: str, query: str, parts: tuple[str, str, str]) -> WireRequest:
    credential, date, signature = parts
    headers = (
        ("host", "127.0.0.1"),
        ("x-oss-date", date),
        ("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
        ("authorization", f"{credential}, Signature={signature}"),
    )
    return replace(WireRequest(method, path, query, ()), headers=headers)


def ask(server: RunningServer, request: bytes) -> tuple[int, bytes]:
    """Send a request on a connection of its own; return the status and everything behind the status line."""
    with socket.create_connection(server.address, timeout=30) as connection:
        connection.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
        received = b""
        while piece := connection.recv(65536):
            received += piece
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", received)
    assert found, received[:200]
    return int(found[1]), received


def code(answer: bytes) -> str:
    """Return the code of an error in XML; empty when there is none."""
    found = re.search(rb"<Code>([A-Za-z ]+)</Code>", answer)
    return found[1].decode() if found else ""
