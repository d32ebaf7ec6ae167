"""Signed calls of IMM's operations, without a socket."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from oss_faces.values import WireRequest
from tests.imm_requests import FORM, acs3
from tests.unit.http.in_process import KEY_ID, SECRET, Answered, InProcess


def ask(session: InProcess, made: tuple[WireRequest, bytes]) -> tuple[Answered, dict[str, Any]]:
    """Send a signed request; give the answer and its JSON."""
    request, body = made
    target = f"{request.path}?{request.query}" if request.query else request.path
    headers = {**dict(request.headers), "content-length": str(len(body))}
    answered = session.exchange(request.method, target, headers, body)
    return answered, json.loads(answered.body)


def signed(
    action: str,
    body: bytes = b"",
    version: str = "2020-09-30",
    key: tuple[str, str] = (KEY_ID, SECRET),
    **parameters: str,
) -> tuple[WireRequest, bytes]:
    """Sign a request, now, with a nonce of its own."""
    form = FORM if body else {}
    return acs3(
        urlencode(parameters, quote_via=quote),
        body,
        key=key,
        x_acs_action=action,
        x_acs_version=version,
        x_acs_date=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        x_acs_signature_nonce=uuid4().hex,
        **form,
    )


def done(session: InProcess, action: str, **parameters: str) -> dict[str, Any]:
    """Call an operation that has to succeed, and give its answer without the id."""
    answered, document = ask(session, signed(action, **parameters))
    assert answered.status == 200, document
    del document["RequestId"]
    return document
