"""How close the decoder comes to the least that a JPEG can cost."""

import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from PIL import Image
from simplejpeg._jpeg import decode_jpeg  # the package's own name hides its types from mypy

from benchmarks.pictures import EVENING_NOISE, SIZES, photo_jpeg, portrait_jpeg, synthetic_jpeg
from benchmarks.sides import Work, ratio_row, time_in_turn
from evaluation.rows import Row
from oss_faces.decoding import DecodingSettings, decode, inspect
from oss_faces.decoding.limits import choose_factor
from oss_faces.values import ImageSize

ROUNDS: Final = 15
SMALLEST_SCALE: Final = 8


def measure() -> Iterator[Row]:
    """Compare decoding of each size: a smooth picture, a photo by day and by lamplight, and colours with noise."""
    evening = partial(photo_jpeg, noise=EVENING_NOISE)
    kinds: dict[str, Callable[[ImageSize], bytes]] = {
        "portrait": portrait_jpeg,
        "photo": photo_jpeg,
        "evening": evening,
        "jpeg": synthetic_jpeg,
    }
    for name, size in SIZES.items():
        for kind, draw in kinds.items():
            yield from _rows(f"{kind}_{name}", draw(size), size)


def _rows(of: str, data: bytes, size: ImageSize) -> Iterator[Row]:
    """Compare `decode` with its library at the same and at the smallest scale, with the whole picture, and Pillow."""
    reduced = DecodingSettings()
    whole = DecodingSettings(reduced_pixels=reduced.pixels_max)
    factor = choose_factor(inspect(data, reduced), reduced)
    bits = 8 * len(data) / size.pixels
    yield Row("decoding", of, "coded", bits, bits, bits, 1, "bits")
    ours, same, floor = time_in_turn(
        [partial(decode, data, reduced), _library(data, size, factor), _library(data, size, SMALLEST_SCALE)], ROUNDS
    )
    yield ratio_row("decoding", of, "reduced_over_library", ours, same)
    yield ratio_row("decoding", of, "reduced_over_floor", ours, floor)
    # Apart from the others: these give so much memory back to the system that whoever comes next has to get it anew.
    # A worker, which decodes one picture after the other, has what it needs.
    ours, full = time_in_turn([partial(decode, data, reduced), partial(decode, data, whole)], ROUNDS)
    yield ratio_row("decoding", of, "reduced_over_whole", ours, full)
    pillow, ours = time_in_turn([partial(_decode_by_pillow, data), partial(decode, data, reduced)], ROUNDS)
    yield ratio_row("decoding", of, "pillow_over_reduced", pillow, ours)


def _library(data: bytes, size: ImageSize, scale: int) -> Work:
    """Decode with the library alone, at 1/`scale`."""
    return partial(decode_jpeg, data, min_height=-(-size.height // scale), min_width=-(-size.width // scale))


def _decode_by_pillow(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB").tobytes()
