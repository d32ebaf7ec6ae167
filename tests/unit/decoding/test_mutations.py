"""Whatever is done to a file, the answer is a picture or one of three errors."""

from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oss_faces.decoding import DecodingSettings, decode
from oss_faces.errors import CorruptImage, ImageTooLarge, UnsupportedFormat
from tests.unit.decoding import pictures

SMALL = DecodingSettings(pixels_max=4_000_000, reduced_pixels=500)
KINDS = {
    "JPEG": ("RGB", {}),
    "JPEG progressive": ("RGB", {"progressive": True}),
    "JPEG CMYK": ("CMYK", {}),
    "PNG": ("RGBA", {}),
    "BMP": ("P", {}),
    "GIF": ("P", {}),
    "WEBP": ("RGBA", {}),
    "TIFF": ("RGB", {"compression": "tiff_lzw"}),
    "TIFF raw": ("RGB", {}),
    "AVIF": ("RGB", {}),
    "HEIC": ("RGB", {}),
}


@cache
def sample(kind: str) -> bytes:
    mode, options = KINDS[kind]
    return pictures.save(pictures.photo(48, 40).convert(mode), kind.split(maxsplit=1)[0], **options)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(draw=st.data())
def test_a_mutated_file_gives_a_picture_or_a_documented_error(kind: str, draw: st.DataObject):
    """Bytes overwritten, cut out or cut off: an upright RGB picture of the stated size, or an ImageError."""
    data = bytearray(sample(kind))
    for _ in range(draw.draw(st.integers(1, 4))):
        # The header is where the damage is interesting, so half of it goes there.
        reach = draw.draw(st.sampled_from([min(200, len(data)), len(data)]))
        place = draw.draw(st.integers(0, max(0, reach - 1)))
        change = draw.draw(st.binary(max_size=4))
        data[place : place + draw.draw(st.integers(0, 6))] = change
    if draw.draw(st.booleans()):
        del data[draw.draw(st.integers(0, len(data))) :]
    try:
        image = decode(bytes(data), SMALL)
    except (UnsupportedFormat, CorruptImage, ImageTooLarge):
        return
    assert image.pixels.dtype == np.uint8
    assert image.pixels.flags.c_contiguous
    assert image.size.pixels <= SMALL.pixels_max
    shorter = min(image.size.width / image.pixels.shape[1], image.size.height / image.pixels.shape[0])
    assert shorter > 0
