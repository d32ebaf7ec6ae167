"""Requests of IMM signed by the rules of both schemes, written here a second time."""

import base64
import hashlib
import hmac
from urllib.parse import quote, unquote_plus

from oss_faces.values import WireRequest

SECRET, KEY_ID = "FakeAccessKeySecret0123456789ab", "LTAI5tFakeAccessKeyId000"
FORM = {"content_type": "application/x-www-form-urlencoded"}

RPC = {
    "Action": "GetProject",
    "Version": "2020-09-30",
    "Format": "json",
    "Timestamp": "2026-11-22T18:54:06Z",
    "SignatureNonce": "n1",
    "SignatureMethod": "HMAC-SHA1",
    "SignatureVersion": "1.0",
    "AccessKeyId": KEY_ID,
}


def acs3(
    query: str = "",
    body: bytes = b"",
    drop: str = "",
    unlist: str = "",
    key: tuple[str, str] = (KEY_ID, SECRET),
    **changed: str,
) -> tuple[WireRequest, bytes]:
    """Sign a request with ACS3; `drop` a header, or `unlist` it, which leaves it unsigned."""
    headers = {
        "host": "127.0.0.1:9000",
        "x-acs-action": "GetProject",
        "x-acs-version": "2020-09-30",
        "x-acs-date": "2026-11-22T18:54:06Z",
        "x-acs-signature-nonce": "n1",
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    headers.pop(drop, None)
    names = sorted(set(headers) - {unlist})
    pairs = sorted(tuple(map(unquote_plus, piece.partition("=")[::2])) for piece in query.split("&") if piece)
    canonical_query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
    lines = ["POST", "/", canonical_query, *(f"{name}:{headers[name]}" for name in names), "", ";".join(names)]
    canonical = "\n".join([*lines, headers.get("x-acs-content-sha256", "")])
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(key[1].encode(), text.encode(), hashlib.sha256).hexdigest()
    authorization = f"ACS3-HMAC-SHA256 Credential={key[0]},SignedHeaders={';'.join(names)},Signature={signature}"
    return WireRequest("POST", "/", query, (*headers.items(), ("authorization", authorization))), body


def rpc(in_form: bool = False, method: str = "POST", **changed: str) -> tuple[WireRequest, bytes]:
    """Sign a request with RPC 1.0; an empty value drops a parameter."""
    parameters = {name: value for name, value in {**RPC, **changed}.items() if value}
    encoded = "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(parameters.items())
    )
    text = f"{method}&%2F&{quote(encoded, safe='~')}"
    digest = hmac.new(f"{SECRET}&".encode(), text.encode(), hashlib.sha1).digest()
    everything = f"{encoded}&Signature={quote(base64.b64encode(digest).decode(), safe='~')}"
    headers = (("content-type", "application/x-www-form-urlencoded; charset=utf-8"),) if in_form else ()
    query, body = ("", everything.encode()) if in_form else (everything, b"")
    return WireRequest(method, "/", query, headers), body
