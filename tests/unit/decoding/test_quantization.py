"""The quality that a JPEG was written with."""

import pytest

from oss_faces.decoding import DecodingSettings, inspect
from oss_faces.decoding.quantization import STANDARD_LUMINANCE, estimate_quality
from tests.unit.decoding import pictures


@pytest.mark.parametrize("quality", [1, 5, 24, 25, 49, 50, 51, 75, 90, 95, 100])
def test_quality_of_the_usual_encoder(quality):
    """Libjpeg's own scale is read back exactly, but for the lowest ones, whose tables are nearly alike."""
    data = pictures.save(pictures.corners(), "JPEG", quality=quality)
    assert inspect(data, DecodingSettings()).quality == pytest.approx(quality, abs=0 if quality > 20 else 2)


def test_wide_table():
    """Tables of two bytes for each value say the same."""
    wide = b"\x10" + b"".join(value.to_bytes(2, "big") for value in STANDARD_LUMINANCE)
    assert estimate_quality(wide) == 50


def test_luminance_is_the_first_table():
    """Another table before it is passed over."""
    assert estimate_quality(b"\x01" + b"\xff" * 64 + b"\x00" + bytes(STANDARD_LUMINANCE)) == 50


@pytest.mark.parametrize("segment", [b"", b"\x00", b"\x00" + bytes(63), b"\x10" + bytes(64), b"\x01" + bytes(64)])
def test_no_luminance_table(segment):
    """Then the quality is not known."""
    assert estimate_quality(segment) is None


def test_other_formats_have_none():
    """Only a JPEG has such a table."""
    assert inspect(pictures.save(pictures.corners(), "PNG"), DecodingSettings()).quality is None
