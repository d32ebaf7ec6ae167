"""Who sent a request."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from oss_faces.access.keys import AccessKey, KeyRing
from oss_faces.errors import InvalidAccessKeyId, InvalidSecurityToken, RequestError
from oss_faces.protocol.addressing import AddressingSettings, candidates
from oss_faces.protocol.claims import Claim, Secret, SigningSettings
from oss_faces.protocol.signing import read_claim, verify
from oss_faces.values import Address, Principal, WireRequest

_DECOY: Final = Secret("A" * 30)
"""Verified against when the key is unknown, so that the answer takes as long as for a known one."""


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

    def authenticate(self, request: WireRequest) -> Authenticated:
        """Find out who sent the request and what it is about.

        Raises:
            InvalidAccessKeyId: no such key.
            SignatureDoesNotMatch: the key gives another signature.
            InvalidSecurityToken: the token is absent, superfluous, another one or expired.
            RequestError: anything else that `read_claim`, `verify` and `candidates` refuse.
        """
        claim = read_claim(request)
        readings = candidates(request, self._addressing)
        if claim is None:
            return Authenticated(Principal(), readings[0], presigned=False)
        now = self._now()
        key = self._keys.find(claim.access_key_id)
        if key is None:
            with suppress(RequestError):
                verify(request, claim, _DECOY, readings, now, self._signing)
            raise InvalidAccessKeyId(details={"OSSAccessKeyId": claim.access_key_id})
        address = verify(request, claim, key.secret, readings, now, self._signing)
        _check_token(claim, key, now)
        return Authenticated(Principal(key.access_key_id), address, claim.presigned)


def _check_token(claim: Claim, key: AccessKey, now: datetime) -> None:
    if key.token is None:
        if claim.token is not None:
            raise InvalidSecurityToken(ec="0002-00000004")
    elif claim.token is None or not key.token.matches(claim.token):
        raise InvalidSecurityToken(ec="0002-00000006")
    if key.expires is not None and now > key.expires:
        raise InvalidSecurityToken("The security token you provided has expired.", ec="0002-00000007")
