"""What every keeper of keys does. A new one is added to the fixture and must pass unchanged."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oss_faces.access import DatabaseKeyStore, KeyRecord, KeyRings, KeyStore, MemoryKeyStore, Secret
from oss_faces.errors import ConfigurationError
from oss_faces.grants import EVERYTHING, Grant, Rights

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GRANTS = (Grant(("oss:GetObject", "imm:*"), "photos", "2024/照片 \"'"), Grant(("*",)))
LASTING = KeyRecord("OSSFlasting", "the owner's own words", GRANTS, NOW)
TEMPORARY = KeyRecord(
    "STS.temporary", "", (Grant(("oss:*",)),), NOW, parent_id=LASTING.access_key_id, expires=NOW + timedelta(hours=1)
)
MANY = 1000


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request, states) -> KeyStore:
    return MemoryKeyStore() if request.param == "memory" else DatabaseKeyStore(states(request.param))


async def fill(store: KeyStore) -> None:
    await store.add(LASTING, Secret("lasting secret"), None, MANY)
    await store.add(TEMPORARY, Secret("temporary secret"), Secret("its token"), MANY)


async def test_nothing_is_found_in_an_empty_store(store: KeyStore) -> None:
    """No keys, no error."""
    assert await store.find("") is None
    assert await store.find("OSSFlasting") is None
    assert await store.list() == ()
    assert await store.sweep(NOW) == 0


async def test_a_lasting_key_is_found_with_all_that_judges_a_request(store: KeyStore) -> None:
    """Secret and grants come back as they were given, letter by letter."""
    await fill(store)
    found = await store.find("OSSFlasting")
    assert found is not None
    assert found.secret.matches("lasting secret")
    assert (found.token, found.expires, found.parent_id, found.is_enabled) == (None, None, "", True)
    assert found.rights == Rights(GRANTS)


async def test_temporary_credentials_are_found_within_their_key(store: KeyStore) -> None:
    """Token, end, and the key whose rights they never exceed."""
    await fill(store)
    found = await store.find("STS.temporary")
    assert found is not None
    assert found.secret.matches("temporary secret")
    assert found.token is not None
    assert found.token.matches("its token")
    assert (found.expires, found.parent_id, found.is_enabled) == (TEMPORARY.expires, "OSSFlasting", True)
    assert found.rights == Rights(TEMPORARY.grants, within=Rights(GRANTS))


@pytest.mark.parametrize("access_key_id", ["ossflasting", "OSSFlasting ", "OSSFlastin", "OSSF%", "' OR 1=1 --", ""])
async def test_only_the_whole_id_is_found(access_key_id: str, store: KeyStore) -> None:
    """Another case, a part or a pattern is another id."""
    await fill(store)
    assert await store.find(access_key_id) is None
    assert not await store.set_enabled(access_key_id, is_enabled=False)
    assert not await store.delete(access_key_id)
    assert len(await store.list()) == 2


async def test_list_is_oldest_first_and_without_secrets(store: KeyStore) -> None:
    """Records are as they were given; what proves who one is does not come with them."""
    newer = replace(LASTING, access_key_id="OSSFa", created=NOW + timedelta(seconds=1))
    await store.add(newer, Secret("newer secret"), None, MANY)
    await fill(store)
    records = await store.list()
    assert records == (LASTING, TEMPORARY, newer)
    assert "secret" not in repr(records)
    assert "token" not in repr(records)


async def test_a_disabled_key_stops_what_was_made_with_it(store: KeyStore) -> None:
    """Off counts at once for the key and its temporary credentials, and on as well."""
    await fill(store)
    for is_enabled in (False, True):
        assert await store.set_enabled("OSSFlasting", is_enabled=is_enabled)
        for access_key_id in ("OSSFlasting", "STS.temporary"):
            found = await store.find(access_key_id)
            assert found is not None
            assert found.is_enabled is is_enabled


async def test_temporary_credentials_are_switched_off_alone(store: KeyStore) -> None:
    """The key that they were made with works on."""
    await fill(store)
    assert await store.set_enabled("STS.temporary", is_enabled=False)
    lasting, temporary = await store.find("OSSFlasting"), await store.find("STS.temporary")
    assert lasting is not None
    assert lasting.is_enabled
    assert temporary is not None
    assert not temporary.is_enabled


async def test_deleting_a_key_takes_what_was_made_with_it(store: KeyStore) -> None:
    """Nothing is left that points to a key which is gone; other keys stay."""
    await fill(store)
    other = replace(LASTING, access_key_id="OSSFother")
    await store.add(other, Secret("s"), None, MANY)
    assert await store.delete("OSSFlasting")
    assert await store.list() == (other,)
    assert await store.find("OSSFlasting") is None
    assert await store.find("STS.temporary") is None
    assert not await store.delete("OSSFlasting")


async def test_deleting_temporary_credentials_leaves_their_key(store: KeyStore) -> None:
    """Revoking credentials is no harm to whoever gave them out."""
    await fill(store)
    assert await store.delete("STS.temporary")
    assert await store.list() == (LASTING,)


async def test_sweep_takes_what_has_ended(store: KeyStore) -> None:
    """Lasting keys and what still counts stay."""
    await fill(store)
    assert TEMPORARY.expires is not None
    assert await store.sweep(TEMPORARY.expires) == 0
    assert await store.sweep(TEMPORARY.expires + timedelta(seconds=1)) == 1
    assert await store.list() == (LASTING,)


async def test_the_number_of_keys_is_bounded(store: KeyStore) -> None:
    """The key beyond the last is refused, and nothing of it is kept."""
    await store.add(LASTING, Secret("s"), None, 1)
    with pytest.raises(ConfigurationError, match="1 keys already"):
        await store.add(TEMPORARY, Secret("s"), Secret("t"), 1)
    assert await store.list() == (LASTING,)


@pytest.mark.parametrize("parent_id", ["OSSFnobody", "STS.temporary"])
async def test_credentials_need_a_lasting_key(parent_id: str, store: KeyStore) -> None:
    """Neither a key that is not there nor temporary credentials give out others."""
    await fill(store)
    further = replace(TEMPORARY, access_key_id="STS.further", parent_id=parent_id)
    with pytest.raises(ConfigurationError, match=f"no such key: {parent_id}"):
        await store.add(further, Secret("s"), Secret("t"), MANY)
    assert await store.find("STS.further") is None


async def test_rings_are_searched_as_one(store: KeyStore) -> None:
    """The first ring with the id counts; an id that none has is not found."""
    await fill(store)
    first = MemoryKeyStore()
    await first.add(replace(LASTING, grants=EVERYTHING.grants), Secret("first"), None, MANY)
    rings = KeyRings((first, store))
    found, other = await rings.find("OSSFlasting"), await rings.find("STS.temporary")
    assert found is not None
    assert found.secret.matches("first")
    assert other is not None
    assert other.secret.matches("temporary secret")
    assert await rings.find("OSSFnobody") is None
