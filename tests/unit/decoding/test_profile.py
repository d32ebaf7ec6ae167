"""ICC profiles are handed on whole, or not at all."""

import zlib

import pytest
from PIL import Image, ImageCms

from oss_faces.decoding import DecodingSettings, inspect
from oss_faces.decoding.profile import PROFILE_BYTES_MAX, joined_profile, rgb_profile, unpacked_profile
from tests.unit.decoding import pictures

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
LONG = SRGB + bytes(70_000)


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "AVIF", "HEIC"])
def test_every_format_hands_its_profile_on(format_name):
    """Of each format that can carry one; a picture without one has none."""
    image = pictures.corners()
    header = inspect(pictures.save(image, format_name), DecodingSettings())
    assert header.profile == b""
    image.info["icc_profile"] = SRGB
    header = inspect(pictures.save(image, format_name, icc_profile=SRGB), DecodingSettings())
    assert header.profile == SRGB


def test_profile_in_pieces():
    """A JPEG holds a long profile in several segments; one that lacks a piece is none."""
    data = pictures.save(pictures.corners(), "JPEG", icc_profile=LONG)
    assert inspect(data, DecodingSettings()).profile == LONG
    parts = [b"\1\2" + SRGB[:200], b"\2\2" + SRGB[200:]]
    assert joined_profile(parts) == joined_profile(parts[::-1]) == SRGB
    assert joined_profile(parts[:1]) == joined_profile(parts[1:]) == joined_profile([]) == joined_profile([b""]) == b""


def test_profile_of_other_colours_is_none():
    """CMYK pixels become RGB here, and a profile of their old colours would be wrong."""
    cmyk = pictures.save(Image.new("CMYK", (8, 8)), "JPEG", icc_profile=SRGB)
    assert inspect(cmyk, DecodingSettings()).profile == b""
    assert rgb_profile(LAB) == rgb_profile(SRGB[:100]) == rgb_profile(b"x" * 200) == b""


def test_profile_has_a_longest_length():
    """A few bytes of PNG do not unpack to more than the limit."""
    bomb = b"name\0\0" + zlib.compress(SRGB + bytes(PROFILE_BYTES_MAX))
    assert len(bomb) < 10_000
    assert unpacked_profile(bomb) == b""
    assert unpacked_profile(b"name\0\0" + zlib.compress(SRGB)) == SRGB


@pytest.mark.parametrize("chunk", [b"", b"name", b"name\0", b"name\0\1", b"name\0\0garbage"])
def test_what_does_not_unpack_is_none(chunk):
    """A damaged chunk is no error of the picture."""
    assert unpacked_profile(chunk) == b""
