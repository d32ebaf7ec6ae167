import dataclasses
import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oss_faces.access import AccessKey, Authenticator, MemoryKeyRing, Secret
from oss_faces.access.authentication import check_validity
from oss_faces.errors import (
    AccessKeyIdAndSecurityTokenNotMatch,
    InvalidAccessKeyId,
    InvalidArgument,
    InvalidSecurityToken,
    SecurityTokenExpired,
    SignatureDoesNotMatch,
)
from oss_faces.grants import EVERYTHING
from oss_faces.protocol import AddressingSettings, SigningSettings
from oss_faces.values import Address, Principal, WireRequest

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, tzinfo=UTC)
VECTORS = Path(__file__).parents[2] / "vectors"


class CountingRing:
    """A ring that remembers what it was asked for."""

    def __init__(self, *keys):
        self.ring = MemoryKeyRing(keys)
        self.asked = []

    async def find(self, access_key_id):
        self.asked.append(access_key_id)
        return await self.ring.find(access_key_id)


def read(file, name):
    """Give one captured request, the document it stands in, and the moment it was received."""
    document = json.loads((VECTORS / file).read_text("utf-8"))
    case = next(case for case in document["cases"] if case["name"].endswith(f"/{name}"))
    headers = tuple((key.lower(), value) for key, value in case["headers"])
    request = WireRequest(case["method"], case["path"], case["query"], headers)
    return request, datetime.fromtimestamp(case["received_at"], UTC), document["credentials"]


def keys_of(credentials, **changes):
    """Give the lasting and the temporary key of the captures."""
    temporary = AccessKey(
        credentials["sts_access_key_id"], Secret(credentials["sts_secret"]), Secret(credentials["sts_token"])
    )
    lasting = AccessKey(credentials["access_key_id"], Secret(credentials["secret"]))
    return lasting, dataclasses.replace(temporary, **changes)


async def authenticate(request, now, *keys):
    """Authenticate against these keys with the settings of the captures."""
    ring = CountingRing(*keys)
    authenticator = Authenticator(ring, AddressingSettings(), SigningSettings(), lambda: now)
    return await authenticator.authenticate(request)


@pytest.mark.parametrize(
    ("file", "name", "presigned"),
    [
        ("oss2.json", "get_process_v4_ip", False),
        ("oss2.json", "get_process_v1_ip", False),
        ("oss2.json", "presign_process_v4_ip", True),
        ("oss2.json", "presign_process_v1_ip", True),
        ("synthetic.json", "go_v1_get_process_v4_header", False),
    ],
)
async def test_a_signed_request_has_a_principal(file, name, presigned):
    """A valid signature gives the key's id, the signed address, and the form it had."""
    request, now, credentials = read(file, name)
    found = await authenticate(request, now, *keys_of(credentials))
    assert found.principal == Principal("LTAI5tFakeAccessKeyId000")
    assert found.address == Address("examplebucket", "example.jpg")
    assert found.presigned is presigned


TEMPORARY = [
    ("oss2.json", "get_process_v4sts_ip"),
    ("oss2.json", "get_process_v1sts_ip"),
    ("oss2.json", "presign_process_v4sts_ip"),
    ("oss2.json", "presign_process_v1sts_ip"),
    ("alibabacloud_oss_v2.json", "get_process_v4_sts"),
    ("ali-oss.json", "get_process_v1_sts"),
]


@pytest.mark.parametrize(("file", "name"), TEMPORARY)
async def test_temporary_credentials(file, name):
    """A temporary key passes with its token until it expires, in every form."""
    request, now, credentials = read(file, name)
    found = await authenticate(request, now, *keys_of(credentials, expires=now, rights=EVERYTHING, parent_id="mother"))
    assert found.principal == Principal("STS.FakeTempKeyId0000000", EVERYTHING, "mother")
    assert found.principal.lasting_key_id == "mother"
    with pytest.raises(SecurityTokenExpired):
        await authenticate(request, now, *keys_of(credentials, expires=now - timedelta(seconds=1)))


@pytest.mark.parametrize(("file", "name"), TEMPORARY)
async def test_another_token(file, name):
    """A token that is not the key's is refused, and so is one where the key has none."""
    request, now, credentials = read(file, name)
    with pytest.raises(InvalidSecurityToken):
        await authenticate(request, now, *keys_of(credentials, token=Secret("another")))
    with pytest.raises(InvalidAccessKeyId) as superfluous:
        await authenticate(request, now, *keys_of(credentials, token=None))
    assert superfluous.value.ec_value == "0002-00000002"


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("T" * 64, None),
        ("S" * 64, AccessKeyIdAndSecurityTokenNotMatch),
        ("T" * 63, InvalidSecurityToken),
        ("T" * 63 + "-", InvalidSecurityToken),
        ("", InvalidSecurityToken),
    ],
)
def test_a_swapped_token_is_told_from_nonsense(token, error):
    """What has the form of a token of ours is that of another key; anything else is no token."""
    key = AccessKey("STS.id", Secret("s"), Secret("T" * 64), NOW)
    with pytest.raises(error) if error else nullcontext():
        check_validity(key, token, NOW)


def test_what_is_wrong_is_told_in_order():
    """A lost token goes before a late one, a late one before a disabled key."""
    late = AccessKey("STS.id", Secret("s"), Secret("T" * 64), NOW - timedelta(seconds=1), is_enabled=False)
    with pytest.raises(InvalidAccessKeyId, match="may be lost") as lost:
        check_validity(late, None, NOW)
    assert lost.value.ec_value == "0002-00000003"
    with pytest.raises(SecurityTokenExpired):
        check_validity(late, "T" * 64, NOW)
    with pytest.raises(InvalidAccessKeyId, match="is disabled"):
        check_validity(dataclasses.replace(late, expires=NOW), "T" * 64, NOW)


async def test_a_disabled_key():
    """A disabled key is told so only when the signature is its own."""
    request, now, credentials = read("oss2.json", "get_process_v4_ip")
    lasting = dataclasses.replace(keys_of(credentials)[0], is_enabled=False)
    with pytest.raises(InvalidAccessKeyId, match="is disabled"):
        await authenticate(request, now, lasting)
    with pytest.raises(SignatureDoesNotMatch):
        await authenticate(request, now, dataclasses.replace(lasting, secret=Secret("another")))


async def test_a_temporary_key_without_its_token():
    """A temporary key's secret alone does not do."""
    request, now, credentials = read("oss2.json", "get_process_v4_ip")
    lasting, _ = keys_of(credentials)
    with pytest.raises(InvalidAccessKeyId, match="Security Token may be lost"):
        await authenticate(request, now, dataclasses.replace(lasting, token=Secret("t")))


async def test_the_token_of_the_v2_python_sdk_is_read():
    """alibabacloud-oss-v2 with V1 sends its token as the unsigned header `security-token`."""
    request, now, credentials = read("alibabacloud_oss_v2.json", "get_process_v1_sts")
    ring = MemoryKeyRing(keys_of(credentials))
    lenient = SigningSettings(v1_lenient_process=True)
    found = await Authenticator(ring, AddressingSettings(), lenient, lambda: now).authenticate(request)
    assert found.principal == Principal("STS.FakeTempKeyId0000000")


async def test_an_unknown_key():
    """An id that is not in the ring is InvalidAccessKeyId, whatever else is wrong with the request."""
    request, now, credentials = read("oss2.json", "get_process_v4_ip")
    for moment in (now, now + timedelta(days=1)):
        with pytest.raises(InvalidAccessKeyId) as caught:
            await authenticate(request, moment, *keys_of(credentials)[1:])
        assert caught.value.details == {"OSSAccessKeyId": "LTAI5tFakeAccessKeyId000"}


async def test_a_wrong_secret():
    """A key with another secret is SignatureDoesNotMatch."""
    request, now, credentials = read("oss2.json", "get_process_v4_ip")
    with pytest.raises(SignatureDoesNotMatch):
        await authenticate(request, now, AccessKey(credentials["access_key_id"], Secret("another")))


@pytest.mark.parametrize(
    ("host", "address"),
    [("localhost", Address("b", "k")), ("b.localhost", Address("b", "b/k")), ("nas.lan", Address("b", "k"))],
)
async def test_an_anonymous_request_has_its_likeliest_address(host, address):
    """Without a signature the principal is anonymous, no key is looked up, and the first reading counts."""
    ring = CountingRing()
    authenticator = Authenticator(ring, AddressingSettings(), SigningSettings(), lambda: datetime.now(UTC))
    found = await authenticator.authenticate(WireRequest("GET", "/b/k", "", (("host", host),)))
    assert (found.principal, found.address, found.presigned) == (Principal(), address, False)
    assert found.principal.is_anonymous
    assert ring.asked == []


async def test_a_spoilt_signature_is_not_anonymous():
    """A request that tries to sign and fails is refused even where an anonymous one would pass."""
    ring = MemoryKeyRing()
    authenticator = Authenticator(ring, AddressingSettings(), SigningSettings(), lambda: datetime.now(UTC))
    for headers, query in (((("authorization", "nonsense"),), ""), ((), "x-oss-signature=x")):
        with pytest.raises(InvalidArgument):
            await authenticator.authenticate(WireRequest("GET", "/b/k", query, headers))


def test_claim_is_read_and_not_judged():
    """Whoever it says that it comes from and whatever it may be about; nothing of what is unsigned or unreadable."""
    asks = Authenticator(MemoryKeyRing([]), AddressingSettings(), SigningSettings(), lambda: NOW)
    query = "OSSAccessKeyId=ours&Expires=1&Signature=wrong"
    claimed = asks.claimed(WireRequest("GET", "/photos/a%20b", query, (("host", "127.0.0.1"),)))
    assert (claimed.access_key_id, claimed.readings[0]) == ("ours", Address("photos", "a b"))
    for path, other in (("/photos/a", ""), ("/photos/%", query), ("/photos/a", "x-oss-signature=a")):
        assert asks.claimed(WireRequest("GET", path, other, (("host", "127.0.0.1"),))) is None
