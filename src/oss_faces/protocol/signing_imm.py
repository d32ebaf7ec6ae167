"""Signatures of IMM: who a request claims to be from, and whether that is true.

Pure, like `signing`: no clock, no key store, no memory of nonces. There are no anonymous requests.
"""

import hmac
from datetime import datetime, timedelta

from oss_faces.errors import RequestTimeTooSkewed, SignatureDoesNotMatch
from oss_faces.imm_errors import IncompleteSignature, UnknownAction
from oss_faces.protocol import signing_acs3, signing_rpc
from oss_faces.protocol.claims import Attempt, Secret
from oss_faces.protocol.dates import format_xml_date
from oss_faces.protocol.encoding import to_bytes
from oss_faces.protocol.imm_claims import ImmClaim, ImmScheme, is_root, read_parameters
from oss_faces.values import WireRequest


def read_imm_claim(request: WireRequest, body: bytes) -> ImmClaim:
    """Read the authentication part of a request.

    Raises:
        MissingParameter: unsigned, or a part of the signature is absent.
        RequestError: malformed.
    """
    if not is_root(request):
        raise UnknownAction
    parameters = read_parameters(request, body)
    authorization = request.header("authorization")
    if authorization is None:
        return signing_rpc.read_claim(parameters)
    if not parameters.names.isdisjoint({"Signature", "SignatureMethod"}):
        raise IncompleteSignature("Only one of a header signature and a signature in the parameters may be given.")
    algorithm, _, credentials = authorization.partition(" ")
    if algorithm != signing_acs3.ALGORITHM:
        raise IncompleteSignature(f"The algorithm of the Authorization header must be {signing_acs3.ALGORITHM}.")
    return signing_acs3.read_claim(request, credentials.strip(), parameters)


def verify_imm(request: WireRequest, body: bytes, claim: ImmClaim, secret: Secret, now: datetime, skew_s: int) -> None:
    """Check that the request was signed with this secret, not long ago.

    The time is looked at after the signature: only a holder of the secret learns that it is late.

    Args:
        now: aware UTC. The caller's clock, so that tests can fix it.
        skew_s: allowed difference between the request's time and `now`, either way.

    Raises:
        SignatureDoesNotMatch: carries what was to be signed, for the answer.
        RequestTimeTooSkewed: the request's time is too far from `now`.
        IncompleteSignature: the hash in the headers is not that of the body.
    """
    attempt = _attempt(request, body, claim, secret)
    if not hmac.compare_digest(attempt.signature.encode(), to_bytes(claim.signature)):
        raise SignatureDoesNotMatch(details=_mismatch_details(attempt))
    if abs(now - claim.signed_at) > timedelta(seconds=skew_s):
        raise RequestTimeTooSkewed(
            details={"RequestTime": format_xml_date(claim.signed_at), "ServerTime": format_xml_date(now)}
        )


def _attempt(request: WireRequest, body: bytes, claim: ImmClaim, secret: Secret) -> Attempt:
    if claim.scheme is ImmScheme.ACS3:
        return signing_acs3.attempt(request, claim, secret, body)
    return signing_rpc.attempt(request.method, claim, secret)


def _mismatch_details(attempt: Attempt) -> dict[str, str]:
    """Say what should have been signed. It is made of the request alone, so it tells the sender nothing new."""
    details = {"StringToSign": attempt.string_to_sign.decode("utf-8", "replace")}
    if attempt.canonical_request:
        details["CanonicalRequest"] = attempt.canonical_request.decode("utf-8", "replace")
    return details
