"""How results are written: format, quality, orientation, profile, transparency."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from oss_faces.errors import PictureTooLarge
from oss_faces.imaging import Encoding, check_size, choose_encoding
from oss_faces.imaging.encoding import encode
from oss_faces.protocol import resolve_process
from oss_faces.protocol.picture_steps import PictureFormat
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PILLOW_NAMES = {PictureFormat.JPG: "JPEG"}


def choose(chain, source="jpeg", quality=None):
    return choose_encoding(resolve_process(f"image/{chain}").edits, source, quality)


def reopened(encoding, image=None):
    file = encode(image or pictures.corners(), encoding)
    opened = Image.open(io.BytesIO(file.content))
    opened.load()
    return opened, file.media_type


@pytest.mark.parametrize(
    ("source", "chain", "wanted"),
    [
        ("jpeg", "crop", "jpg"),
        ("png", "crop", "png"),
        ("webp", "crop", "webp"),
        ("bmp", "crop", "bmp"),
        ("gif", "crop", "gif"),
        ("tiff", "crop", "tiff"),
        ("heic", "crop", "jpg"),
        ("avif", "crop", "jpg"),
        ("jpeg", "format,png", "png"),
        ("png", "format,png/resize,w_1/format,webp", "webp"),
    ],
)
def test_format(source, chain, wanted):
    """The last format asked for, else the source's own, else JPEG."""
    assert choose(chain, source).format.value == wanted


@pytest.mark.parametrize(
    ("chain", "source", "of_source", "quality"),
    [
        ("crop", "jpeg", None, 85),
        ("crop", "jpeg", 71, 71),
        ("quality,q_80", "jpeg", 90, 72),
        ("quality,q_80", "jpeg", 100, 80),
        ("quality,q_1", "jpeg", 10, 1),
        ("quality,Q_80", "jpeg", 90, 80),
        ("quality,Q_95", "jpeg", 90, 90),  # never better than it was
        ("quality,q_10,Q_80", "jpeg", 90, 80),
        ("quality,Q_10/quality,q_50", "jpeg", 90, 45),
        ("format,jpg/quality,Q_95", "png", None, 95),
        ("quality,q_70/format,jpg", "png", None, 70),
        ("format,webp/quality,q_70", "jpeg", 50, 70),
        ("format,webp/quality,Q_70", "jpeg", 50, 70),
        ("format,webp", "jpeg", 50, 85),
    ],
)
def test_quality(chain, source, of_source, quality):
    """Relative to a JPEG's own quality or absolute; WebP knows only absolute ones."""
    assert choose(chain, source, of_source).quality == quality


@pytest.mark.parametrize("wanted", PictureFormat)
def test_every_format_is_written(wanted):
    """The file is of the format that its media type says, and shows the picture."""
    opened, media_type = reopened(Encoding(wanted))
    assert opened.format == PILLOW_NAMES.get(wanted, wanted.name)
    assert media_type == Image.MIME[opened.format]
    assert pictures.shows_corners(np.asarray(opened.convert("RGB")))


@pytest.mark.parametrize("wanted", PictureFormat)
def test_transparency(wanted):
    """Kept where the format has it, on white elsewhere."""
    image = pictures.corners().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    opened, _ = reopened(Encoding(wanted), image)
    shown = opened.convert("RGBA").getpixel((3, 3))
    if wanted in (PictureFormat.JPG, PictureFormat.BMP):
        assert shown == (255, 255, 255, 255)
    else:
        assert shown[3] == 0


def test_quality_is_used():
    """A lower quality is a smaller file, in JPEG and WebP."""
    image = pictures.photo(200, 200)
    for wanted in (PictureFormat.JPG, PictureFormat.WEBP):
        sizes = [len(encode(image, Encoding(wanted, quality)).content) for quality in (20, 60, 95)]
        assert sizes == sorted(set(sizes))


@pytest.mark.parametrize(("chain", "expected"), [("interlace,1", True), ("interlace,0", False), ("crop", False)])
def test_progressive(chain, expected):
    """Interlace makes a JPEG that can be shown while it comes."""
    opened, _ = reopened(choose(chain))
    assert bool(opened.info.get("progressive")) is expected


@pytest.mark.parametrize("wanted", [PictureFormat.JPG, PictureFormat.PNG, PictureFormat.WEBP, PictureFormat.TIFF])
def test_orientation_and_profile_go_along(wanted):
    """Where the format has a place for them; nothing else of the source is written."""
    encoding = Encoding(wanted).of_source(6, PROFILE)
    assert encoding.keeps_orientation
    opened, _ = reopened(encoding)
    # The library applies that of a TIFF as soon as it reads it.
    assert opened.size == (48, 64) if wanted is PictureFormat.TIFF else opened.getexif()[0x0112] == 6
    assert opened.info["icc_profile"] == PROFILE
    plain, _ = reopened(Encoding(wanted))
    assert 0x0112 not in plain.getexif() or plain.getexif()[0x0112] == 1
    assert "icc_profile" not in plain.info


@pytest.mark.parametrize("wanted", [PictureFormat.BMP, PictureFormat.GIF])
def test_formats_without_a_place_for_them(wanted):
    """They say so, and are written all the same."""
    encoding = Encoding(wanted).of_source(6, PROFILE)
    assert not encoding.keeps_orientation
    reopened(encoding)


def test_webp_has_a_longest_side():
    """16,383 pixels, which are one less than the limit of every other format."""
    check_size(ImageSize(16_383, 1), Encoding(PictureFormat.WEBP))
    check_size(ImageSize(16_384, 1), Encoding(PictureFormat.JPG))
    with pytest.raises(PictureTooLarge):
        check_size(ImageSize(1, 16_384), Encoding(PictureFormat.WEBP))
