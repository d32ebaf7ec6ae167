import pytest

from oss_faces.decoding import DecodingSettings
from oss_faces.errors import ConfigurationError


def test_the_defaults_are_the_documented_limits():
    """20 MiB, 30,000 a side, 16,384 for TIFF, 250 million pixels."""
    settings = DecodingSettings()
    settings.validate()
    assert settings.size_bytes_max == 20 * 1024 * 1024
    assert (settings.side_max, settings.tiff_side_max, settings.pixels_max) == (30_000, 16_384, 250_000_000)


@pytest.mark.parametrize("name", DecodingSettings.__slots__)
def test_no_limit_may_be_zero(name: str):
    """The error names the field."""
    with pytest.raises(ConfigurationError, match=name):
        DecodingSettings(**{name: 0}).validate()
