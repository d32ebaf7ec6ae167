import io
import struct
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageFile

from oss_faces.decoding import DecodingSettings, decode, inspect
from oss_faces.errors import CorruptImage, ImageTooLarge
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures

DEFAULTS = DecodingSettings()


@pytest.fixture(scope="module")
def photo_jpeg() -> bytes:
    return pictures.save(pictures.photo(320, 240), "JPEG", quality=90)


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("RGB", {"progressive": True}),
        ("RGB", {"subsampling": "4:4:4"}),
        ("RGB", {"subsampling": "4:2:2"}),
        ("RGB", {"keep_rgb": True}),
        ("RGB", {"restart_marker_rows": 1}),
        ("CMYK", {}),
        ("CMYK", {"progressive": True}),
    ],
)
@pytest.mark.parametrize("reduced_pixels", [2_000_000, 700])
def test_kinds_of_jpeg(mode: str, options: dict[str, object], reduced_pixels: int):
    """Progressive, every subsampling, stored RGB, restarts and CMYK, in full and scaled while decoding."""
    data = pictures.save(pictures.corners().convert(mode), "JPEG", quality=95, **options)
    image = decode(data, DecodingSettings(reduced_pixels=reduced_pixels))
    assert image.pixels.shape == ((48, 64, 3) if reduced_pixels > 700 else (24, 32, 3))
    assert pictures.shows_corners(image.pixels)


def test_grey_becomes_three_equal_channels():
    """A grey JPEG is RGB like all others."""
    pixels = decode(pictures.save(pictures.photo(64, 64).convert("L"), "JPEG"), DEFAULTS).pixels
    assert pixels.std() > 5
    assert np.array_equal(pixels[..., 0], pixels[..., 2])


@pytest.mark.parametrize("factor", [1, 2, 4, 8, 16])
@pytest.mark.parametrize(("width", "height"), [(1003, 701), (17, 900)])
def test_scaled_while_decoding(factor: int, width: int, height: int):
    """Each factor gives rounded-up sides and the same picture as averaging the full one."""
    data = pictures.save(pictures.photo(width, height), "JPEG", quality=95)
    image = decode(data, DecodingSettings(reduced_pixels=width * height // factor**2))
    assert image.pixels.shape == (-(-height // factor), -(-width // factor), 3)
    assert image.size == ImageSize(width, height)
    full = Image.fromarray(decode(data, DecodingSettings(reduced_pixels=width * height)).pixels)
    mean = np.asarray(full.reduce(factor), np.float32)
    assert np.abs(image.pixels - mean)[:-1, :-1].mean() < 3


@pytest.mark.parametrize("kept", [0.9, 0.5, 0.2])
@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_a_truncated_jpeg_gives_what_is_there(photo_jpeg: bytes, kept: float, options: dict[str, object]):
    """The rows that are in the file are as in the whole picture, and no switch of the library is touched."""
    whole = pictures.save(pictures.photo(320, 240), "JPEG", quality=90, **options)
    image = decode(whole[: int(len(whole) * kept)], DEFAULTS)
    assert image.size == ImageSize(320, 240)
    rows = int(240 * kept * 0.6) if not options else 240
    difference = np.abs(image.pixels[:rows].astype(int) - decode(whole, DEFAULTS).pixels[:rows])
    assert difference.mean() < (1 if not options else 40)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_a_truncated_cmyk_jpeg_gives_what_is_there():
    """The patient decoder takes what is left as well."""
    whole = pictures.save(pictures.photo(320, 240).convert("CMYK"), "JPEG", quality=90)
    image = decode(whole[: len(whole) // 2], DEFAULTS)
    assert image.pixels[:80].std() > 10
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_nothing_usable_is_corrupt(photo_jpeg: bytes):
    """A file that ends where its pixels begin shows nothing and is no picture without faces."""
    scan = photo_jpeg.index(b"\xff\xda")
    with pytest.raises(CorruptImage):
        decode(photo_jpeg[: scan + 14], DEFAULTS)


def test_an_undamaged_picture_of_one_colour_is_a_picture():
    """All pixels equal is only suspicious in a damaged file."""
    data = pictures.save(Image.new("RGB", (40, 30), (9, 9, 9)), "JPEG")
    assert decode(data, DEFAULTS).size == ImageSize(40, 30)
    data = pictures.save(Image.new("CMYK", (40, 30), (0, 0, 0, 0)), "JPEG")
    assert int(decode(data, DEFAULTS).pixels.min()) == 255


def test_damage_in_the_middle_costs_no_error(photo_jpeg: bytes):
    """Pixels behind the damage may be wrong, the answer is still a picture."""
    damaged = bytearray(photo_jpeg)
    damaged[len(damaged) // 2 : len(damaged) // 2 + 40] = b"\xff\x00" * 20
    assert decode(bytes(damaged), DEFAULTS).size == ImageSize(320, 240)


def test_the_first_picture_of_several_counts(photo_jpeg: bytes):
    """Bytes behind the end (a second picture, a video) are ignored."""
    appended = photo_jpeg + pictures.save(pictures.corners(), "JPEG")
    assert np.array_equal(decode(appended, DEFAULTS).pixels, decode(photo_jpeg, DEFAULTS).pixels)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + b"\xff" * 100,
        b"\xff\xd8\xff\xe0\x00\x00" * 50,
        pictures.jpeg_head(0, 10),
        pictures.jpeg_head(10, 0),
        b"\xff\xd8" + pictures.jpeg_segment(0xC0, b"\x08\0\x10\0\x10\x05"),
        b"\xff\xd8" + pictures.jpeg_segment(0xC0, b"\x08\0\x10"),
        b"\xff\xd8" + pictures.jpeg_segment(0xC0, struct.pack(">BHHB", 8, 16, 16, 1) + bytes((1, 0, 0))),
        b"\xff\xd8" + pictures.jpeg_segment(0xFE, b"x") * 6_000 + pictures.jpeg_head(16, 16)[2:],
    ],
)
def test_a_head_that_describes_no_picture_is_corrupt(content: bytes):
    """No frame, a frame of impossible size or sampling, or segments without end."""
    with pytest.raises(CorruptImage):
        decode(content, DEFAULTS)


def test_progressive_pictures_count_their_coefficients():
    """A file in several scans keeps every coefficient in memory, one in a single scan none."""
    assert inspect(pictures.jpeg_head(9_000, 9_000), DEFAULTS).working_bytes == 0
    progressive = pictures.jpeg_head(9_000, 9_000, frame_marker=0xC2)
    assert inspect(progressive, DEFAULTS).working_bytes == 9_000 * 9_000 * 3 * 2
    with pytest.raises(ImageTooLarge) as caught:
        inspect(pictures.jpeg_head(15_000, 15_000, frame_marker=0xC2), DEFAULTS)
    assert caught.value.context["limit"] == "working_bytes_max"


def test_a_sequential_file_in_several_scans_counts_its_coefficients():
    """The first scan names one component of three: the decoder has to keep them all."""
    head = pictures.jpeg_head(100, 100)
    first_scan = head.replace(bytes((3, 1, 0, 2, 0, 3, 0, 0, 63, 0)), bytes((1, 1, 0, 0, 63, 0)))
    assert inspect(first_scan, DEFAULTS).working_bytes == 100 * 100 * 3 * 2


def progressive_bomb(width: int, height: int, scans: int) -> Iterator[bytes]:
    """A grey progressive JPEG whose many scans each say in a few bytes that nothing changes."""
    blocks = (-(-width // 8)) * (-(-height // 8))
    yield b"\xff\xd8" + pictures.jpeg_segment(0xDB, b"\0" + b"\x01" * 64)
    yield pictures.jpeg_segment(0xC2, struct.pack(">BHHB", 8, height, width, 1) + bytes((1, 0x11, 0)))
    yield pictures.jpeg_segment(0xC4, b"\x00\x01" + b"\0" * 15 + b"\0")
    yield pictures.jpeg_segment(0xC4, b"\x10\x01" + b"\0" * 15 + b"\0")
    yield pictures.jpeg_segment(0xDA, bytes((1, 1, 0, 0, 0, 0))) + b"\0" * (blocks // 8 + 1)
    for index in range(scans):
        step, place = divmod(index, 63)
        high = 0 if step == 0 else 14 - step
        yield pictures.jpeg_segment(0xDA, bytes((1, 1, 0, place + 1, place + 1, high << 4 | 13 - step)))
        yield b"\0" * (blocks // 8 + 1)
    yield b"\xff\xd9"


def test_scans_are_bounded():
    """A thousand scans over the whole picture are refused before the first is read."""
    with pytest.raises(ImageTooLarge) as caught:
        decode(b"".join(progressive_bomb(64, 64, 800)), DEFAULTS)
    assert caught.value.context["limit"] == "scans_max"


def test_exif_of_a_thumbnail_does_not_count():
    """The orientation is that of the first EXIF block before the scan."""
    image = pictures.corners()
    first, second = Image.Exif(), Image.Exif()
    first[pictures.ORIENTATION_TAG], second[pictures.ORIENTATION_TAG] = 3, 6
    data = pictures.save(image.rotate(180), "JPEG", exif=first)
    block = pictures.jpeg_segment(0xE1, b"Exif\0\0" + second.tobytes().removeprefix(b"Exif\0\0"))
    place = data.index(b"\xff\xdb")
    decoded = decode(data[:place] + block + data[place:], DEFAULTS)
    assert decoded.orientation == 3
    assert pictures.shows_corners(decoded.pixels)


def test_pillow_reads_the_same_colours():
    """CMYK with the inverted values of one well-known program looks as Pillow shows it."""
    data = pictures.save(pictures.photo(64, 64).convert("CMYK"), "JPEG", quality=95)
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(decode(data, DEFAULTS).pixels, np.asarray(image.convert("RGB")))
