"""The header of an index is whole, or the one before it counts."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from oss_faces.vectors.header import Header, read_header, write_header

FIRST = Header(1, 128, 1, mark=7, rows=3, dead=1, erased=1, ever_dead=4, top=9, residual=0.0125, shortest=0.98)


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[int]:
    opened = os.open(tmp_path / "header", os.O_RDWR | os.O_CREAT)
    yield opened
    os.close(opened)


def test_an_empty_file_has_no_header(descriptor: int) -> None:
    """A new file says nothing."""
    assert read_header(descriptor) is None


def test_the_newest_header_counts(descriptor: int) -> None:
    """What was written last is read, each field of it."""
    for sequence in range(1, 6):
        written = replace(FIRST, sequence=sequence, mark=100 + sequence)
        write_header(descriptor, written)
        assert read_header(descriptor) == written
    assert written.living == 2


@pytest.mark.parametrize("length", [1, 8, 40, 87, 99])
def test_a_torn_header_leaves_the_one_before(descriptor: int, length: int) -> None:
    """However much of a header reached the disk, the one before it is read until all of it has."""
    write_header(descriptor, FIRST)
    second = replace(FIRST, sequence=2, mark=2**60, rows=2**50, residual=1.5)
    write_header(descriptor, second)
    whole = os.pread(descriptor, 100, 0)
    os.pwrite(descriptor, bytes(100), 0)
    os.pwrite(descriptor, whole[:length], 0)
    assert read_header(descriptor) == FIRST
    os.pwrite(descriptor, whole, 0)
    assert read_header(descriptor) == second


def test_another_format_is_no_header(descriptor: int) -> None:
    """A file of something else, were it as long, is not taken for a header."""
    os.pwrite(descriptor, b"\x00" * 81100, 0)
    assert read_header(descriptor) is None
