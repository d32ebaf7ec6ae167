import zlib

import numpy as np
import pytest
from PIL import Image

from oss_faces.decoding import DecodingSettings, decode, inspect
from oss_faces.errors import CorruptImage, ImageTooLarge
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures

DEFAULTS = DecodingSettings()
GREY = 128


def test_16_bit_grey_keeps_its_upper_half():
    """65,535 is white, 32,768 the middle: no value is clipped."""
    values = np.linspace(0, 65_535, 256).astype(np.uint16)
    data = pictures.save(Image.fromarray(np.tile(values, (4, 1))), "PNG")
    pixels = decode(data, DEFAULTS).pixels
    assert np.array_equal(pixels[0, :, 0], values >> 8)


def test_16_bit_rgb_keeps_its_upper_half():
    """Three samples of 16 bit a pixel."""
    row = b"\0" + bytes((200, 1, 100, 2, 50, 3)) * 4
    pixels = decode(pictures.png(4, 2, row * 2, bits=16), DEFAULTS).pixels
    assert pixels[1, 3].tolist() == [200, 100, 50]


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_is_laid_on_grey(mode: str):
    """Clear pixels are mid-grey, whatever colour they hide; opaque ones are untouched; half is between."""
    image = Image.new("RGBA", (3, 1))
    image.putdata([(250, 250, 250, 0), (250, 250, 250, 255), (250, 250, 250, 128)])
    pixels = decode(pictures.save(image.convert(mode), "PNG"), DEFAULTS).pixels
    assert pixels[0, :, 0].tolist() == [GREY, 250, pytest.approx(189, abs=1)]


@pytest.mark.parametrize("transparency", [1, b"\xff\x00\xff"])
def test_a_transparent_palette_entry_is_laid_on_grey(transparency: int | bytes):
    """Both kinds of palette transparency, one clear index and a table of alphas."""
    image = Image.new("P", (3, 1))
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    image.putdata([0, 1, 2])
    pixels = decode(pictures.save(image, "PNG", transparency=transparency), DEFAULTS).pixels
    assert pixels[0].tolist() == [[10, 20, 30], [GREY] * 3, [70, 80, 90]]


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_transparent_colour_is_laid_on_grey(mode: str):
    """A single colour that counts as clear."""
    image = Image.new(mode, (2, 1), 7 if mode == "L" else (7, 7, 7))
    image.putpixel((1, 0), 200 if mode == "L" else (200, 200, 200))
    data = pictures.save(image, "PNG", transparency=7 if mode == "L" else (7, 7, 7))
    assert decode(data, DEFAULTS).pixels[0, :, 0].tolist() == [GREY, 200]


def test_black_and_white():
    """One bit a pixel is black and white, not black and nearly black."""
    image = Image.new("1", (9, 2))
    image.putpixel((8, 1), 1)
    pixels = decode(pictures.save(image, "PNG"), DEFAULTS).pixels
    assert pixels[1, 8].tolist() == [255, 255, 255]
    assert int(pixels.sum()) == 3 * 255


def test_interlaced():
    """The seven passes of a 2 x 1 picture: the first holds one pixel, the sixth the other."""
    header = b"\0\0\0\x02\0\0\0\x01\x08\x02\0\0\x01"
    rows = b"\0" + bytes((1, 2, 3)) + b"\0" + bytes((4, 5, 6))
    body = pictures.png_chunk(b"IHDR", header) + pictures.png_chunk(b"IDAT", zlib.compress(rows))
    data = b"\x89PNG\r\n\x1a\n" + body + pictures.png_chunk(b"IEND", b"")
    assert decode(data, DEFAULTS).pixels.tolist() == [[[1, 2, 3], [4, 5, 6]]]


def test_the_default_picture_of_an_animation_counts():
    """The animation chunks are not looked at."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((200, 0, 0), (0, 200, 0))]
    data = pictures.save(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert b"acTL" in data
    assert decode(data, DEFAULTS).pixels[4, 4].tolist() == [200, 0, 0]


def test_text_and_profiles_cost_nothing():
    """A text of 64 MiB, compressed to some kilobytes, repeated, and a broken profile: the picture is still read."""
    bomb = pictures.png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 64 * 1024 * 1024, 9))
    profile = pictures.png_chunk(b"iCCP", b"x\0\0" + zlib.compress(b"\0" * 64 * 1024 * 1024, 9))
    data = pictures.png(1, 1, b"\0\x01\x02\x03", extra=bomb * 20 + profile)
    assert decode(data, DEFAULTS).pixels.tolist() == [[[1, 2, 3]]]


@pytest.mark.parametrize(("width", "height"), [(30_001, 1), (16_000, 16_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_header(width: int, height: int):
    """Nothing is allocated for what the header claims."""
    with pytest.raises(ImageTooLarge):
        inspect(pictures.png(width, height, b"\0"), DEFAULTS)


def test_what_fits_in_memory_depends_on_the_kind_of_pixels():
    """240 million grey pixels fit, as many coloured ones do not: one byte against four each."""
    assert inspect(pictures.png(16_000, 15_000, b"\0", color_type=0), DEFAULTS).size == ImageSize(16_000, 15_000)
    with pytest.raises(ImageTooLarge) as caught:
        inspect(pictures.png(16_000, 15_000, b"\0"), DEFAULTS)
    assert caught.value.context["limit"] == "working_bytes_max"


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:60],
        lambda data: data[:40] + b"\xff" * 20 + data[60:],
        lambda data: data.replace(b"IDAT", b"IDAX"),
        lambda data: data.replace(b"IHDR", b"IHDX"),
    ],
)
def test_damage_is_corrupt(damage):
    """Cut off, overwritten, or without the chunks that make a picture."""
    with pytest.raises(CorruptImage):
        decode(damage(pictures.save(pictures.photo(20, 20), "PNG")), DEFAULTS)
