"""Signature ACS3-HMAC-SHA256, the one that current IMM clients send in the Authorization header.

    CanonicalRequest = METHOD, path, query, signed headers, their names, hash of the body
    StringToSign     = algorithm, hex SHA-256 of the canonical request
    Signature        = hex HMAC-SHA-256 with the secret itself

It signs only the headers that it lists, so this module says which must be among them.

Source: "Request syntax and signature method V3" of Alibaba Cloud's API gateway; requests of the official client.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Final

from oss_faces.imm_errors import IncompleteSignature, InvalidTimestamp, MissingParameter
from oss_faces.protocol.claims import Attempt, Secret
from oss_faces.protocol.credentials import check_access_key_id
from oss_faces.protocol.dates import parse_iso_date
from oss_faces.protocol.encoding import Query, encode, to_bytes
from oss_faces.protocol.imm_claims import ImmClaim, ImmScheme, check_nonce
from oss_faces.values import WireRequest

ALGORITHM: Final = "ACS3-HMAC-SHA256"
SIGNED_HEADERS_MAX: Final = 64

REQUIRED: Final = frozenset(
    {"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"}
)
"""Headers without which a signature would say too little: where, what, when, once, and with which body."""

_FIELDS: Final = frozenset({"Credential", "SignedHeaders", "Signature"})
_HEADER_NAME: Final = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]{1,128}", re.ASCII)


def read_claim(request: WireRequest, credentials: str, parameters: Query) -> ImmClaim:
    """Read the Authorization header; `credentials` is what follows the algorithm's name and the blank.

    Raises:
        IncompleteSignature: malformed, or a header that must be signed is not.
        MissingParameter, InvalidTimestamp, InvalidAccessKeyId, InvalidArgument: about the part in question.
    """
    fields = _fields(credentials)
    access_key_id = check_access_key_id(fields["Credential"])
    headers = _joined(request)
    nonce = check_nonce(headers.get("x-acs-signature-nonce"))
    signed_at = parse_iso_date(headers.get("x-acs-date", ""))
    if signed_at is None:
        raise InvalidTimestamp
    for name, parameter in (("x-acs-action", "Action"), ("x-acs-version", "Version")):
        if not headers.get(name):
            raise MissingParameter(parameter)
    return ImmClaim(
        scheme=ImmScheme.ACS3,
        access_key_id=access_key_id,
        signature=fields["Signature"],
        token=headers.get("x-acs-security-token") or None,
        signed_at=signed_at,
        nonce=nonce,
        action=headers["x-acs-action"],
        version=headers["x-acs-version"],
        parameters=parameters,
        signed_headers=_signed_headers(fields["SignedHeaders"], headers),
    )


def attempt(request: WireRequest, claim: ImmClaim, secret: Secret, body: bytes) -> Attempt:
    """Compute the signature that this secret gives.

    Raises:
        IncompleteSignature: the hash in the headers is not that of the body.
    """
    digest = hashlib.sha256(body).hexdigest()
    given = request.header("x-acs-content-sha256") or ""
    if not hmac.compare_digest(digest.encode(), to_bytes(given)):
        raise IncompleteSignature("x-acs-content-sha256 is not the SHA-256 of the body.")
    canonical = canonical_request(request, claim, digest)
    text = string_to_sign(canonical)
    return Attempt(canonical, text, hmac.new(to_bytes(secret.reveal()), text, hashlib.sha256).hexdigest())


def canonical_request(request: WireRequest, claim: ImmClaim, body_digest: str) -> bytes:
    """Build the text whose hash is signed."""
    headers = _joined(request)
    lines = (
        request.method,
        request.path or "/",
        canonical_query(request, claim.parameters),
        "".join(f"{name}:{headers[name]}\n" for name in claim.signed_headers),
        ";".join(claim.signed_headers),
        body_digest,
    )
    return "\n".join(lines).encode("latin-1")


def canonical_query(request: WireRequest, parameters: Query) -> str:
    """Encode and sort the parameters of the query, which stand before those of a form; `k=` where there is no value."""
    in_query = parameters.pairs[: sum(1 for piece in request.query.split("&") if piece)]
    return "&".join(f"{encode(name)}={encode(value)}" for name, value in sorted(in_query))


def string_to_sign(canonical: bytes) -> bytes:
    """Build the text that is signed."""
    return f"{ALGORITHM}\n{hashlib.sha256(canonical).hexdigest()}".encode()


def _fields(credentials: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for piece in credentials.split(","):
        name, equals, value = piece.strip().partition("=")
        if not equals or not value or name not in _FIELDS or name in fields:
            raise IncompleteSignature
        fields[name] = value
    if set(fields) != _FIELDS:
        raise IncompleteSignature
    return fields


def _signed_headers(text: str, sent: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(text.split(";"))
    if len(names) > SIGNED_HEADERS_MAX or len(set(names)) < len(names):
        raise IncompleteSignature("SignedHeaders has too many names, or one twice.")
    absent = [name for name in names if not _HEADER_NAME.fullmatch(name) or name not in sent]
    if absent:
        raise IncompleteSignature("SignedHeaders names a header that was not sent, or not in lower case.")
    unsigned = (REQUIRED | ({"x-acs-security-token"} & sent.keys())) - set(names)
    if unsigned:
        raise IncompleteSignature(f"The header {min(unsigned)} must be signed.")
    return names


def _joined(request: WireRequest) -> dict[str, str]:
    """Collect all headers in one pass, repeated ones joined by a comma: a stranger chooses how many there are."""
    values: dict[str, list[str]] = {}
    for name, value in request.headers:
        values.setdefault(name, []).append(value.strip())
    return {name: ",".join(parts) for name, parts in values.items()}
