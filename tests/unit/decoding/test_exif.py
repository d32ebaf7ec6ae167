"""Entries of an EXIF block as text, and bounds on hostile ones."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from oss_faces.decoding import DecodingSettings, inspect, read_exif
from tests.unit.decoding import pictures


def block(order: str = "<") -> bytes:
    """A block as a camera writes it: text, fraction, number, bytes, and the two directories behind pointers."""
    exif = Image.Exif()
    exif.endian = order
    exif[0x010F] = "Maker of \u00e4"
    exif[0x0112] = 6
    exif[0x011A] = 72.0
    exif[0x0132] = "2015:12:05 11:10:29"
    exif.get_ifd(0x8769)[0x829D] = IFDRational(14, 5)
    exif.get_ifd(0x8769)[0x9000] = b"0230"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (22.0, 33.0, 44.5)
    return exif.tobytes().removeprefix(b"Exif\0\0")


@pytest.mark.parametrize("order", "<>")
def test_entries(order):
    """Texts, numbers and fractions, of the picture, its exposure and its place."""
    found = dict(read_exif(block(order)))
    assert found["Make"].startswith("Maker of")
    assert found["DateTime"] == "2015:12:05 11:10:29"
    assert (found["Orientation"], found["XResolution"]) == ("6", "72/1")
    assert (found["FNumber"], found["GPSLatitudeRef"], found["GPSLatitude"]) == ("14/5", "N", "22/1 33/1 89/2")
    assert not {"ExifOffset", "GPSInfo", "ExifVersion"} & found.keys()


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIC"])
def test_every_format_hands_its_block_on(format_name):
    """The header of each format that can carry EXIF has the block, without any prefix."""
    exif = Image.Exif()
    exif[0x0132] = "2015:12:05 11:10:29"
    header = inspect(pictures.save(pictures.corners(), format_name, exif=exif), DecodingSettings())
    assert ("DateTime", "2015:12:05 11:10:29") in read_exif(header.exif)


def test_tags_of_the_storage_are_no_news():
    """A TIFF tells nothing of its strips."""
    header = inspect(pictures.save(pictures.corners(), "TIFF", software="maker"), DecodingSettings())
    assert dict(read_exif(header.exif)) == {"Software": "maker"}


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"II*\0",
        b"II*\0\xff\xff\xff\xff",
        b"nothing",
        b"II*\0" + struct.pack("<IH", 8, 0xFFFF),
        b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x010F, 2, 0xFFFFFFFF, 0),
        b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x0112, 3, 0xFFFFFFFF, 0),
    ],
)
def test_what_makes_no_sense_has_no_entries(garbage):
    """A block that is cut off or lies about its length is no error of the picture."""
    assert read_exif(garbage) == ()


def test_long_values_are_left_out():
    """What is longer than a text of a camera is not shown, however often it is pointed at."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "x" * 1023, "x" * 1024, "kept"
    assert {name for name, _ in read_exif(exif.tobytes().removeprefix(b"Exif\0\0"))} == {"Make", "Software"}


@given(st.binary(max_size=200), st.integers(0, 300))
def test_damage_is_survived(noise, place):
    """Whatever lies in the block, there are entries or none."""
    whole = block()
    damaged = whole[:place] + noise + whole[place + len(noise) :]
    assert all(isinstance(text, str) for _, text in read_exif(damaged))
