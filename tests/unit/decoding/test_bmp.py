import numpy as np
import pytest

from oss_faces.decoding import DecodingSettings, decode, inspect
from oss_faces.errors import CorruptImage, ImageTooLarge
from tests.unit.decoding import pictures

DEFAULTS = DecodingSettings()


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_bmp_with_few_colours(mode: str):
    """Palettes and bits become RGB."""
    source = pictures.photo(33, 17).convert(mode)
    expected = np.asarray(source.convert("RGB"))
    assert np.array_equal(decode(pictures.save(source, "BMP"), DEFAULTS).pixels, expected)


def test_bmp_with_run_lengths():
    """Runs of equal pixels, an end of line and an end of the picture; the lower row comes first."""
    data = pictures.bmp_head(4, 2, compression=1, bits=8) + bytes((2, 1, 2, 2, 0, 0, 4, 3, 0, 1))
    data = data[:54] + b"".join(bytes((10 * index, 0, 0, 0)) for index in range(25)) + data[154:]
    assert decode(data, DEFAULTS).pixels[..., 2].tolist() == [[30] * 4, [10, 10, 20, 20]]


def test_large_run_lengths_are_refused():
    """They are decoded in Python, so they may not be as large as others."""
    assert inspect(pictures.bmp_head(4_000, 2_000, compression=1, bits=8), DEFAULTS).size.width == 4_000
    with pytest.raises(ImageTooLarge) as caught:
        inspect(pictures.bmp_head(4_001, 2_000, compression=1, bits=8), DEFAULTS)
    assert caught.value.context["limit"] == "bmp_rle"


def test_a_bmp_bomb_is_refused_by_its_header():
    """20,000 x 20,000 in 54 bytes."""
    with pytest.raises(ImageTooLarge):
        inspect(pictures.bmp_head(20_000, 20_000), DEFAULTS)


def test_a_bmp_without_pixels_is_corrupt():
    """The header alone is not enough."""
    with pytest.raises(CorruptImage):
        decode(pictures.bmp_head(10, 10), DEFAULTS)
