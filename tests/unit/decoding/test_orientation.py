import struct

import numpy as np
import pytest

from oss_faces.decoding import DecodingSettings, decode
from oss_faces.decoding.orientation import read_orientation, turn_upright
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures

DEFAULTS = DecodingSettings()


def exif(order: str, value: int, kind: int = 3) -> bytes:
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, 1)
    field = struct.pack(order + ("HxxI" if kind == 3 else "I"), *([value, 0] if kind == 3 else [value]))
    return head + struct.pack(order + "HHI", 0x0112, kind, 1) + field + b"\0\0\0\0"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIC"])
def test_all_eight_orientations_come_out_upright(format_name: str, orientation: int):
    """However the picture is stored, the same upright picture and size come out."""
    image = decode(pictures.saved_turned(format_name, orientation), DEFAULTS)
    assert pictures.shows_corners(image.pixels)
    assert image.size == ImageSize(64, 48)
    assert image.pixels.shape == (48, 64, 3)
    # libheif turns HEIC by itself, so there the decoded pixels are the stored ones to us.
    assert image.orientation == (1 if format_name == "HEIC" else orientation)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_reduced_picture_is_turned_too(orientation: int):
    """Reduction and orientation together keep the frame of the upright source."""
    image = decode(pictures.saved_turned("JPEG", orientation), DecodingSettings(reduced_pixels=700))
    assert image.pixels.shape == (24, 32, 3)
    assert image.size == ImageSize(64, 48)
    assert pictures.shows_corners(image.pixels)


def test_turning_is_exact_and_contiguous():
    """A 2 x 3 picture of numbered pixels, turned by orientation 6: its left column becomes its top row."""
    pixels = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    upright = turn_upright(pixels, 6)
    assert upright.tolist() == np.rot90(pixels, -1).tolist()
    assert upright.flags.c_contiguous
    assert turn_upright(pixels, 1) is pixels


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (b"", 1),
        (b"II*\0", 1),
        (b"II*\0\xff\xff\xff\xff", 1),
        (b"not a tiff structure", 1),
        (exif("<", 6), 6),
        (exif(">", 8), 8),
        (exif("<", 3, kind=4), 3),
        (exif("<", 0), 1),
        (exif("<", 9), 1),
        (exif(">", 5)[:-10], 1),
    ],
)
def test_orientation_is_read_from_exif(block: bytes, expected: int):
    """Both byte orders and both integer types are read; nonsense means upright."""
    assert read_orientation(block) == expected
