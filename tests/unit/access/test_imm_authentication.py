"""Who sent a request of IMM, and that it comes once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oss_faces.access import AccessKey, ImmAuthenticator, MemoryKeyRing, MemoryNonces, Secret
from oss_faces.errors import (
    AccessKeyIdAndSecurityTokenNotMatch,
    InvalidAccessKeyId,
    RequestTimeTooSkewed,
    SecurityTokenExpired,
    SignatureDoesNotMatch,
)
from oss_faces.grants import EVERYTHING
from oss_faces.imm_errors import NonceUsed
from oss_faces.values import Principal, WireRequest
from tests.imm_requests import KEY_ID, SECRET, acs3, rpc

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 18, 54, 6, tzinfo=UTC)
KEY = AccessKey(KEY_ID, Secret(SECRET), rights=EVERYTHING)
TOKEN = "t" * 64
Made = tuple[WireRequest, bytes]


def authenticator(key: AccessKey = KEY, now: Callable[[], datetime] = lambda: NOW) -> ImmAuthenticator:
    return ImmAuthenticator(MemoryKeyRing([key]), MemoryNonces(10), 900, now)


@pytest.mark.parametrize("made", [acs3("ProjectName=p"), rpc(ProjectName="p")], ids=["ACS3", "RPC"])
async def test_the_sender_and_what_was_signed(made: Made) -> None:
    """Both schemes say who sent the request, with which rights, and which operation was signed."""
    found = await authenticator().authenticate(*made)
    assert found.principal == Principal(KEY_ID, EVERYTHING)
    assert (found.claim.action, found.claim.parameters.get("ProjectName")) == ("GetProject", "p")


@pytest.mark.parametrize("made", [acs3(), rpc()], ids=["ACS3", "RPC"])
async def test_a_request_comes_once(made: Made) -> None:
    """The very same request a second time is a replay; one with another nonce is not."""
    door = authenticator()
    await door.authenticate(*made)
    with pytest.raises(NonceUsed):
        await door.authenticate(*made)
    await door.authenticate(*acs3(x_acs_signature_nonce="n2"))


async def test_a_refused_request_uses_no_nonce_up() -> None:
    """Who does not hold the secret cannot take a nonce away from who does."""
    door, made = authenticator(), acs3()
    request, body = made
    forged = replace(request, query="ProjectName=forged")
    with pytest.raises(SignatureDoesNotMatch):
        await door.authenticate(forged, body)
    await door.authenticate(*made)


async def test_an_unknown_key() -> None:
    """A key that is not there is refused, whatever the signature."""
    with pytest.raises(InvalidAccessKeyId):
        await authenticator(AccessKey("another", Secret(SECRET))).authenticate(*acs3())


async def test_a_disabled_key() -> None:
    """A key that was switched off signs nothing."""
    with pytest.raises(InvalidAccessKeyId):
        await authenticator(replace(KEY, is_enabled=False)).authenticate(*acs3())


async def test_an_old_request() -> None:
    """The clock that is handed in decides."""
    late = authenticator(now=lambda: NOW + timedelta(seconds=901))
    with pytest.raises(RequestTimeTooSkewed):
        await late.authenticate(*acs3())


async def test_temporary_credentials() -> None:
    """They need their token, by header or by parameter, until their time is over."""
    key = replace(KEY, token=Secret(TOKEN), expires=NOW, parent_id="parent")
    for made in (acs3(x_acs_security_token=TOKEN), rpc(SecurityToken=TOKEN)):
        found = await authenticator(key).authenticate(*made)
        assert found.principal == Principal(KEY_ID, EVERYTHING, "parent")
        with pytest.raises(SecurityTokenExpired):
            await authenticator(key, lambda: NOW + timedelta(seconds=1)).authenticate(*made)
    with pytest.raises(InvalidAccessKeyId):
        await authenticator(key).authenticate(*acs3())
    with pytest.raises(AccessKeyIdAndSecurityTokenNotMatch):
        await authenticator(key).authenticate(*acs3(x_acs_security_token="u" * 64))
