import pytest
from PIL import Image

from oss_faces.decoding import DecodingSettings, decode, inspect
from oss_faces.errors import CorruptImage, ImageTooLarge
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures

DEFAULTS = DecodingSettings()
END = b"\x3b"


def test_the_first_frame_counts():
    """Of an animation only the first picture is decoded."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((200, 0, 0), (0, 200, 0), (0, 0, 200))]
    data = pictures.save(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert inspect(data, DEFAULTS).frames == 3
    assert decode(data, DEFAULTS).pixels[4, 4].tolist() == [200, 0, 0]


def test_clear_pixels_are_laid_on_grey():
    """The transparent index shows the background."""
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putdata([0, 1])
    pixels = decode(pictures.save(image, "GIF", transparency=1), DEFAULTS).pixels
    assert pixels[0].tolist() == [[10, 20, 30], [128, 128, 128]]


def test_frames_count_towards_the_pixel_limit():
    """As at OSS: width x height x frames."""
    three = pictures.gif_head(100, 100) + pictures.gif_frame(1, 1) * 3 + END
    assert inspect(three, DecodingSettings(pixels_max=30_000)).frames == 3
    with pytest.raises(ImageTooLarge) as caught:
        inspect(three, DecodingSettings(pixels_max=29_999))
    assert caught.value.context["limit"] == "pixels_max"


def test_a_frame_beyond_the_screen_enlarges_it():
    """Pillow's rule: the picture is as large as the screen and the frame together."""
    data = pictures.gif_head(10, 10) + pictures.gif_frame(30, 20) + END
    assert inspect(data, DEFAULTS).size == ImageSize(30, 20)


def test_a_hundred_thousand_frames_take_no_time():
    """The walk over the blocks is one pass, and frames behind the first are never handed on."""
    data = pictures.gif_head(1, 1) + pictures.gif_frame(1, 1) * 100_000 + END
    assert decode(data, DEFAULTS).size == ImageSize(1, 1)


def test_the_walk_over_the_blocks_is_bounded():
    """A file of nothing but tiny blocks is given up on."""
    with pytest.raises(CorruptImage) as caught:
        decode(pictures.gif_head(1, 1) + b"\x21\xfe" + b"\x01x" * 2_100_000, DEFAULTS)
    assert caught.value.context["reason"] == "too many blocks"


@pytest.mark.parametrize(
    "content",
    [
        pictures.gif_head(10, 10),
        pictures.gif_head(10, 10) + END,
        pictures.gif_head(10, 10) + b"\x21\xfe\x03abc\0" + END,
        pictures.gif_head(0, 0) + pictures.gif_frame(0, 0) + END,
        b"GIF89a",
    ],
)
def test_without_a_frame_it_is_corrupt(content: bytes):
    """A screen alone is no picture."""
    with pytest.raises(CorruptImage):
        decode(content, DEFAULTS)


def test_a_bomb_is_refused_by_its_header():
    """60,000 pixels a side in 40 bytes."""
    with pytest.raises(ImageTooLarge):
        inspect(pictures.gif_head(60_000, 60_000) + pictures.gif_frame(60_000, 60_000) + END, DEFAULTS)
