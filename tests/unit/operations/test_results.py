"""Kept results: what they are kept under, how much there may be, and how long."""

from dataclasses import replace

import numpy as np
import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.operations import CacheSettings, ResultCache
from oss_faces.operations.results import ResultKey
from oss_faces.protocol import resolve_process
from oss_faces.values import Address, Box, Face, FaceResult, ImageSize, Label, ObjectMeta
from tests.unit.operations.conftest import NOON

META = ObjectMeta("a", 7, "ETAG", 1, "image/png", NOON)
KEY = ResultKey.of(Address("photos", "a"), META, (), ("m@1",))
FACE = Face(Box(1, 2, 3, 4), 0.9, np.ones((5, 2), np.float32), gender=Label("female", 0.9))
RESULT = FaceResult(ImageSize(10, 20), (FACE,), ("m@1",), 6, {"decode": 3.0})


def test_what_was_kept_is_given_again() -> None:
    """All of it but the times of its making, and marked as what it is."""
    cache = ResultCache(CacheSettings())
    assert cache.get(KEY) is None
    cache.put(KEY, RESULT)
    found = cache.get(KEY)
    assert found is not None
    assert (found.size, found.orientation, found.models) == (RESULT.size, 6, ("m@1",))
    assert (found.faces[0].box, found.faces[0].gender) == (FACE.box, FACE.gender)
    assert (found.is_cached, found.stage_ms) == (True, {})
    assert cache.hit_rate == 0.5


def test_what_has_no_etag_is_not_kept() -> None:
    """Some mounted services tell none: a picture written over by one of the same length would look unchanged."""
    cache = ResultCache(CacheSettings())
    nameless = ResultKey.of(Address("photos", "a"), replace(META, etag=""), (), ("m@1",))
    cache.put(nameless, RESULT)
    assert cache.get(nameless) is None
    assert cache.size_bytes == 0


@pytest.mark.parametrize(
    "other",
    [
        ResultKey.of(Address("photos", "b"), META, (), ("m@1",)),
        ResultKey.of(Address("other", "a"), META, (), ("m@1",)),
        ResultKey.of(Address("photos", "a"), replace(META, etag="OTHER"), (), ("m@1",)),
        ResultKey.of(Address("photos", "a"), replace(META, size_bytes=8), (), ("m@1",)),
        ResultKey.of(Address("photos", "a"), META, resolve_process("image/rotate,90/faces").edits, ("m@1",)),
        ResultKey.of(Address("photos", "a"), META, (), ("m@2",)),
    ],
)
def test_another_question_has_another_answer(other: ResultKey) -> None:
    """Place, content, edits and models each matter."""
    cache = ResultCache(CacheSettings())
    cache.put(KEY, RESULT)
    assert cache.get(other) is None


def keys(count: int) -> list[ResultKey]:
    return [replace(KEY, etag=str(number)) for number in range(count)]


def test_memory_is_bounded() -> None:
    """However much is kept, the limit holds, and the newest are there."""
    cache = ResultCache(CacheSettings(size_bytes_max=10_000))
    for key in keys(100):
        cache.put(key, RESULT)
        assert cache.size_bytes <= 10_000
    found = [cache.get(key) is not None for key in keys(100)]
    assert found == sorted(found)
    assert 1 < sum(found) < 10


def test_a_result_kept_twice_counts_once() -> None:
    """The memory that is told is that of what is there."""
    cache = ResultCache(CacheSettings())
    cache.put(KEY, RESULT)
    once = cache.size_bytes
    cache.put(KEY, RESULT)
    assert cache.size_bytes == once


def test_what_does_not_fit_is_not_kept() -> None:
    """It drives nothing else out either."""
    cache = ResultCache(CacheSettings(size_bytes_max=5_000))
    cache.put(KEY, RESULT)
    cache.put(replace(KEY, etag="crowd"), replace(RESULT, faces=(FACE,) * 1000, stage_ms={}))
    assert cache.get(KEY) is not None
    big = replace(RESULT, faces=tuple(replace(FACE, score=score / 1000) for score in range(1000)))
    cache.put(replace(KEY, etag="big"), big)
    assert cache.get(replace(KEY, etag="big")) is None
    assert cache.get(KEY) is not None


def test_zero_keeps_nothing() -> None:
    """The switch for those who do not want it."""
    cache = ResultCache(CacheSettings(size_bytes_max=0))
    cache.put(KEY, RESULT)
    assert cache.get(KEY) is None
    assert (cache.size_bytes, cache.hit_rate) == (0, 0.0)


def test_who_was_told_is_remembered_for_the_object() -> None:
    """By the access key, whatever was cut out of the picture; nothing where no result is kept."""
    cache = ResultCache(CacheSettings())
    cache.note_told(KEY.source, "ours")
    cache.put(KEY, RESULT)
    assert not cache.may_know(KEY.source, "ours")
    cache.note_told(KEY.source, "ours")
    assert cache.may_know(KEY.source, "ours")
    assert not cache.may_know(KEY.source, "theirs")
    assert not cache.may_know(Address("photos", "b"), "ours")


def test_who_was_told_is_remembered_as_long_as_any_result() -> None:
    """Two of one object, the first of which is written anew and ends later: it ends with the last."""
    now = [0.0]
    cache = ResultCache(CacheSettings(age_s_max=10), lambda: now[0])
    turned = replace(KEY, edits=resolve_process("image/rotate,90/faces").edits)
    for at, key in ((0.0, KEY), (3.0, turned), (6.0, KEY)):
        now[0] = at
        cache.put(key, RESULT)
    cache.note_told(KEY.source, "ours")
    now[0] = 13.0
    assert cache.get(turned) is None
    assert cache.may_know(KEY.source, "ours")
    now[0] = 16.0
    assert not cache.may_know(KEY.source, "ours")
    assert cache.get(KEY) is None


def test_few_are_remembered_for_an_object() -> None:
    """Whoever makes keys by the thousand takes no memory with them."""
    cache = ResultCache(CacheSettings())
    cache.put(KEY, RESULT)
    for number in range(100):
        cache.note_told(KEY.source, str(number))
    assert [cache.may_know(KEY.source, str(number)) for number in (0, 83, 84, 99)] == [False, False, True, True]
    cache.note_told(KEY.source, "84")
    cache.note_told(KEY.source, "new")
    assert [cache.may_know(KEY.source, name) for name in ("84", "85", "new")] == [True, False, True]


def test_who_was_told_is_part_of_the_memory() -> None:
    """It is counted when it comes, makes older results go, and is gone with the object."""
    cache = ResultCache(CacheSettings(size_bytes_max=4000))
    cache.put(KEY, RESULT)
    alone = cache.size_bytes
    cache.note_told(KEY.source, "ours")
    cache.note_told(KEY.source, "ours")
    assert alone < cache.size_bytes < alone + 200
    for number in range(100):
        cache.note_told(KEY.source, f"{number:0500}")
    assert cache.get(KEY) is None
    assert cache.size_bytes == 0


def test_results_are_forgotten_in_time() -> None:
    """Also those that nobody asked for; asking does not prolong it."""
    now = [0.0]
    cache = ResultCache(CacheSettings(age_s_max=10), lambda: now[0])
    cache.put(KEY, RESULT)
    now[0] = 9.9
    assert cache.get(KEY) is not None
    now[0] = 10.0
    assert cache.get(replace(KEY, etag="other")) is None
    assert cache.size_bytes == 0


@pytest.mark.parametrize(
    "settings",
    [
        CacheSettings(size_bytes_max=-1),
        CacheSettings(size_bytes_max=2**40 + 1),
        CacheSettings(age_s_max=0),
        CacheSettings(age_s_max=float("nan")),
    ],
)
def test_limit_out_of_range_is_refused(settings: CacheSettings) -> None:
    """It is named at the start."""
    with pytest.raises(ConfigurationError, match=r"cache\."):
        settings.validate()
