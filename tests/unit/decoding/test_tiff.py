import struct

import numpy as np
import pytest
from PIL import Image

from oss_faces.decoding import DecodingSettings, decode, inspect
from oss_faces.errors import CorruptImage, ImageTooLarge
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures

DEFAULTS = DecodingSettings()
PIXELS = bytes(range(0, 240, 10))  # 6 x 4


def read(data: bytes) -> np.ndarray:
    return decode(data, DEFAULTS).pixels


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize("big_tiff", [False, True])
def test_lossless_compressions(compression: str, big_tiff: bool):
    """The usual ways to pack pixels, in classic files and in those with 64-bit offsets."""
    source = pictures.photo(90, 60)
    data = pictures.save(source, "TIFF", compression=compression, big_tiff=big_tiff)
    assert np.array_equal(read(data), np.asarray(source))


def test_jpeg_inside_tiff():
    """A TIFF whose strips are JPEG."""
    assert pictures.shows_corners(read(pictures.save(pictures.corners(), "TIFF", compression="jpeg")))


def test_cmyk():
    """Four inks become three colours."""
    assert pictures.shows_corners(read(pictures.save(pictures.corners().convert("CMYK"), "TIFF")))


def test_lab():
    """Full lightness without colour is white, a positive `a` is reddish."""
    lab = Image.merge("LAB", [Image.new("L", (1, 1), value) for value in (255, 128, 128)])
    assert min(read(pictures.save(lab, "TIFF"))[0, 0]) > 250
    red = Image.merge("LAB", [Image.new("L", (1, 1), value) for value in (128, 190, 128)])
    pixel = read(pictures.save(red, "TIFF"))[0, 0]
    assert pixel[0] > pixel[1] + 50


def test_16_bit_grey():
    """The upper eight of sixteen bits."""
    values = np.array([[0, 256, 32_768, 65_535]], np.uint16)
    assert read(pictures.save(Image.fromarray(values), "TIFF"))[0, :, 0].tolist() == [0, 1, 128, 255]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 100.0, 255.0], [0, 100, 255]),
        ([-1.0, 0.0, 1.0], [0, 128, 255]),
        ([5.0, 5.0, 5.0], [5, 5, 5]),
        ([0.0, float("nan"), 1.0], [0, 0, 255]),
    ],
)
def test_floating_point(values: list[float], expected: list[int]):
    """Values in 0..1 and 0..255 are taken for that; other ranges are stretched to black and white."""
    data = pictures.save(Image.fromarray(np.array([values], np.float32)), "TIFF")
    assert read(data)[0, :, 0].tolist() == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0, 100, 255], [0, 100, 255]), ([0, 32_768, 65_535], [0, 128, 255]), ([0, 50_000, 100_000], [0, 128, 255])],
)
def test_32_bit_integers(values: list[int], expected: list[int]):
    """The smallest of the usual ranges that holds all values."""
    data = pictures.save(Image.fromarray(np.array([values], np.int32)), "TIFF")
    assert read(data)[0, :, 0].tolist() == expected


def test_the_first_page_counts():
    """Later pages are not looked at."""
    pages = [Image.new("L", (4, 4), value) for value in (50, 200)]
    assert read(pictures.save(pages[0], "TIFF", save_all=True, append_images=pages[1:]))[0, 0, 0] == 50


@pytest.mark.parametrize("next_page", [8, 0xFFFFFFF0])
def test_a_chain_of_pages_without_end_is_not_followed(next_page: int):
    """A directory that names itself, or a place outside of the file, as the next page."""
    data = pictures.tiff(pictures.tiff_grey(6, 4), PIXELS, next_page=next_page)
    assert read(data)[..., 0].tobytes() == PIXELS


def test_private_tags_are_dropped():
    """A tag that claims the whole file a thousand times over costs nothing and warns of nothing."""
    entries = pictures.tiff_grey(6, 4)
    entries[273] = (4, 1, 10 + 12 * 1009 + 4)
    entries |= {60_000 + index: (1, 0x7FFFFFFF, 0) for index in range(1000)}
    assert read(pictures.tiff(entries, PIXELS))[..., 0].tobytes() == PIXELS


@pytest.mark.parametrize("tag", [256, 257, 259, 262, 277, 278])
def test_the_first_of_several_values_counts(tag: int):
    """A tag that has one value, written with two, is read as its first and warns of nothing."""
    entries = pictures.tiff_grey(6, 4)
    kind, _, value = entries[tag]
    entries[tag] = (3, 2, value | 99 << 16) if kind == 3 else (4, 2, 10 + 12 * 9 + 4 + len(PIXELS))
    data = pictures.tiff(entries, PIXELS + struct.pack("<II", value, 99))
    assert read(data)[..., 0].tobytes() == PIXELS


def test_too_many_strips_are_refused():
    """A list of a million strips describes no picture of ours."""
    entries = pictures.tiff_grey(6, 4) | {273: (4, 1_000_000, 100)}
    with pytest.raises(CorruptImage) as caught:
        read(pictures.tiff(entries, b"\0" * 4_100_000))
    assert caught.value.context["reason"] == "too many values"


def test_strips_that_overlap_without_end_are_refused():
    """A thousand strips that are each the whole file would be read a thousand times."""
    tail = struct.pack("<I", 8) * 1000 + struct.pack("<I", 8_000) * 1000
    start = 10 + 12 * 9 + 4
    entries = pictures.tiff_grey(6, 1000)
    entries |= {273: (4, 1000, start), 278: (4, 1, 1), 279: (4, 1000, start + 4000)}
    with pytest.raises(CorruptImage) as caught:
        read(pictures.tiff(entries, tail))
    assert caught.value.context["reason"] == "overlapping strips"


def test_tiles_larger_than_the_picture_count_as_memory():
    """Libtiff holds a whole tile: one of 30,000 x 30,000 for a tiny picture is refused."""
    entries = pictures.tiff_grey(6, 4)
    del entries[273], entries[278], entries[279]
    entries |= {259: (3, 1, 8), 322: (4, 1, 30_000), 323: (4, 1, 30_000), 324: (4, 1, 8), 325: (4, 1, 100)}
    with pytest.raises(ImageTooLarge) as caught:
        inspect(pictures.tiff(entries, PIXELS), DEFAULTS)
    assert caught.value.context["limit"] == "working_bytes_max"


def test_the_side_limit_of_tiff_is_its_own():
    """16,384 is allowed, one more is not."""
    assert inspect(pictures.tiff(pictures.tiff_grey(16_384, 1)), DEFAULTS).size == ImageSize(16_384, 1)
    with pytest.raises(ImageTooLarge):
        inspect(pictures.tiff(pictures.tiff_grey(16_385, 1)), DEFAULTS)


def test_a_large_picture_causes_no_warning():
    """Above the size at which Pillow warns by itself, warnings being errors here."""
    data = pictures.tiff(pictures.tiff_grey(10_000, 9_000) | {259: (3, 1, 5), 279: (4, 1, 24)}, PIXELS)
    with pytest.raises(CorruptImage) as caught:
        decode(data, DEFAULTS)
    assert not isinstance(caught.value.__cause__, Warning)


@pytest.mark.parametrize(
    "content",
    [
        b"II*\0",
        b"II*\0\xff\xff\xff\x7f",
        b"II*\0\x08\0\0\0\0\0\0\0\0\0",
        pictures.tiff({256: (4, 1, 6)}),
        pictures.tiff(pictures.tiff_grey(6, 4) | {259: (3, 1, 50_001)}, PIXELS),
        pictures.tiff(pictures.tiff_grey(6, 4) | {256: (12, 1, 6)}, PIXELS),
        pictures.tiff(pictures.tiff_grey(60, 40), PIXELS),
    ],
)
def test_a_damaged_directory_is_corrupt(content: bytes):
    """No directory, no size, an unknown compression, or missing pixels."""
    with pytest.raises(CorruptImage):
        decode(content, DEFAULTS)
