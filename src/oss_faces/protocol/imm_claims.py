"""Requests of IMM (Intelligent Media Management): how they are told from those of OSS, and what they say.

An application talks to both services at one address, so a request is judged by the marks of its signature.
"""

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from oss_faces.errors import InvalidArgument
from oss_faces.imm_errors import MissingParameter
from oss_faces.protocol.encoding import Query, parse_query
from oss_faces.values import WireRequest

QUERY_LENGTH_MAX: Final = 96 * 1024
"""Characters of a raw query. 100 files in one BatchIndexFileMeta are about 35,000, with long names three times that."""

BODY_BYTES_MAX: Final = 256 * 1024
"""Bytes of a form, in which older clients send what others put into the query."""

PARAMETERS_MAX: Final = 2048
"""Parameters in query and form together. Flattened lists have one for each field of each entry."""

NONCE_LENGTH_MAX: Final = 128

FORM_TYPE: Final = "application/x-www-form-urlencoded"

_MARKS: Final = frozenset({"x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce"})


class ImmScheme(enum.StrEnum):
    """The signature schemes of IMM."""

    ACS3 = "ACS3-HMAC-SHA256"
    RPC = "HMAC-SHA1"


@dataclass(frozen=True, slots=True)
class ImmClaim:
    """The authentication part of a request, well formed but unverified.

    Attributes:
        signature: as sent; not shown by `repr`.
        token: security token of temporary credentials, None when absent; not shown by `repr`.
        signed_at: time of the request, aware UTC.
        nonce: what makes the request unlike every other one.
        action, version: of the operation, from the part that the scheme signs.
        parameters: everything in query and form, the authentication of the RPC scheme included.
        signed_headers: lower-case names in the order in which they are signed; ACS3 only.
    """

    scheme: ImmScheme
    access_key_id: str
    signature: str = field(repr=False)
    token: str | None = field(repr=False)
    signed_at: datetime
    nonce: str
    action: str
    version: str
    parameters: Query = field(repr=False)
    signed_headers: tuple[str, ...] = ()


def is_imm_request(request: WireRequest) -> bool:
    """Tell whether a request is for IMM: by its `x-acs-` headers, its scheme, or the parameters of the RPC scheme.

    A form sent to the root without anything else is one, too: the oldest clients put everything into it.
    """
    if not _MARKS.isdisjoint(name for name, _ in request.headers):
        return True
    authorization = request.header("authorization")
    if authorization is not None:
        return authorization.startswith("ACS3-")
    names = {piece.partition("=")[0] for piece in request.query.split("&")}
    if "SignatureMethod" in names or {"Action", "Version"} <= names:
        return is_root(request)
    return request.method == "POST" and is_root(request) and not request.query and is_form(request)


def is_root(request: WireRequest) -> bool:
    """Tell whether the path is `/`, the only one that IMM has."""
    return request.path in ("", "/")


def is_form(request: WireRequest) -> bool:
    """Tell whether the body is announced as a form."""
    return (request.header("content-type") or "").partition(";")[0].strip().lower() == FORM_TYPE


def read_parameters(request: WireRequest, body: bytes) -> Query:
    """Read query and form.

    Raises:
        InvalidArgument: too long, too many, a broken escape, a text that is not UTF-8, or a body that is no form.
    """
    pairs = parse_query(request.query, QUERY_LENGTH_MAX, PARAMETERS_MAX).pairs
    if body:
        if not is_form(request):
            raise InvalidArgument(f"The body must be empty or of the type {FORM_TYPE}.")
        pairs += parse_query(body.decode("latin-1"), BODY_BYTES_MAX, PARAMETERS_MAX).pairs
    if len(pairs) > PARAMETERS_MAX:
        raise InvalidArgument("The request has too many parameters.")
    try:
        "".join(name + value for name, value in pairs).encode()
    except UnicodeEncodeError:
        raise InvalidArgument("A parameter is not UTF-8.") from None
    return Query(pairs)


def check_nonce(nonce: str | None) -> str:
    """Return the nonce.

    Raises:
        MissingParameter: there is none.
        InvalidArgument: it is too long to be remembered.
    """
    if not nonce:
        raise MissingParameter("SignatureNonce")
    if len(nonce) > NONCE_LENGTH_MAX:
        raise InvalidArgument("The SignatureNonce is too long.")
    return nonce
