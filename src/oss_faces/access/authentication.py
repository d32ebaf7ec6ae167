"""Who sent a request."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from oss_faces.access.keys import AccessKey, KeyRing, is_token
from oss_faces.errors import (
    AccessKeyIdAndSecurityTokenNotMatch,
    InvalidAccessKeyId,
    InvalidSecurityToken,
    RequestError,
    SecurityTokenExpired,
)
from oss_faces.protocol.addressing import candidates
from oss_faces.protocol.claims import Secret
from oss_faces.protocol.settings import AddressingSettings, SigningSettings
from oss_faces.protocol.signing import read_claim, verify
from oss_faces.values import Address, Principal, WireRequest

DECOY: Final = Secret("A" * 30)
"""Verified against when the key is unknown, so that the answer takes as long as for a known one."""

_TOKEN_LOST: Final = (
    "The OSS Access Key Id you provided does not exist in our records. "  # noqa: S105  a message, no token
    "The Security Token may be lost to specify that it is a STS Access Id."
)


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A request whose sender is known, or is known to be anonymous.

    Attributes:
        address: for a signed request the reading that was signed; for an anonymous one the likeliest.
        presigned: whether the signature stood in the query.
    """

    principal: Principal
    address: Address
    presigned: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a signed request says of itself. Nothing of it was checked.

    Attributes:
        readings: every address that it may be about.
    """

    access_key_id: str
    readings: tuple[Address, ...]


class Authenticator:
    """Checks signatures against a key ring. There is no switch to skip it."""

    def __init__(
        self,
        keys: KeyRing,
        addressing: AddressingSettings,
        signing: SigningSettings,
        now: Callable[[], datetime],
    ) -> None:
        self._keys = keys
        self._addressing = addressing
        self._signing = signing
        self._now = now

    def claimed(self, request: WireRequest) -> Claimed | None:
        """Read what a request says of itself; `None` when it is not signed, or cannot be understood."""
        try:
            claim = read_claim(request)
            return None if claim is None else Claimed(claim.access_key_id, candidates(request, self._addressing))
        except RequestError:
            return None

    async def authenticate(self, request: WireRequest) -> Authenticated:
        """Find out who sent the request and what it is about.

        Raises:
            InvalidAccessKeyId: no such key, or a disabled one; or it came without its token, or with one it has not.
            SignatureDoesNotMatch: the key gives another signature.
            InvalidSecurityToken: the token is none at all.
            AccessKeyIdAndSecurityTokenNotMatch: the token is that of another key.
            SecurityTokenExpired: the time of the temporary credentials is over.
            RequestError: anything else that `read_claim`, `verify` and `candidates` refuse.
        """
        claim = read_claim(request)
        readings = candidates(request, self._addressing)
        if claim is None:
            return Authenticated(Principal(), readings[0], presigned=False)
        now = self._now()
        key = await self._keys.find(claim.access_key_id)
        if key is None:
            with suppress(RequestError):
                verify(request, claim, DECOY, readings, now, self._signing)
            raise InvalidAccessKeyId(details={"OSSAccessKeyId": claim.access_key_id})
        address = verify(request, claim, key.secret, readings, now, self._signing)
        check_validity(key, claim.token, now)
        return Authenticated(Principal(key.access_key_id, key.rights, key.parent_id), address, claim.presigned)


def check_validity(key: AccessKey, token: str | None, now: datetime) -> None:
    """Refuse a key that may not be used now, or not with this token. Called when the signature has been found right.

    Source: the OSS error pages "HTTP 403 errors" and 0002-00000002, -03, -04, -06 and -07.

    Raises:
        InvalidAccessKeyId, InvalidSecurityToken, AccessKeyIdAndSecurityTokenNotMatch, SecurityTokenExpired: as for
            `Authenticator.authenticate`.
    """
    details = {"OSSAccessKeyId": key.access_key_id}
    if key.token is None and token is not None:
        raise InvalidAccessKeyId(ec="0002-00000002", details=details)
    if key.token is not None:
        if token is None:
            raise InvalidAccessKeyId(_TOKEN_LOST, ec="0002-00000003", details=details)
        if not key.token.matches(token):
            raise AccessKeyIdAndSecurityTokenNotMatch if is_token(token) else InvalidSecurityToken
    if key.expires is not None and now > key.expires:
        raise SecurityTokenExpired
    if not key.is_enabled:
        raise InvalidAccessKeyId("The OSS Access Key Id you provided is disabled.", details=details)
