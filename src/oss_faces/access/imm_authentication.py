"""Who sent a request of IMM."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from oss_faces.access.authentication import DECOY, check_validity
from oss_faces.access.keys import KeyRing
from oss_faces.access.nonces import Nonces
from oss_faces.errors import InvalidAccessKeyId, RequestError
from oss_faces.imm_errors import NonceUsed
from oss_faces.protocol import ImmClaim, read_imm_claim, verify_imm
from oss_faces.values import Principal, WireRequest


@dataclass(frozen=True, slots=True)
class ImmAuthenticated:
    """A request whose sender is known; `claim` says which operation was signed, with which parameters."""

    principal: Principal
    claim: ImmClaim


class ImmAuthenticator:
    """Checks signatures of IMM against a key ring, and that each request comes once."""

    def __init__(self, keys: KeyRing, nonces: Nonces, skew_s: int, now: Callable[[], datetime]) -> None:
        self._keys = keys
        self._nonces = nonces
        self._skew_s = skew_s
        self._now = now

    async def authenticate(self, request: WireRequest, body: bytes) -> ImmAuthenticated:
        """Find out who sent the request. There are no anonymous ones.

        Raises:
            InvalidAccessKeyId: no such key, or a disabled one; or it came without its token, or with one it has not.
            SignatureDoesNotMatch: the key gives another signature.
            NonceUsed: the very same request was answered before.
            StorageUnavailable: whether it was cannot be told.
            RequestError: anything else that `read_imm_claim`, `verify_imm` and `check_validity` refuse.
        """
        claim = read_imm_claim(request, body)
        now = self._now()
        key = await self._keys.find(claim.access_key_id)
        if key is None:
            with suppress(RequestError):
                verify_imm(request, body, claim, DECOY, now, self._skew_s)
            raise InvalidAccessKeyId
        verify_imm(request, body, claim, key.secret, now, self._skew_s)
        check_validity(key, claim.token, now)
        # Last, so that only who holds the secret can use a nonce up.
        until = claim.signed_at + timedelta(seconds=self._skew_s)
        if not await self._nonces.use(claim.access_key_id, claim.nonce, until, now):
            raise NonceUsed
        return ImmAuthenticated(Principal(key.access_key_id, key.rights, key.parent_id), claim)
