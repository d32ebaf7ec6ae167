"""What a signed request says about itself before anything is checked, and the secret it is checked with."""

import enum
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from oss_faces.protocol.encoding import Query, to_bytes
from oss_faces.protocol.settings import SigningSettings
from oss_faces.values import Address, WireRequest


class Secret:
    """An access key secret that does not show itself in logs, tracebacks and comparisons."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the secret's text; for signing and for the key file only."""
        return self._text

    def matches(self, other: str) -> bool:
        """Compare with another text in constant time."""
        return hmac.compare_digest(to_bytes(self._text), to_bytes(other))

    def __repr__(self) -> str:
        return "Secret(...)"


class Scheme(enum.StrEnum):
    """The signature schemes that are served."""

    V1 = "V1"
    V2 = "V2"
    V4 = "V4"


@dataclass(frozen=True, slots=True)
class Claim:
    """The authentication part of a request, well formed but unverified.

    Attributes:
        presigned: the signature stands in the query; else in the Authorization header.
        signature: as sent; not shown by `repr`.
        token: security token of temporary credentials, None when absent; not shown by `repr`.
        timestamp: the text that the scheme signs as the time.
        signed_at: that time, aware UTC; None for V1 and V2 URLs, which do not tell it.
        expires_at: end of validity of a presigned URL, aware UTC; None for header signatures.
        region: region of the V4 scope, for instance `cn-hangzhou`; empty for V1 and V2.
        date: date of the V4 scope, `YYYYMMDD`; empty for V1 and V2.
        additional_headers: lower-case names of further signed headers, sorted; V2 and V4 only.
    """

    scheme: Scheme
    presigned: bool
    access_key_id: str
    signature: str = field(repr=False)
    token: str | None = field(repr=False)
    timestamp: str
    signed_at: datetime | None
    expires_at: datetime | None
    region: str = ""
    date: str = ""
    additional_headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way in which a client can have signed the request, with each step of the computation.

    Attributes:
        canonical_request: V4 only; empty for V1 and V2.
        signature: the right one for this way, to be compared in constant time; not shown by `repr`.
    """

    canonical_request: bytes
    string_to_sign: bytes
    signature: str = field(repr=False)


class SignatureScheme(Protocol):
    """What the facade needs of a scheme."""

    def read_header(self, request: WireRequest, query: Query, credentials: str) -> Claim:
        """Read the Authorization header; `credentials` is what follows the scheme's name and the blank.

        Raises:
            RequestError: malformed.
        """

    def read_query(self, request: WireRequest, query: Query) -> Claim:
        """Read the parameters of a presigned URL.

        Raises:
            RequestError: malformed.
        """

    def attempts(
        self, request: WireRequest, claim: Claim, secret: Secret, address: Address, settings: SigningSettings
    ) -> Iterator[Attempt]:
        """Give each way in which the request can have been signed for this address; at least one."""
