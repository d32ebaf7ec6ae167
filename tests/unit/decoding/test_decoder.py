"""decode(): every listed format, by content, with its limits; anything else is refused by name of the error."""

import threading

import numpy as np
import pytest
from PIL import Image

from oss_faces.decoding import DecodingSettings, decode, inspect, open_picture
from oss_faces.errors import CorruptImage, ImageTooLarge, UnsupportedFormat
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures

DEFAULTS = DecodingSettings()
LOSSLESS = ["PNG", "BMP", "TIFF"]
FORMATS = [*LOSSLESS, "JPEG", "WEBP", "AVIF", "GIF", "HEIC"]


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_gives_its_colours_in_their_places(format_name: str):
    """A picture of each listed format comes out upright, RGB, at full size, under the name of its format."""
    image = decode(pictures.save(pictures.corners(), format_name), DEFAULTS)
    assert pictures.shows_corners(image.pixels)
    assert image.size == ImageSize(64, 48)
    assert image.pixels.shape == (48, 64, 3)
    assert image.pixels.flags.c_contiguous
    assert image.format == format_name.lower()
    assert image.orientation == 1


@pytest.mark.parametrize("format_name", LOSSLESS)
def test_lossless_formats_are_exact(format_name: str):
    """No value is touched on the way."""
    source = pictures.photo(130, 70)
    assert np.array_equal(decode(pictures.save(source, format_name), DEFAULTS).pixels, np.asarray(source))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"just words",
        b"%PDF-1.7\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"8BPS\0\1" + b"\0" * 30,
        b"P6 1 1 255 abc",
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
    ],
)
def test_other_content_is_unsupported(content: bytes):
    """What is in no listed format is refused, also where the installed libraries could read it."""
    with pytest.raises(UnsupportedFormat):
        decode(content, DEFAULTS)


@pytest.mark.parametrize("format_name", ["ICO", "PPM", "TGA", "PCX", "JPEG2000", "DDS", "SGI", "EPS"])
def test_formats_that_pillow_knows_and_we_do_not_list_are_unsupported(format_name: str):
    """Only the listed decoders ever run."""
    with pytest.raises(UnsupportedFormat):
        decode(pictures.save(pictures.corners(), format_name), DEFAULTS)


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_file_cut_off_in_its_header_is_corrupt(format_name: str):
    """The first 20 bytes of a picture are no picture."""
    with pytest.raises(CorruptImage):
        decode(pictures.save(pictures.corners(), format_name)[:20], DEFAULTS)


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_large_picture_is_reduced_but_keeps_its_size(format_name: str):
    """Pixels are halved while enough of them remain; `size` stays that of the source."""
    settings = DecodingSettings(reduced_pixels=1_000)
    image = decode(pictures.save(pictures.corners(130, 90), format_name), settings)
    assert image.size == ImageSize(130, 90)
    assert image.pixels.shape == (45, 65, 3)
    assert pictures.shows_corners(image.pixels)


def test_the_reduced_picture_is_the_average_of_the_source():
    """Formats that cannot be scaled while decoding are averaged over blocks, the last ones smaller."""
    source = np.asarray(pictures.photo(101, 67))
    image = decode(pictures.save(pictures.photo(101, 67), "PNG"), DecodingSettings(reduced_pixels=400))
    assert image.pixels.shape == (17, 26, 3)
    mean = source[4:8, 8:12].reshape(-1, 3).mean(axis=0)
    assert np.abs(image.pixels[1, 2] - mean).max() <= 1


@pytest.mark.parametrize("format_name", FORMATS)
def test_limits_hold_for_every_format(format_name: str):
    """Bytes, side, pixels and memory are each refused by a limit one short of what the picture needs."""
    data = pictures.save(pictures.corners(), format_name)
    for settings in (
        DecodingSettings(size_bytes_max=len(data) - 1),
        DecodingSettings(side_max=63),
        DecodingSettings(pixels_max=64 * 48 - 1),
        DecodingSettings(working_bytes_max=1000),
    ):
        with pytest.raises(ImageTooLarge):
            decode(data, settings)
    exact = DecodingSettings(size_bytes_max=len(data), side_max=64, pixels_max=64 * 48)
    assert decode(data, exact).size == ImageSize(64, 48)


def test_inspect_tells_the_upright_size_and_decodes_nothing():
    """A header without pixels is enough for `inspect`, not for `decode`."""
    head = pictures.jpeg_head(4000, 3000)
    assert inspect(head, DEFAULTS).size == ImageSize(4000, 3000)
    with pytest.raises(CorruptImage):
        decode(head, DEFAULTS)


def test_threads_may_decode_at_once():
    """The same pictures decoded from several threads come out the same: no state is shared."""
    files = [pictures.save(pictures.photo(200, 150), name) for name in FORMATS]
    expected = [decode(data, DEFAULTS).pixels for data in files]
    wrong: list[int] = []

    def work() -> None:
        for index, data in enumerate(files):
            if not np.array_equal(decode(data, DEFAULTS).pixels, expected[index]):
                wrong.append(index)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_error_for_the_client_names_no_library():
    """The message is the fixed one; what the library said is only in the context, for the log."""
    with pytest.raises(CorruptImage) as caught:
        decode(b"BM" + b"\0" * 60, DEFAULTS)
    assert caught.value.message == CorruptImage.default_message
    assert caught.value.context["format"] == "bmp"
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("format_name", ["PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIC"])
@pytest.mark.parametrize("factor", [1, 2])
def test_transparency_can_be_kept(format_name, factor):
    """An editor gets the transparency of a picture; the search for faces gets it on the background."""
    image = pictures.corners().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 32, 24))
    options = {"lossless": True} if format_name == "WEBP" else {}
    source = open_picture(pictures.save(image, format_name, **options), DecodingSettings())
    pixels = source.render(factor, keep_alpha=True)
    assert pixels.shape == (48 // factor, 64 // factor, 4)
    assert pixels[5, 5, 3] <= 2
    assert pixels[-5, -5] == pytest.approx([*pictures.WHITE, 255], abs=12)


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "BMP"])
def test_opaque_picture_has_no_alpha(format_name):
    """Nothing is added to a picture without transparency."""
    source = open_picture(pictures.save(pictures.corners(), format_name), DecodingSettings())
    assert source.render(1, keep_alpha=True).shape == (48, 64, 3)


def test_colour_of_what_is_transparent_does_not_bleed():
    """Averaging a visible and an invisible pixel gives the colour of the visible one."""
    image = Image.new("RGBA", (2, 1), (200, 100, 50, 255))
    image.putpixel((1, 0), (0, 255, 0, 0))
    source = open_picture(pictures.save(image, "PNG"), DecodingSettings())
    assert source.render(2, keep_alpha=True)[0, 0] == pytest.approx([200, 100, 50, 128], abs=2)
