import numpy as np
import pytest
from PIL import Image

from oss_faces.decoding import DecodingSettings, decode, inspect
from oss_faces.errors import CorruptImage, ImageTooLarge
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures

DEFAULTS = DecodingSettings()
GREY = 128


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 90}])
def test_webp_of_both_kinds(options: dict[str, object]):
    """Lossless and lossy files write their size in different places."""
    data = pictures.save(pictures.corners(70, 50), "WEBP", **options)
    assert inspect(data, DEFAULTS).size == ImageSize(70, 50)
    assert pictures.shows_corners(decode(data, DEFAULTS).pixels)


def test_the_first_frame_of_a_webp_counts():
    """Of an animation only the first picture is decoded."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((200, 0, 0), (0, 200, 0))]
    data = pictures.save(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert decode(data, DEFAULTS).pixels[4, 4].tolist() == [200, 0, 0]


def test_a_webp_bomb_is_refused_by_its_header():
    """The decoder allocates its canvas when it is made, so it must not be made."""
    with pytest.raises(ImageTooLarge):
        inspect(pictures.webp_head(16_383, 16_383), DEFAULTS)
    with pytest.raises(ImageTooLarge):
        inspect(pictures.webp_head(2**24, 2**24), DEFAULTS)


@pytest.mark.parametrize(
    "content", [b"RIFF\x04\0\0\0WEBP", pictures.webp_head(10, 10), b"RIFF\x1e\0\0\0WEBPVP8X" + b"\0" * 5]
)
def test_a_webp_without_a_picture_is_corrupt(content: bytes):
    """A container, or a header, and nothing in it."""
    with pytest.raises(CorruptImage):
        decode(content, DEFAULTS)


@pytest.mark.parametrize("format_name", ["WEBP", "AVIF", "HEIC"])
def test_alpha_is_laid_on_grey(format_name: str):
    """Clear pixels show the background, whatever colour they hide."""
    image = Image.new("RGBA", (64, 64), (250, 0, 0, 0))
    pixels = decode(pictures.save(image, format_name), DEFAULTS).pixels
    assert np.abs(pixels.astype(int) - GREY).max() <= 3
