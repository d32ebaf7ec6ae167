"""Making keys: their form, their limits, and what they may do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from oss_faces.access import AccessKey, KeyIssuer, MemoryKeyStore
from oss_faces.access.issuing import GRANTS_MAX
from oss_faces.access.keys import is_token
from oss_faces.errors import ConfigurationError
from oss_faces.grants import Grant, Permission
from oss_faces.protocol.credentials import is_access_key_id

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 23, 12, 0, 0, 999_999, tzinfo=UTC)
READ = Grant(("oss:GetObject",), "photos")
HOUR = timedelta(hours=1)


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(clock: Callable[[], datetime]) -> KeyIssuer:
    return KeyIssuer(MemoryKeyStore(), clock)


async def found(issuer: KeyIssuer, key: AccessKey) -> AccessKey:
    kept = await issuer.store.find(key.access_key_id)
    assert kept is not None
    return kept


async def test_a_key_has_the_official_shape(issuer: KeyIssuer) -> None:
    """Ids and secrets are as long as the official ones, and never come twice."""
    keys = [await issuer.create("", [READ]) for _ in range(20)]
    for key in keys:
        assert len(key.access_key_id) == 24
        assert key.access_key_id.startswith("OSSF")
        assert len(key.secret.reveal()) == 30
        assert key.token is None
    assert len({key.access_key_id for key in keys} | {key.secret.reveal() for key in keys}) == 40


async def test_a_key_may_what_it_was_given(issuer: KeyIssuer) -> None:
    """Its grants, and nothing when there are none."""
    kept = await found(issuer, await issuer.create("reader", [READ]))
    assert kept.rights.cover(Permission.GET_OBJECT, "photos", "k")
    assert not kept.rights.cover(Permission.PUT_OBJECT, "photos", "k")
    bare = await found(issuer, await issuer.create("", []))
    assert not bare.rights.cover(Permission.GET_OBJECT, "photos", "k")
    (reader, _) = sorted(await issuer.list(), key=lambda record: record.name, reverse=True)
    assert (reader.name, reader.grants, reader.created) == ("reader", (READ,), NOON.replace(microsecond=0))


async def test_temporary_credentials_have_the_official_shape(issuer: KeyIssuer) -> None:
    """`STS.` before the id, a token, and an end counted from now."""
    parent = await issuer.create("", [READ])
    key = await issuer.assume(parent.access_key_id, HOUR, [])
    assert key.access_key_id.startswith("STS.")
    assert is_access_key_id(key.access_key_id)
    assert key.token is not None
    assert is_token(key.token.reveal())
    assert key.expires == NOON.replace(microsecond=0) + HOUR
    assert key.parent_id == parent.access_key_id


@pytest.mark.parametrize(
    ("grants", "reads", "writes"),
    [
        ([], True, False),
        ([Grant(("*",))], True, False),
        ([Grant(("oss:GetObject",), "photos", "2024/")], False, False),
        ([Grant(("oss:PutObject",), "photos")], False, False),
        ([READ], True, False),
    ],
)
async def test_credentials_never_exceed_their_key(
    issuer: KeyIssuer, grants: list[Grant], reads: bool, writes: bool
) -> None:
    """Whatever is asked for, the key's own grants are the limit; without grants they have all of them."""
    parent = await issuer.create("", [READ])
    kept = await found(issuer, await issuer.assume(parent.access_key_id, HOUR, grants))
    assert kept.rights.cover(Permission.GET_OBJECT, "photos", "k") is reads
    assert kept.rights.cover(Permission.PUT_OBJECT, "photos", "k") is writes


@pytest.mark.parametrize("name", ["x" * 65, "two\nlines", "\x1b[31m", "a\tb"])
async def test_a_name_is_one_short_line(issuer: KeyIssuer, name: str) -> None:
    """It is printed to terminals."""
    with pytest.raises(ConfigurationError, match="printable"):
        await issuer.create(name, [])
    assert await issuer.list() == ()


async def test_the_number_of_grants_is_bounded(issuer: KeyIssuer) -> None:
    """They are read with each request."""
    parent = await issuer.create("", [READ] * GRANTS_MAX)
    with pytest.raises(ConfigurationError, match="at most 32 grants"):
        await issuer.create("", [READ] * (GRANTS_MAX + 1))
    with pytest.raises(ConfigurationError, match="at most 32 grants"):
        await issuer.assume(parent.access_key_id, HOUR, [READ] * (GRANTS_MAX + 1))


@pytest.mark.parametrize("duration", [timedelta(0), timedelta(seconds=-1), timedelta(days=7, seconds=1)])
async def test_the_time_of_credentials_is_bounded(issuer: KeyIssuer, duration: timedelta) -> None:
    """From a second to seven days."""
    parent = await issuer.create("", [READ])
    with pytest.raises(ConfigurationError, match="from 1 second to 7 days"):
        await issuer.assume(parent.access_key_id, duration, [])


@pytest.mark.parametrize("parent_id", ["", "OSSFnobody"])
async def test_credentials_need_a_key(issuer: KeyIssuer, parent_id: str) -> None:
    """An unknown key, the root key among them, gives none out."""
    with pytest.raises(ConfigurationError):
        await issuer.assume(parent_id, HOUR, [])


async def test_credentials_are_forgotten_a_day_after_their_end(issuer: KeyIssuer, clock: Clock) -> None:
    """Until then their holder is told that they have ended; new ones being made are the occasion."""
    parent = await issuer.create("", [READ])
    first = await issuer.assume(parent.access_key_id, HOUR, [])
    clock.time = NOON + HOUR + timedelta(days=1)
    second = await issuer.assume(parent.access_key_id, HOUR, [])
    clock.time += timedelta(seconds=1)
    assert await issuer.store.find(first.access_key_id) is not None
    third = await issuer.assume(parent.access_key_id, HOUR, [])
    assert await issuer.store.find(first.access_key_id) is None
    for key in (second, third):
        await found(issuer, key)


async def test_an_unknown_key_is_told(issuer: KeyIssuer) -> None:
    """Switching or deleting what is not there is an error, not silence."""
    for call in (
        issuer.set_enabled("x", is_enabled=True),
        issuer.set_enabled("x", is_enabled=False),
        issuer.delete("x"),
    ):
        with pytest.raises(ConfigurationError, match="no such key: x"):
            await call
