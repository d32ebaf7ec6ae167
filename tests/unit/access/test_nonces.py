"""No request is answered twice, and what is remembered has a limit."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from oss_faces.access import DatabaseNonces, MemoryNonces, Nonces
from oss_faces.access.tables import NONCES

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, tzinfo=UTC)
WINDOW = timedelta(minutes=15)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def nonces(request, states) -> Nonces:
    return MemoryNonces(10) if request.param == "memory" else DatabaseNonces(states(request.param))


async def test_a_nonce_is_used_once(nonces: Nonces) -> None:
    """The second use is refused, for that key only."""
    assert await nonces.use("key", "n", NOW + WINDOW, NOW)
    assert not await nonces.use("key", "n", NOW + WINDOW, NOW)
    assert await nonces.use("other", "n", NOW + WINDOW, NOW)
    assert await nonces.use("key", "m", NOW + WINDOW, NOW)


async def test_it_is_refused_to_the_last_moment(nonces: Nonces) -> None:
    """Also when others were swept away meanwhile."""
    assert await nonces.use("key", "n", NOW + WINDOW, NOW)
    assert await nonces.use("key", "old", NOW + timedelta(seconds=1), NOW)
    assert not await nonces.use("key", "n", NOW + WINDOW, NOW + WINDOW)


async def test_a_nonce_is_remembered_to_the_last_moment() -> None:
    """As long as its request could still be accepted, and no longer."""
    nonces = MemoryNonces(10)
    await nonces.use("key", "n", NOW + WINDOW, NOW)
    assert await nonces.use("key", "m", NOW + 2 * WINDOW, NOW + WINDOW)
    assert len(nonces) == 2
    assert not await nonces.use("key", "n", NOW + WINDOW, NOW + WINDOW)
    await nonces.use("key", "o", NOW + 2 * WINDOW, NOW + WINDOW + timedelta(microseconds=1))
    assert len(nonces) == 2


async def test_there_is_a_limit() -> None:
    """Beyond the limit the oldest go, and the new ones are still remembered."""
    nonces = MemoryNonces(3)
    for number in range(10):
        assert await nonces.use("key", str(number), NOW + WINDOW, NOW)
        assert len(nonces) <= 3
    assert not await nonces.use("key", "9", NOW + WINDOW, NOW)
    assert await nonces.use("key", "0", NOW + WINDOW, NOW)


async def test_parts_do_not_run_into_each_other() -> None:
    """A key and a nonce are told apart from another key with another nonce of the same letters."""
    nonces = MemoryNonces(10)
    await nonces.use("a", "bc", NOW + WINDOW, NOW)
    assert await nonces.use("ab", "c", NOW + WINDOW, NOW)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_another_server_knows_it(states, engine: str) -> None:
    """What one server has answered, the other refuses, and a new start does not forget it."""
    database = states(engine)
    assert await DatabaseNonces(database).use("key", "n", NOW + WINDOW, NOW)
    assert not await DatabaseNonces(database).use("key", "n", NOW + WINDOW, NOW)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_what_is_over_is_removed(states, engine: str) -> None:
    """The table holds what could still come again, and no more."""
    database = states(engine)
    nonces = DatabaseNonces(database)
    for number in range(3):
        assert await nonces.use("key", str(number), NOW + WINDOW, NOW)
    later = NOW + WINDOW + timedelta(minutes=1, seconds=2)
    assert await nonces.use("key", "3", later + WINDOW, later)
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(NONCES)).scalar_one() == 1


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_a_clock_that_is_ahead_takes_no_nonce_away(states, engine: str) -> None:
    """What a server with a fast clock removes, no other server would accept any more."""
    database = states(engine)
    slow, fast = DatabaseNonces(database), DatabaseNonces(database)
    assert await slow.use("key", "n", NOW + WINDOW, NOW)
    ahead = NOW + WINDOW + timedelta(seconds=30)
    assert await fast.use("key", "other", ahead + WINDOW, ahead)
    assert not await slow.use("key", "n", NOW + WINDOW, NOW + WINDOW)
