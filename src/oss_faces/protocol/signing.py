"""Signatures: who a request claims to be from, and whether that is true.

Pure: no clock, no key store, no I/O. `read_claim` reads, `verify` checks; each scheme has a module of its own.
A request that carries any sign of a signature is never treated as anonymous.

    presigned parameters and an Authorization header   InvalidArgument
    ACS3-HMAC-SHA256, RPC signatures                   NotImplemented: known, not served here
    any other scheme                                   InvalidArgument
"""

import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from oss_faces.errors import (
    AccessDenied,
    InvalidArgument,
    NotImplementedOnServer,
    RequestTimeTooSkewed,
    SignatureDoesNotMatch,
)
from oss_faces.protocol import signing_v1, signing_v2, signing_v4
from oss_faces.protocol.claims import Attempt, Claim, Scheme, Secret, SignatureScheme
from oss_faces.protocol.dates import format_xml_date
from oss_faces.protocol.encoding import Query, parse_query, to_bytes
from oss_faces.protocol.settings import SigningSettings
from oss_faces.values import Address, WireRequest

_SCHEMES: Final[Mapping[Scheme, SignatureScheme]] = MappingProxyType(
    {Scheme.V4: signing_v4, Scheme.V2: signing_v2, Scheme.V1: signing_v1}
)

_BY_HEADER: Final[Mapping[str, Scheme | None]] = MappingProxyType(
    {"OSS4-HMAC-SHA256": Scheme.V4, "OSS": Scheme.V1, "OSS2": Scheme.V2, "ACS3-HMAC-SHA256": None}
)
"""First word of the Authorization header -> scheme; None for schemes that exist but are not served."""

_BY_VERSION: Final[Mapping[str, Scheme]] = MappingProxyType({"OSS4-HMAC-SHA256": Scheme.V4, "OSS2": Scheme.V2})
"""Value of `x-oss-signature-version` -> scheme."""

_V4_OR_V2_PARAMETERS: Final = frozenset(
    {"x-oss-signature-version", "x-oss-credential", "x-oss-signature", "x-oss-access-key-id"}
)
_V1_PARAMETERS: Final = frozenset({"OSSAccessKeyId", "Signature"})
_RPC_PARAMETER: Final = "SignatureMethod"

_MISMATCH_EC: Final = MappingProxyType(
    {Scheme.V1: "0002-00000040", Scheme.V2: "0002-00000101", Scheme.V4: "0002-00000201"}
)
_EXPIRED_EC: Final = MappingProxyType(
    {Scheme.V1: "0002-00000069", Scheme.V2: "0002-00000069", Scheme.V4: "0002-00000236"}
)


def read_claim(request: WireRequest) -> Claim | None:
    """Read the authentication part of a request; None for an anonymous one.

    Raises:
        InvalidArgument: malformed, or a header signature together with a presigned URL.
        AccessDenied: a part without which nothing can be checked is missing (V1 URL, date).
        InvalidAccessKeyId: the id has characters that no id has.
        NotImplementedOnServer: a scheme that is not served.
    """
    query = parse_query(request.query)
    authorization = request.header("authorization")
    in_query = not query.names.isdisjoint({*_V4_OR_V2_PARAMETERS, *_V1_PARAMETERS, _RPC_PARAMETER})
    if authorization is not None and in_query:
        raise InvalidArgument("Only one of a header signature and a URL signature may be given.")
    if authorization is not None:
        return _from_header(request, query, authorization)
    return _from_query(request, query) if in_query else None


def verify(
    request: WireRequest,
    claim: Claim,
    secret: Secret,
    candidates: Iterable[Address],
    now: datetime,
    settings: SigningSettings,
) -> Address:
    """Check that the request was signed with this secret, and tell for which address.

    The time is looked at after the signature: only a holder of the secret or of the URL learns that it is late.

    Args:
        candidates: the readings of the request, at least one; at most one of them can have been signed.
        now: aware UTC. The caller's clock, so that tests can fix it.

    Raises:
        SignatureDoesNotMatch: carries what was to be signed for the first candidate, for the response body.
        InvalidArgument: the scope is for a region that is not accepted.
        RequestTimeTooSkewed: the request's date is further than the allowed skew from `now`.
        AccessDenied: the presigned URL has expired.
    """
    first: Attempt | None = None
    for address in candidates:
        for attempt in _SCHEMES[claim.scheme].attempts(request, claim, secret, address, settings):
            if _equal(attempt.signature, claim.signature):
                _check_time(claim, now, settings)
                return address
            first = first or attempt
    assert first is not None, "at least one candidate and one attempt"
    raise SignatureDoesNotMatch(ec=_MISMATCH_EC[claim.scheme], details=_mismatch_details(claim, first))


def _from_header(request: WireRequest, query: Query, authorization: str) -> Claim:
    word, _, credentials = authorization.partition(" ")
    if word not in _BY_HEADER:
        raise InvalidArgument("The Authorization header names no known signature scheme.", ec="0002-00000061")
    return _served(_BY_HEADER[word]).read_header(request, query, credentials.strip(" "))


def _from_query(request: WireRequest, query: Query) -> Claim:
    names = query.names
    if _RPC_PARAMETER in names:
        return _served(None).read_query(request, query)
    if names.isdisjoint(_V4_OR_V2_PARAMETERS):
        return _SCHEMES[Scheme.V1].read_query(request, query)
    if not names.isdisjoint(_V1_PARAMETERS):
        raise InvalidArgument("The URL carries the parameters of two signature versions.")
    version = query.get("x-oss-signature-version") or ""
    if version not in _BY_VERSION:
        raise InvalidArgument("x-oss-signature-version is missing or unknown.")
    return _SCHEMES[_BY_VERSION[version]].read_query(request, query)


def _served(scheme: Scheme | None) -> SignatureScheme:
    if scheme is None:
        raise NotImplementedOnServer("This signature version is not one of OSS. Use V4.")
    return _SCHEMES[scheme]


def _equal(computed: str, given: str) -> bool:
    return hmac.compare_digest(computed.encode(), to_bytes(given))


def _check_time(claim: Claim, now: datetime, settings: SigningSettings) -> None:
    skew = timedelta(seconds=settings.skew_s)
    if claim.signed_at is not None and (
        claim.signed_at - now > skew or (not claim.presigned and now - claim.signed_at > skew)
    ):
        raise RequestTimeTooSkewed(
            details={
                "MaxAllowedSkewMilliseconds": str(settings.skew_s * 1000),
                "RequestTime": format_xml_date(claim.signed_at),
                "ServerTime": format_xml_date(now),
            }
        )
    if claim.expires_at is not None and now > claim.expires_at:
        raise AccessDenied(
            "Request has expired.",
            ec=_EXPIRED_EC[claim.scheme],
            details={"Expires": format_xml_date(claim.expires_at), "ServerTime": format_xml_date(now)},
        )


def _mismatch_details(claim: Claim, attempt: Attempt) -> dict[str, str]:
    """Say what should have been signed. It is made of the request alone, so it tells the sender nothing new."""
    details = {
        "OSSAccessKeyId": claim.access_key_id,
        "SignatureProvided": _shown(to_bytes(claim.signature)),
        "StringToSign": _shown(attempt.string_to_sign),
        "StringToSignBytes": attempt.string_to_sign.hex(" ").upper(),
    }
    if attempt.canonical_request:
        details["CanonicalRequest"] = _shown(attempt.canonical_request)
    return details


def _shown(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
