from pathlib import Path

import numpy as np
import pytest

from oss_faces.database.needles import held_by

PIECE = 8 * 1024 * 1024


@pytest.fixture
def hay(tmp_path: Path) -> Path:
    """Three pieces and a bit of bytes that say nothing."""
    path = tmp_path / "hay"
    path.write_bytes(np.random.default_rng(1).bytes(3 * PIECE + 7))
    return path


def put(path: Path, place: int, needle: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        file.write(needle)


@pytest.mark.parametrize("place", [0, 1, 2, 3, 1001, PIECE - 3, 2 * PIECE - 40, 3 * PIECE + 7 - 40])
def test_a_needle_is_found_wherever_it_lies(hay: Path, place: int) -> None:
    """At the ends, at every phase of four bytes, and across the pieces that are read, among thousands of others."""
    needle = bytes(range(200, 240))
    others = [np.random.default_rng(100 + number).bytes(40) for number in range(5000)]
    assert not held_by(hay, [needle, *others])
    put(hay, place, needle)
    assert held_by(hay, [*others, needle]) == {needle}
    assert not held_by(hay, others)


def test_part_of_a_needle_is_none(hay: Path) -> None:
    """Its beginning alone does not count, nor what differs in the last byte."""
    needle = bytes(range(200, 240))
    put(hay, 5000, needle[:-1] + b"\0")
    assert not held_by(hay, [needle])


def test_short_and_empty_ones(tmp_path: Path) -> None:
    """Needles of a few bytes are found, empty ones are nowhere, and nothing is in an empty file."""
    path = tmp_path / "hay"
    path.write_bytes(b"a few words")
    assert held_by(path, [b"few"])
    assert held_by(path, [b"xx", b"word", b"words"]) == {b"word", b"words"}
    assert not held_by(path, [b"", b"fw"])
    assert not held_by(path, [])
    path.write_bytes(b"")
    assert not held_by(path, [b"few", b"a few"])


def test_many_that_begin_and_end_alike(tmp_path: Path) -> None:
    """Addresses of one bucket, of which only the middle tells one from another."""
    path = tmp_path / "hay"
    path.write_bytes(b"".join(b"oss://bucket/%06d/picture.jpg" % number for number in range(20_000)))
    others = [b"oss://bucket/%06d/picture.jpg" % number for number in range(50_000, 50_100)]
    assert not held_by(path, others)
    assert held_by(path, [*others, b"oss://bucket/019999/picture.jpg"]) == {b"oss://bucket/019999/picture.jpg"}


def test_needles_that_begin_alike(tmp_path: Path) -> None:
    """Each of them is looked for, as the faces of one model may have bytes in common."""
    path = tmp_path / "hay"
    path.write_bytes(b"....same head, another end")
    assert held_by(path, [b"same head, one end", b"same head, another end"]) == {b"same head, another end"}
    assert not held_by(path, [b"same head, one end", b"same head, no end"])
