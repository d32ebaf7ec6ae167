import pytest

from oss_faces.decoding.av1 import BitReader, largest_frame
from oss_faces.errors import CorruptImage
from oss_faces.values import ImageSize


def bits(*fields: tuple[int, int]) -> bytes:
    """Write numbers, each with its width in bits, and fill up the last byte."""
    text = "".join(f"{value:0{width}b}" for value, width in fields if width)
    return int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")


def unit(kind: int, payload: bytes) -> bytes:
    return bytes((kind << 3 | 2, len(payload))) + payload


SIZE = ((9, 4), (8, 4), (639, 10), (479, 9))
REDUCED = unit(1, bits((0, 3), (1, 1), (1, 1), (4, 5), *SIZE))
PLAIN = unit(1, bits((0, 3), (0, 1), (0, 1), (0, 1), (0, 1), (0, 5), (0, 12), (4, 5), *SIZE))
# Timing with a number of 3 bits behind 3 zeros, a decoder model with delays of 7 bits, display delays, two operating
# points of which the first is tiered and has a model.
FULL = unit(
    1,
    bits(
        *((0, 3), (0, 1), (0, 1), (1, 1), (1, 32), (60, 32), (1, 1), (1, 4), (5, 3)),
        *((1, 1), (6, 5), (1, 32), (6, 5), (6, 5)),
        *((1, 1), (1, 5)),
        *((0, 12), (8, 5), (1, 1), (1, 1), (9, 7), (9, 7), (1, 1), (1, 1), (3, 4)),
        *((0, 12), (4, 5), (0, 1), (0, 1)),
        *SIZE,
    ),
)


@pytest.mark.parametrize("header", [REDUCED, PLAIN, FULL])
def test_the_size_is_read_from_every_kind_of_header(header: bytes):
    """The short form of pictures, the plain form, and one with every optional part."""
    assert largest_frame(unit(2, b"") + header + unit(6, b"frame")) == ImageSize(640, 480)


def test_the_largest_of_several_headers_counts():
    """A small header in front does not hide a large one behind."""
    small = unit(1, bits((0, 3), (1, 1), (1, 1), (4, 5), (3, 4), (3, 4), (7, 4), (7, 4)))
    assert largest_frame(small) == ImageSize(8, 8)
    assert largest_frame(small + REDUCED) == ImageSize(640, 480)
    assert largest_frame(REDUCED + small) == ImageSize(640, 480)


def test_units_with_extension_and_without_length():
    """An extension byte is stepped over; a unit without a length reaches to the end."""
    extended = bytes((1 << 3 | 4, 0)) + REDUCED[2:]
    assert largest_frame(extended) == ImageSize(640, 480)


@pytest.mark.parametrize("data", [b"", unit(6, b"frame"), b"\x12\x00"])
def test_without_a_header_there_is_no_size(data: bytes):
    """Data that could not be decoded either."""
    assert largest_frame(data) is None


def test_a_header_that_is_cut_off_is_an_error():
    """Not a smaller size."""
    with pytest.raises(EOFError):
        largest_frame(unit(1, REDUCED[2:5]))


def test_units_without_end_are_refused():
    """Two bytes each, without content."""
    with pytest.raises(CorruptImage):
        largest_frame(b"\x12\x00" * 2_000)


def test_a_number_of_zeros_only_ends():
    """The zeros in front of a number are no longer than the data."""
    reader = BitReader(b"\0" * 9)
    with pytest.raises(EOFError):
        reader.skip_uvlc()
