"""Signature V4 of OSS: header form and presigned URL.

    CanonicalRequest = METHOD, canonical URI, canonical query, canonical headers, additional header names, payload
    StringToSign     = algorithm, timestamp, scope, hex SHA-256 of the canonical request
    SigningKey       = HMAC chain over date, region, product, terminator
    Signature        = hex HMAC-SHA-256

Source: OSS "Include a V4 signature in the Authorization header" and "Add signatures to URLs", the V4 signers of the
official SDKs, and the error pages 0002-00000201 to 0002-00000236 for what is refused and with which EC.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from oss_faces.errors import AccessDenied, InvalidArgument
from oss_faces.protocol.addressing import host_without_port
from oss_faces.protocol.claims import Attempt, Claim, Scheme, Secret
from oss_faces.protocol.credentials import (
    check_access_key_id,
    header_lines,
    read_additional_headers,
    read_token,
    signed_headers,
)
from oss_faces.protocol.dates import parse_basic_date, parse_http_date
from oss_faces.protocol.encoding import Query, encode, parse_query, to_bytes
from oss_faces.protocol.settings import ANY_REGION, SigningSettings
from oss_faces.values import Address, WireRequest

ALGORITHM: Final = "OSS4-HMAC-SHA256"
PRODUCT: Final = "oss"
TERMINATOR: Final = "aliyun_v4_request"
UNSIGNED_PAYLOAD: Final = "UNSIGNED-PAYLOAD"

EXPIRES_S_MAX: Final = 604_800
"""Longest validity of a presigned URL: seven days. Source: OSS error 0002-00000232."""

_ALWAYS_SIGNED: Final = frozenset({"content-type", "content-md5"})
_FIELDS: Final = frozenset({"Credential", "Signature", "AdditionalHeaders"})
_SIGN_DATE: Final = re.compile(r"[0-9]{8}", re.ASCII)
_REGION: Final = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)
_EXPIRES: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


# --- reading ------------------------------------------------------------------------------------------------------


def read_header(request: WireRequest, query: Query, credentials: str) -> Claim:
    """Read `Credential=..,AdditionalHeaders=..,Signature=..` in any order, blanks after commas allowed."""
    fields = _fields(credentials)
    if "Credential" not in fields:
        raise InvalidArgument("The Authorization header has no Credential.", ec="0002-00000202")
    if not fields.get("Signature"):
        raise InvalidArgument("The Authorization header has no Signature.", ec="0002-00000202")
    access_key_id, date, region = _scope(fields["Credential"])
    additional = read_additional_headers(request, fields.get("AdditionalHeaders"), Scheme.V4)
    timestamp, signed_at = _header_time(request)
    _check_date(date, signed_at)
    _check_payload(request)
    return Claim(
        scheme=Scheme.V4,
        presigned=False,
        access_key_id=access_key_id,
        signature=fields["Signature"],
        token=read_token(request, query),
        timestamp=timestamp,
        signed_at=signed_at,
        expires_at=None,
        region=region,
        date=date,
        additional_headers=additional,
    )


def read_query(request: WireRequest, query: Query) -> Claim:
    """Read the `x-oss-` authentication parameters of a presigned URL."""
    expires = _required(query, "x-oss-expires", "0002-00000215")
    credential = _required(query, "x-oss-credential", "0002-00000217")
    signature = _required(query, "x-oss-signature", "0002-00000219")
    access_key_id, date, region = _scope(credential)
    timestamp = query.get("x-oss-date") or ""
    signed_at = parse_basic_date(timestamp)
    if signed_at is None:
        raise InvalidArgument("x-oss-date is absent or not of the form YYYYMMDD'T'HHMMSS'Z'.")
    _check_date(date, signed_at)
    _check_payload(request)
    return Claim(
        scheme=Scheme.V4,
        presigned=True,
        access_key_id=access_key_id,
        signature=signature,
        token=read_token(request, query, "x-oss-security-token"),
        timestamp=timestamp,
        signed_at=signed_at,
        expires_at=signed_at + timedelta(seconds=_expires(expires)),
        region=region,
        date=date,
        additional_headers=read_additional_headers(request, query.get("x-oss-additional-headers"), Scheme.V4),
    )


def _fields(credentials: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for piece in credentials.split(","):
        name, equals, value = piece.strip(" ").partition("=")
        if not equals:
            raise InvalidArgument("The Authorization header is not a list of key=value.", ec="0002-00000203")
        if name not in _FIELDS or name in fields:
            raise InvalidArgument("The Authorization header has an unknown or repeated key.", ec="0002-00000204")
        fields[name] = value
    return fields


def _scope(credential: str) -> tuple[str, str, str]:
    """Split `<id>/<date>/<region>/oss/aliyun_v4_request` and check all but the id's existence."""
    parts = credential.split("/")
    if len(parts) != 5 or parts[4] != TERMINATOR or parts[3] != PRODUCT:
        # `oss-cloudbox` is a product too, of hardware that this server is not.
        raise InvalidArgument(
            f"Credential must be <AccessKeyId>/<date>/<region>/{PRODUCT}/{TERMINATOR}.", ec="0002-00000213"
        )
    return check_access_key_id(parts[0]), parts[1], parts[2]


def _header_time(request: WireRequest) -> tuple[str, datetime]:
    """Return the signed text of the time and the time.

    The Go SDK v1 sends no x-oss-date and signs the text of Date; the oss2 and Node SDKs send no Date.
    """
    timestamp = request.header("x-oss-date") or request.header("date") or ""
    signed_at = parse_basic_date(timestamp) or parse_http_date(timestamp)
    if signed_at is None:
        raise AccessDenied("OSS authentication requires a valid Date.", ec="0002-00000503")
    return timestamp, signed_at


def _check_date(date: str, signed_at: datetime) -> None:
    if not _SIGN_DATE.fullmatch(date) or date != f"{signed_at:%Y%m%d}":
        raise InvalidArgument("The date in the scope is not that of the request, written YYYYMMDD.", ec="0002-00000212")


def _check_payload(request: WireRequest) -> None:
    """Accept no hash of the body: it would be signed, but nobody would compare it with the body."""
    if request.header("x-oss-content-sha256") not in (None, UNSIGNED_PAYLOAD):
        raise InvalidArgument(f"x-oss-content-sha256 must be {UNSIGNED_PAYLOAD}.", ec="0002-00000214")


def _required(query: Query, name: str, ec: str) -> str:
    value = query.get(name)
    if not value:
        raise InvalidArgument(f"The query parameter {name} is missing.", ec=ec, details={"ArgumentName": name})
    return value


def _expires(text: str) -> int:
    if not _EXPIRES.fullmatch(text) or not 1 <= int(text) <= EXPIRES_S_MAX:
        raise InvalidArgument(f"x-oss-expires must be a number from 1 to {EXPIRES_S_MAX}.", ec="0002-00000232")
    return int(text)


# --- checking -----------------------------------------------------------------------------------------------------


def check_region(claim: Claim, settings: SigningSettings) -> None:
    """Refuse a scope for another region.

    Raises:
        InvalidArgument: a region that is not accepted, or an endpoint name (`oss-cn-hangzhou`) in its place.
    """
    accepted = claim.region in settings.regions or ANY_REGION in settings.regions
    if not accepted or not _REGION.fullmatch(claim.region) or claim.region.startswith("oss-"):
        raise InvalidArgument(
            "The signing region in the credential is not valid; it is a region id such as cn-hangzhou.",
            ec="0002-00000226" if claim.presigned else "0002-00000228",
        )


def attempts(
    request: WireRequest, claim: Claim, secret: Secret, address: Address, settings: SigningSettings
) -> Iterator[Attempt]:
    """Give the signature; where the host is signed also that of the host without its port, as Java signs it.

    Raises:
        InvalidArgument: the scope's region is not accepted.
    """
    check_region(claim, settings)
    host = request.header("host") or ""
    hosts = {host: None, host_without_port(host): None} if "host" in claim.additional_headers else {host: None}
    key = signing_key(secret, claim.date, claim.region)
    for spelling in hosts:
        canonical = canonical_request(request, address, claim.additional_headers, spelling)
        text = string_to_sign(claim.timestamp, claim.date, claim.region, canonical)
        yield Attempt(canonical, text, signature(key, text))


def canonical_request(request: WireRequest, address: Address, additional_headers: tuple[str, ...], host: str) -> bytes:
    """Build the text whose hash is signed.

    Args:
        host: the Host value that the client signed; used only when `host` is an additional header.
    """
    lines = (
        request.method,
        canonical_uri(address),
        canonical_query(parse_query(request.query)),
        canonical_headers(request, additional_headers, host),
        ";".join(additional_headers),
        request.header("x-oss-content-sha256") or UNSIGNED_PAYLOAD,
    )
    return "\n".join(lines).encode("latin-1")


def canonical_uri(address: Address) -> str:
    """Write `/bucket/key` percent-encoded, with the bucket also where the request has it in the host."""
    return "/" + (encode(f"{address.bucket}/{address.key}", safe="/") if address.bucket else "")


def canonical_query(query: Query) -> str:
    """Encode, sort by encoded name and join all parameters but the signature; an empty value has no `=`."""
    pairs = sorted((encode(key), encode(value)) for key, value in query.pairs if key != "x-oss-signature")
    return "&".join(f"{key}={value}" if value else key for key, value in pairs)


def canonical_headers(request: WireRequest, additional_headers: tuple[str, ...], host: str) -> str:
    """Write the signed headers, one per line: `x-oss-`, content-type, content-md5 and the additional ones."""
    headers = signed_headers(request, _ALWAYS_SIGNED.union(additional_headers))
    if "host" in headers:
        headers["host"] = host
    return header_lines(headers)


def string_to_sign(timestamp: str, date: str, region: str, canonical: bytes) -> bytes:
    """Build the text that is signed."""
    digest = hashlib.sha256(canonical).hexdigest()
    return "\n".join([ALGORITHM, timestamp, f"{date}/{region}/{PRODUCT}/{TERMINATOR}", digest]).encode("latin-1")


def signing_key(secret: Secret, date: str, region: str) -> bytes:
    """Derive the key of one day, region and product from the secret."""
    key = to_bytes(f"aliyun_v4{secret.reveal()}")
    for part in (date, region, PRODUCT, TERMINATOR):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def signature(key: bytes, text: bytes) -> str:
    """Sign the text: 64 lower-case hexadecimal digits."""
    return hmac.new(key, text, hashlib.sha256).hexdigest()
