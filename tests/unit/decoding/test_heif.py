import pytest

from oss_faces.decoding import DecodingSettings, decode, inspect
from oss_faces.errors import CorruptImage
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
