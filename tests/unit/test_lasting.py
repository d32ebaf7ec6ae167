"""What a start makes is not looked through for garbage; what comes later is."""

import gc

import pytest

from oss_faces.lasting import lasting


def fail() -> None:
    with lasting():
        assert not gc.isenabled()
        raise KeyError


def test_the_collector_rests_meanwhile_and_works_again_afterwards() -> None:
    """Also when the start fails."""
    assert gc.isenabled()
    with pytest.raises(KeyError):
        fail()
    assert gc.isenabled()


def test_what_was_made_is_never_looked_at_again() -> None:
    """It is set aside, and what is made afterwards is not."""
    try:
        with lasting():
            made = [[number] for number in range(1_000)]
        assert gc.get_freeze_count() >= len(made)
        later: list[object] = []
        assert not any(one is made for one in gc.get_objects())
        assert any(one is later for one in gc.get_objects())
    finally:
        gc.unfreeze()


def test_a_collector_that_was_off_stays_off() -> None:
    """Whoever turned it off had a reason."""
    gc.disable()
    try:
        with lasting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
