import pytest
from PIL import Image

from oss_faces.decoding import DecodingSettings, decode, inspect
from oss_faces.errors import CorruptImage, ImageTooLarge
from tests.unit.decoding import pictures

DEFAULTS = DecodingSettings()


def test_heic_and_avif_are_told_apart_by_content():
    """One container, two codecs: the brand decides, and the memory that each takes."""
    heic = inspect(pictures.save(pictures.corners(), "HEIC"), DEFAULTS)
    avif = inspect(pictures.save(pictures.corners(), "AVIF"), DEFAULTS)
    assert (heic.format, avif.format) == ("heic", "avif")
    assert heic.working_bytes == 64 * 48 * 11


def test_a_heic_as_large_as_phones_make_them_fits():
    """48 megapixels, 8 bit, no alpha."""
    settings = DecodingSettings()
    assert settings.working_bytes_max > 8_064 * 6_048 * 11


@pytest.mark.parametrize("format_name", ["HEIC", "AVIF"])
def test_a_damaged_container_is_corrupt(format_name: str):
    """The brand alone makes no picture."""
    data = pictures.save(pictures.corners(), format_name)
    with pytest.raises(CorruptImage):
        decode(data[:32] + b"\xff" * (len(data) - 32), DEFAULTS)


def with_claimed_size(data: bytes, width: int, height: int) -> bytes:
    """The same file, whose container says another size."""
    place = data.index(b"ispe") + 8
    return data[:place] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + data[place + 8 :]


def test_avif_is_judged_by_what_is_coded():
    """A container that claims 8 x 8 does not hide what its AV1 data will be decoded to."""
    small = with_claimed_size(pictures.save(pictures.corners(640, 480), "AVIF"), 8, 8)
    assert inspect(small, DEFAULTS).working_bytes >= 640 * 480
    with pytest.raises(ImageTooLarge):
        decode(small, DecodingSettings(working_bytes_max=40_000_000 - 30 * 300_000))


def test_heic_that_claims_less_than_it_holds_is_corrupt():
    """Libheif takes the claim for a limit."""
    with pytest.raises(CorruptImage):
        decode(with_claimed_size(pictures.save(pictures.corners(2_000, 2_000), "HEIC"), 64, 64), DEFAULTS)


def test_the_first_frame_of_an_avif_sequence_counts():
    """Of an animation only the first picture is decoded."""
    frames = [Image.new("RGB", (64, 64), colour) for colour in ((200, 0, 0), (0, 200, 0))]
    data = pictures.save(frames[0], "AVIF", save_all=True, append_images=frames[1:])
    assert data[8:12] == b"avis"
    assert abs(int(decode(data, DEFAULTS).pixels[32, 32, 0]) - 200) < 10
