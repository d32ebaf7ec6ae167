"""Picture files in and out: every format, its limits, and whose errors come out."""

import io

import numpy as np
import pytest
from PIL import Image

from oss_faces.decoding import DecodingSettings
from oss_faces.errors import (
    ImageError,
    ImageTooLarge,
    OssFacesError,
    OutsidePicture,
    PictureDamaged,
    PictureNotSupported,
    PictureTooLarge,
)
from oss_faces.imaging import ImagingSettings
from oss_faces.protocol import resolve_process
from oss_faces.stages import PictureEditor
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures

EDITOR = PictureEditor(DecodingSettings(), ImagingSettings())
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIC", "AVIF"]
BOMB = pictures.png(30_000, 30_000, b"")
LONG = pictures.save(Image.new("L", (1, 30_000)), "PNG")


def edit(content, chain, editor=EDITOR):
    """The edited picture, opened; its orientation is not applied."""
    file = editor.edit(content, resolve_process(f"image/{chain}").edits)
    image = Image.open(io.BytesIO(file.content))
    image.load()
    return image


def faces(content, chain, editor=EDITOR):
    return editor.faces_decoder(resolve_process(f"image/{chain}/faces").edits)(content)


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_is_edited(format_name):
    """Read, scaled, and written in its own format, or as JPEG where it has none here."""
    image = edit(pictures.save(pictures.corners(), format_name), "resize,w_32")
    assert image.format == ("JPEG" if format_name in ("HEIC", "AVIF") else format_name)
    assert image.size == (32, 24)
    assert pictures.shows_corners(np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_is_edited(mode):
    """Palettes, grey, 16 bits, CMYK and transparency all come out as a picture of the same brightness."""
    grey = pictures.corners().convert("L")
    stored = Image.fromarray(np.asarray(grey, np.uint16) << 8) if mode == "I;16" else pictures.corners().convert(mode)
    made = edit(pictures.save(stored, "TIFF" if mode == "CMYK" else "PNG"), "format,png/crop,w_32,h_24")
    expected = (stored.convert("L") if mode in ("1", "P") else grey).crop((0, 0, 32, 24))
    assert made.size == (32, 24)
    assert np.abs(np.asarray(made.convert("L"), np.int16) - np.asarray(expected, np.int16)).max() < 12


def test_transparency_stays():
    """From one format that has it to another."""
    image = pictures.corners().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 32, 24))
    made = edit(pictures.save(image, "PNG"), "resize,w_32/format,webp")
    assert made.convert("RGBA").getpixel((5, 5))[3] < 8
    assert made.convert("RGBA").getpixel((28, 20))[3] == 255


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP"])
def test_orientation_travels_with_the_picture(format_name, orientation):
    """Without auto-orient the pixels stay as stored, and a viewer still shows them upright."""
    made = edit(pictures.saved_turned(format_name, orientation), "resize,p_50")
    assert made.size == ((32, 24) if orientation < 5 else (24, 32))
    assert made.getexif().get(pictures.ORIENTATION_TAG, 1) == orientation


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("chain", ["auto-orient,1/resize,w_32", "format,bmp/resize,w_64/auto-orient,1/resize,p_50"])
def test_auto_orient_applies_it(chain, orientation):
    """The pixels are upright then, and nothing is left for the viewer to do."""
    made = edit(pictures.saved_turned("JPEG", orientation, quality=95), chain)
    assert made.size == (32, 24)
    assert pictures.ORIENTATION_TAG not in made.getexif()
    assert pictures.shows_corners(np.asarray(made))


@pytest.mark.parametrize("wanted", ["bmp", "gif"])
def test_format_without_a_place_for_the_orientation(wanted):
    """A picture that can say nothing of its orientation is turned upright when it is written."""
    made = edit(pictures.saved_turned("JPEG", 6, quality=95), f"format,{wanted}")
    assert made.size == (64, 48)
    assert pictures.shows_corners(np.asarray(made.convert("RGB")))


def test_animation_gives_its_first_frame():
    """Frames that follow are not written."""
    frames = [Image.new("RGB", (20, 10), color) for color in (pictures.RED, pictures.BLUE)]
    data = pictures.save(frames[0], "GIF", save_all=True, append_images=frames[1:])
    made = edit(data, "resize,w_10")
    assert (made.size, made.n_frames) == ((10, 5), 1)
    assert made.convert("RGB").getpixel((5, 2)) == pytest.approx(pictures.RED, abs=8)


def test_large_picture_is_reduced_while_it_is_decoded():
    """A JPEG that could not be held whole within the memory allowed becomes a small picture."""
    source = pictures.save(Image.new("RGB", (6000, 5000), pictures.GREEN), "JPEG")
    editor = PictureEditor(DecodingSettings(working_bytes_max=60_000_000), ImagingSettings())
    assert edit(source, "resize,w_300", editor).size == (300, 250)
    with pytest.raises(PictureTooLarge) as caught:
        edit(source, "format,png", editor)
    assert caught.value.context["limit"] == "working_bytes_max"


def test_facts():
    """Format, size as stored, length, and what the camera wrote; no pixel is needed."""
    data = pictures.saved_turned("JPEG", 6)
    facts = EDITOR.describe(data)
    assert (facts.format, facts.size, facts.size_bytes, facts.frames) == ("jpeg", ImageSize(48, 64), len(data), 1)
    assert dict(facts.exif)["Orientation"] == "6"
    assert EDITOR.describe(pictures.jpeg_head(4000, 3000)).size == ImageSize(4000, 3000)


@pytest.mark.parametrize(
    ("content", "chain", "error", "code", "status", "ec"),
    [
        (b"", "resize,w_1", PictureNotSupported, "InvalidArgument", 400, "0040-00000005"),
        (b"text", "resize,w_1", PictureNotSupported, "InvalidArgument", 400, "0040-00000005"),
        (pictures.jpeg_head(8, 8), "resize,w_1", PictureDamaged, "ImageDamage", 403, "0040-00000006"),
        (BOMB, "resize,w_1", PictureTooLarge, "ImageTooLarge", 400, "0040-00000012"),
        (pictures.png(30_001, 1, b""), "resize,w_1", PictureTooLarge, "ImageTooLarge", 400, "0040-00000018"),
        (bytes(20 * 1024 * 1024 + 1), "resize,w_1", PictureTooLarge, "ImageTooLarge", 400, "0040-00000012"),
        (LONG, "resize,w_16384,limit_0", PictureTooLarge, "ImageTooLarge", 400, "0040-00000012"),
        (LONG, "resize,m_fixed,w_16384,h_1,limit_0", PictureTooLarge, "ImageTooLarge", 400, "0040-00000012"),
        (LONG, "rotate,1", PictureTooLarge, "ImageTooLarge", 400, "0040-00000012"),
        (LONG, "rotate,90/crop,h_1/format,webp", PictureTooLarge, "ImageTooLarge", 400, "0040-00000012"),
        (LONG, "crop,x_1", OutsidePicture, "InvalidArgument", 400, "0040-00000013"),
    ],
)
def test_errors(content, chain, error, code, status, ec):
    """Each has the code, the status and the EC of the classic family."""
    with pytest.raises(error) as caught:
        edit(content, chain)
    assert (caught.value.code, caught.value.http_status, caught.value.ec_value) == (code, status, ec)


@pytest.mark.parametrize(
    ("content", "chain", "error", "ec"),
    [
        (b"text", "resize,w_1", ImageError, "0056-00000001"),
        (pictures.jpeg_head(8, 8), "resize,w_1", ImageError, "0056-00000001"),
        (LONG, "crop,x_1", ImageError, "0056-00000001"),
        (BOMB, "resize,w_1", ImageTooLarge, "0056-00000002"),
        (LONG, "resize,m_fixed,w_16384,h_1,limit_0", ImageTooLarge, "0056-00000002"),
    ],
)
def test_errors_before_faces(content, chain, error, ec):
    """They are those of image/faces, which no SDK repeats."""
    with pytest.raises(error) as caught:
        faces(content, chain)
    assert caught.value.code in ("Imm Client", "ImageTooLarge")
    assert caught.value.ec_value == ec


@pytest.mark.parametrize("orientation", range(1, 9))
def test_faces_get_an_upright_picture(orientation):
    """The search sees what a viewer of the edited picture would see."""
    image = faces(pictures.saved_turned("JPEG", orientation, quality=95), "resize,p_50")
    assert (image.size, image.orientation, image.format) == (ImageSize(32, 24), orientation, "jpeg")
    assert pictures.shows_corners(image.pixels)


def test_writing_has_no_part_in_the_search():
    """Format and quality before faces are checked, and change nothing."""
    content = pictures.save(pictures.photo(64, 48), "PNG")
    plain, written = faces(content, "crop,w_60"), faces(content, "crop,w_60/format,webp/quality,q_1")
    assert np.array_equal(plain.pixels, written.pixels)


@pytest.mark.parametrize("format_name", FORMATS)
def test_damaged_files_raise_documented_errors_only(format_name):
    """Files that are cut off or changed give a picture or an error of this family."""
    whole = pictures.save(pictures.photo(40, 30), format_name)
    random, statuses = np.random.default_rng(5), {400}
    for _ in range(20):
        damaged = bytearray(whole[: random.integers(4, len(whole) + 1)])
        for place in random.integers(0, len(damaged), 3):
            damaged[place] = random.integers(0, 256)
        for work in (EDITOR.describe, lambda content: edit(content, "resize,w_20")):
            try:
                work(bytes(damaged))
            except OssFacesError as error:
                statuses.add(error.http_status)
    assert statuses <= {400, 403}
