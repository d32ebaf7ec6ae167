"""Signature RPC 1.0 (HMAC-SHA1), which older IMM clients send as parameters of the query or of a form.

    StringToSign = METHOD & %2F & encoded(all parameters but Signature, sorted)
    Signature    = base64 HMAC-SHA-1 with the secret and an ampersand behind it

By design it signs no header and no path, so nothing that matters is read from them here.

Source: "Request syntax and signature method V2" of Alibaba Cloud's API gateway; requests of the official client.
"""

import base64
import hashlib
import hmac
from typing import Final

from oss_faces.errors import InvalidArgument
from oss_faces.imm_errors import IncompleteSignature, InvalidTimestamp, MissingParameter
from oss_faces.protocol.claims import Attempt, Secret
from oss_faces.protocol.credentials import check_access_key_id
from oss_faces.protocol.dates import parse_iso_date
from oss_faces.protocol.encoding import Query, encode, to_bytes
from oss_faces.protocol.imm_claims import ImmClaim, ImmScheme, check_nonce

_METHOD: Final = "HMAC-SHA1"
_VERSION: Final = "1.0"


def read_claim(parameters: Query) -> ImmClaim:
    """Read the authentication parameters.

    Raises:
        MissingParameter, InvalidTimestamp, InvalidAccessKeyId, InvalidArgument: about the parameter in question.
        IncompleteSignature: another method or version of signing.
    """
    access_key_id = _required(parameters, "AccessKeyId")
    signature = _required(parameters, "Signature")
    if _required(parameters, "SignatureMethod") != _METHOD or _required(parameters, "SignatureVersion") != _VERSION:
        raise IncompleteSignature(f"SignatureMethod must be {_METHOD} and SignatureVersion {_VERSION}.")
    if parameters.get("SignatureType"):
        raise IncompleteSignature("SignatureType is not supported.")
    nonce = check_nonce(parameters.get("SignatureNonce"))
    signed_at = parse_iso_date(_required(parameters, "Timestamp"))
    if signed_at is None:
        raise InvalidTimestamp
    if (parameters.get("Format") or "json").lower() != "json":
        raise InvalidArgument("The Format of an answer can only be JSON.")
    return ImmClaim(
        scheme=ImmScheme.RPC,
        access_key_id=check_access_key_id(access_key_id),
        signature=signature,
        token=parameters.get("SecurityToken") or None,
        signed_at=signed_at,
        nonce=nonce,
        action=_required(parameters, "Action"),
        version=_required(parameters, "Version"),
        parameters=parameters,
    )


def attempt(method: str, claim: ImmClaim, secret: Secret) -> Attempt:
    """Compute the signature that this secret gives."""
    text = string_to_sign(method, claim.parameters)
    digest = hmac.new(to_bytes(f"{secret.reveal()}&"), text, hashlib.sha1).digest()
    return Attempt(b"", text, base64.b64encode(digest).decode())


def string_to_sign(method: str, parameters: Query) -> bytes:
    """Build the text that is signed."""
    pairs = sorted(pair for pair in parameters.pairs if pair[0] != "Signature")
    query = "&".join(f"{encode(name)}={encode(value)}" for name, value in pairs)
    return f"{method}&{encode('/')}&{encode(query)}".encode("latin-1")


def _required(parameters: Query, name: str) -> str:
    value = parameters.get(name)
    if not value:
        raise MissingParameter(name)
    return value
