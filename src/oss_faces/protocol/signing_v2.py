"""Signature V2 of OSS: header form and presigned URL. Old clients use it; new ones have V4.

    StringToSign = METHOD, Content-MD5, Content-Type, date, canonical headers, additional header names, resource
    Signature    = base64 HMAC-SHA-256

The resource is percent-encoded throughout, slashes too, and contains every query parameter.

Source: the V2 signers of the official SDKs, and the error pages 0002-00000103 to 0002-00000112.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Final

from oss_faces.errors import AccessDenied, InvalidArgument
from oss_faces.protocol.addressing import host_without_port
from oss_faces.protocol.claims import Attempt, Claim, Scheme, Secret
from oss_faces.protocol.credentials import (
    check_access_key_id,
    header_lines,
    read_additional_headers,
    read_token,
    read_unix_time,
    signed_headers,
)
from oss_faces.protocol.dates import parse_basic_date, parse_http_date
from oss_faces.protocol.encoding import Query, encode, parse_query, to_bytes
from oss_faces.protocol.settings import SigningSettings
from oss_faces.values import Address, WireRequest

_FIELDS: Final = frozenset({"AccessKeyId", "AdditionalHeaders", "Signature"})


# --- reading ------------------------------------------------------------------------------------------------------


def read_header(request: WireRequest, query: Query, credentials: str) -> Claim:
    """Read `AccessKeyId:..,AdditionalHeaders:..,Signature:..` in any order, blanks after commas allowed."""
    fields = _fields(credentials)
    if not fields.get("AccessKeyId"):
        raise InvalidArgument("The Authorization header has no AccessKeyId.", ec="0002-00000105")
    if not fields.get("Signature"):
        raise InvalidArgument("The Authorization header has no Signature.", ec="0002-00000106")
    timestamp = request.header("date") or request.header("x-oss-date") or ""
    signed_at = parse_http_date(timestamp) or parse_basic_date(timestamp)
    if signed_at is None:
        raise AccessDenied("OSS authentication requires a valid Date.", ec="0002-00000503")
    return Claim(
        scheme=Scheme.V2,
        presigned=False,
        access_key_id=check_access_key_id(fields["AccessKeyId"]),
        signature=fields["Signature"],
        token=read_token(request, query, "security-token"),
        timestamp=timestamp,
        signed_at=signed_at,
        expires_at=None,
        additional_headers=read_additional_headers(request, fields.get("AdditionalHeaders"), Scheme.V2),
    )


def read_query(request: WireRequest, query: Query) -> Claim:
    """Read the `x-oss-` authentication parameters of a presigned URL; `x-oss-expires` is a moment here."""
    expires = _required(query, "x-oss-expires")
    return Claim(
        scheme=Scheme.V2,
        presigned=True,
        access_key_id=check_access_key_id(_required(query, "x-oss-access-key-id")),
        signature=_required(query, "x-oss-signature"),
        token=read_token(request, query, "security-token", "x-oss-security-token"),
        timestamp=expires,
        signed_at=None,
        expires_at=read_unix_time("x-oss-expires", expires),
        additional_headers=read_additional_headers(request, query.get("x-oss-additional-headers"), Scheme.V2),
    )


def _fields(credentials: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for piece in credentials.split(","):
        name, colon, value = piece.strip(" ").partition(":")
        if not colon:
            raise InvalidArgument("The Authorization header is not a list of key:value.", ec="0002-00000103")
        if name not in _FIELDS or name in fields:
            raise InvalidArgument("The Authorization header has an unknown or repeated key.", ec="0002-00000104")
        fields[name] = value
    return fields


def _required(query: Query, name: str) -> str:
    value = query.get(name)
    if not value:
        raise InvalidArgument(f"The query parameter {name} is missing.", details={"ArgumentName": name})
    return value


# --- checking -----------------------------------------------------------------------------------------------------


def attempts(
    request: WireRequest,
    claim: Claim,
    secret: Secret,
    address: Address,
    settings: SigningSettings,  # noqa: ARG001  the interface of the schemes; nothing about V2 can be set
) -> Iterator[Attempt]:
    """Give the signature; where the host is signed also that of the host without its port, as Java signs it."""
    host = request.header("host") or ""
    hosts = {host: None, host_without_port(host): None} if "host" in claim.additional_headers else {host: None}
    for spelling in hosts:
        text = string_to_sign(request, address, claim, spelling)
        yield Attempt(b"", text, signature(secret, text))


def string_to_sign(request: WireRequest, address: Address, claim: Claim, host: str) -> bytes:
    """Build the text that is signed.

    Args:
        host: the Host value that the client signed; used only when `host` is an additional header.
    """
    headers = signed_headers(request, frozenset(claim.additional_headers))
    if "host" in headers:
        headers["host"] = host
    lines = (
        request.method,
        request.header("content-md5") or "",
        request.header("content-type") or "",
        claim.timestamp,
        header_lines(headers) + ";".join(claim.additional_headers),
        canonical_resource(address, parse_query(request.query)),
    )
    return "\n".join(lines).encode("latin-1")


def canonical_resource(address: Address, query: Query) -> str:
    """Write `/bucket/key?a=b&c`, path and parameters percent-encoded, the parameters sorted, the signature left out."""
    path = encode(f"/{address.bucket}/{address.key}" if address.bucket else "/")
    pairs = sorted((encode(key), encode(value)) for key, value in query.pairs if key != "x-oss-signature")
    if not pairs:
        return path
    return f"{path}?" + "&".join(f"{key}={value}" if value else key for key, value in pairs)


def signature(secret: Secret, text: bytes) -> str:
    """Sign the text: base64 of an HMAC-SHA-256."""
    return base64.b64encode(hmac.new(to_bytes(secret.reveal()), text, hashlib.sha256).digest()).decode()
