"""What a signed request says about itself before anything is checked, and the secret it is checked with."""

import enum
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from oss_faces.errors import ConfigurationError
from oss_faces.protocol.encoding import Query, to_bytes
from oss_faces.values import Address, WireRequest

ANY_REGION: Final = "*"

SKEW_S: Final = 15 * 60
"""Allowed difference between the request's date and the clock, in seconds. Source: OSS error 0002-00000504."""


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
class SigningSettings:
    """What signatures are accepted.

    Attributes:
        regions: region ids that a V4 scope may name, without `oss-`; `*` accepts every one.
        skew_s: allowed difference between a request's date and the clock, in seconds.
        v1_lenient_process: accept V1 signatures that do not cover `x-oss-process` (SDK `alibabacloud-oss-v2`
            with V1). Off, because whoever holds such a URL may change the operation.
    """

    regions: tuple[str, ...] = (ANY_REGION,)
    skew_s: int = SKEW_S
    v1_lenient_process: bool = False

    def validate(self) -> None:
        """Raise ConfigurationError at the first value that cannot work."""
        if not self.regions:
            raise ConfigurationError("at least one region is needed; '*' accepts every one")
        for region in self.regions:
            if region.startswith("oss-"):
                raise ConfigurationError(f"a region id has no 'oss-' before it: {region!r}")
        if self.skew_s < 1:
            raise ConfigurationError("the allowed clock skew must be at least 1 s")


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
