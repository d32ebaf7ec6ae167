"""No request is answered twice, and what is remembered has a limit."""

from datetime import UTC, datetime, timedelta

from oss_faces.access import MemoryNonces

NOW = datetime(2026, 11, 23, tzinfo=UTC)
WINDOW = timedelta(minutes=15)


def test_a_nonce_is_used_once() -> None:
    """The second use is refused, for that key only."""
    nonces = MemoryNonces(10)
    assert nonces.use("key", "n", NOW + WINDOW, NOW)
    assert not nonces.use("key", "n", NOW + WINDOW, NOW)
    assert nonces.use("other", "n", NOW + WINDOW, NOW)
    assert nonces.use("key", "m", NOW + WINDOW, NOW)


def test_a_nonce_is_remembered_to_the_last_moment() -> None:
    """As long as its request could still be accepted, and no longer."""
    nonces = MemoryNonces(10)
    nonces.use("key", "n", NOW + WINDOW, NOW)
    assert nonces.use("key", "m", NOW + 2 * WINDOW, NOW + WINDOW)
    assert len(nonces) == 2
    assert not nonces.use("key", "n", NOW + WINDOW, NOW + WINDOW)
    nonces.use("key", "o", NOW + 2 * WINDOW, NOW + WINDOW + timedelta(microseconds=1))
    assert len(nonces) == 2


def test_there_is_a_limit() -> None:
    """Beyond the limit the oldest go, and the new ones are still remembered."""
    nonces = MemoryNonces(3)
    for number in range(10):
        assert nonces.use("key", str(number), NOW + WINDOW, NOW)
        assert len(nonces) <= 3
    assert not nonces.use("key", "9", NOW + WINDOW, NOW)
    assert nonces.use("key", "0", NOW + WINDOW, NOW)


def test_parts_do_not_run_into_each_other() -> None:
    """A key and a nonce are told apart from another key with another nonce of the same letters."""
    nonces = MemoryNonces(10)
    nonces.use("a", "bc", NOW + WINDOW, NOW)
    assert nonces.use("ab", "c", NOW + WINDOW, NOW)
