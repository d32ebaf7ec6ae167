import struct

import pytest
from PIL import Image

from oss_faces.decoding.av1 import largest_frame
from oss_faces.decoding.avif_items import coded_pictures
from oss_faces.errors import CorruptImage
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def full(kind: bytes, body: bytes, version: int = 0) -> bytes:
    return box(kind, bytes((version, 0, 0, 0)) + body)


def meta(*extents: tuple[int, int], idat: bytes = b"", kind: bytes = b"av01") -> bytes:
    """A `meta` box with one item, of these extents; inside `idat` when there is one."""
    entry = full(b"infe", struct.pack(">HH", 1, 0) + kind, version=2)
    written = b"".join(struct.pack(">II", *extent) for extent in extents)
    location = b"\x44\x00" + struct.pack(">HHHHH", 1, 1, bool(idat), 0, len(extents)) + written
    boxes = full(b"iinf", struct.pack(">H", 1) + entry) + full(b"iloc", location, version=1)
    return full(b"meta", boxes + (box(b"idat", idat) if idat else b""))


def test_what_an_encoder_writes_is_found():
    """A picture with transparency is two items; a sequence has its tracks as well."""
    clear = Image.new("RGBA", (70, 52), (1, 2, 3, 100))
    found = [largest_frame(data) for data in coded_pictures(pictures.save(clear, "AVIF"))]
    assert found == [ImageSize(70, 52)] * 2
    frames = [pictures.photo(70, 52, seed) for seed in range(2)]
    sequence = pictures.save(frames[0], "AVIF", save_all=True, append_images=frames[1:])
    assert ImageSize(70, 52) in [largest_frame(data) for data in coded_pictures(sequence)]


def test_extents_are_joined():
    """An item in two pieces, one behind the other or not."""
    data = meta((0, 4), (8, 2)) + b"unused"
    assert list(coded_pictures(data)) == [data[:4] + data[8:10]]


def test_items_may_lie_inside_the_box():
    """Construction method 1 counts from the `idat` box."""
    assert list(coded_pictures(meta((1, 3), idat=b"abcdef"))) == [b"bcd"]


def test_other_items_are_left_out():
    """EXIF and descriptions of grids are no AV1 data."""
    assert list(coded_pictures(meta((0, 4), kind=b"Exif"))) == []


def test_a_length_of_zero_is_the_rest_of_the_file():
    """As the standard has it."""
    data = meta((20, 0))
    assert list(coded_pictures(data)) == [data[20:]]


@pytest.mark.parametrize(
    "data", [b"", b"\0\0\0\x04free", meta()[:40], full(b"meta", b""), box(b"moov", box(b"trak", b""))]
)
def test_files_without_pictures_give_none(data: bytes):
    """Nothing is made up."""
    assert list(coded_pictures(data)) in ([], [b""])


def test_overlapping_extents_are_refused():
    """Three times the whole file is more than any file needs."""
    with pytest.raises(CorruptImage):
        list(coded_pictures(meta((0, 0), (0, 0), (0, 0))))


def test_boxes_without_end_are_refused():
    """Eight bytes each, without content."""
    with pytest.raises(CorruptImage):
        list(coded_pictures(box(b"free", b"") * 10_001))


def test_a_table_that_is_cut_off_is_an_error():
    """More items than the box holds."""
    boxes = full(b"iinf", struct.pack(">H", 0)) + full(b"iloc", b"\x44\x00" + struct.pack(">H", 9))
    with pytest.raises(EOFError):
        list(coded_pictures(full(b"meta", boxes)))
