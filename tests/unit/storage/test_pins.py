"""Contents in use are removed when their last reader has let go."""

from oss_faces.storage.pins import Pins


def test_free_contents_are_removed_at_once():
    """What nobody holds is given back for removal, and nothing waits."""
    pins = Pins()
    assert pins.doom(["a", "b"]) == ["a", "b"]
    assert not pins.has_doomed


def test_removal_waits_for_the_last_reader():
    """A content with two readers is removed when both have let go, and only once."""
    pins = Pins()
    pins.hold(["a", "b"])
    pins.hold(["a"])
    assert pins.doom(["a", "c"]) == ["c"]
    assert pins.has_doomed
    assert pins.let_go(["a", "b"]) == []
    assert pins.let_go(["a"]) == ["a"]
    assert not pins.has_doomed
    pins.hold(["a"])
    assert pins.let_go(["a"]) == []
