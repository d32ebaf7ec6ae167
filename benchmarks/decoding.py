"""How close the decoder comes to the least that a JPEG can cost."""

import io
from collections.abc import Iterator
from functools import partial
from typing import Final

from PIL import Image
from simplejpeg._jpeg import decode_jpeg  # the package's own name hides its types from mypy

from benchmarks.pictures import SIZES, synthetic_jpeg
from benchmarks.sides import ratio_row, time_in_turn
from evaluation.rows import Row
from oss_faces.decoding import DecodingSettings, decode

ROUNDS: Final = 15
SMALLEST_SCALE: Final = 8


def measure() -> Iterator[Row]:
    """Compare `decode` with the whole picture, with the smallest scale of the same library, and with Pillow."""
    reduced = DecodingSettings()
    whole = DecodingSettings(reduced_pixels=reduced.pixels_max)
    for name, size in SIZES.items():
        data = synthetic_jpeg(size)
        least_height, least_width = -(-size.height // SMALLEST_SCALE), -(-size.width // SMALLEST_SCALE)
        ours, full, floor, pillow = time_in_turn(
            [
                partial(decode, data, reduced),
                partial(decode, data, whole),
                partial(decode_jpeg, data, min_height=least_height, min_width=least_width),
                partial(_decode_by_pillow, data),
            ],
            ROUNDS,
        )
        yield ratio_row("decoding", f"jpeg_{name}", "reduced_over_whole", ours, full)
        yield ratio_row("decoding", f"jpeg_{name}", "reduced_over_floor", ours, floor)
        yield ratio_row("decoding", f"jpeg_{name}", "pillow_over_reduced", pillow, ours)


def _decode_by_pillow(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB").tobytes()
