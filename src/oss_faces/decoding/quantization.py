"""The quality that a JPEG was written with, as far as its quantization table tells it."""

from typing import Final

# Source: ITU-T T.81, table K.1, which libjpeg and its kin scale by the quality asked for.
STANDARD_LUMINANCE: Final = (
    *(16, 11, 10, 16, 24, 40, 51, 61),
    *(12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56),
    *(14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77),
    *(24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101),
    *(72, 92, 95, 98, 112, 100, 103, 99),
)
TABLE_VALUES: Final = 64
WIDE: Final = 1  # precision of a table with two bytes for each value


def _scaled_sum(quality: int) -> int:
    """Sum of the standard table at a quality. Source: libjpeg, `jpeg_quality_scaling`."""
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return sum(min(max((value * scale + 50) // 100, 1), 255) for value in STANDARD_LUMINANCE)


SUMS: Final = tuple((_scaled_sum(quality), quality) for quality in range(1, 101))


def estimate_quality(segment: bytes) -> int | None:
    """Estimate the quality, 1 to 100, from a DQT segment; `None` when the luminance table is not in it.

    Tables of other encoders are not scaled ones; the quality whose table has the nearest sum stands for them.
    """
    place = 0
    while place < len(segment):
        precision, number = segment[place] >> 4, segment[place] & 15
        width = 2 if precision == WIDE else 1
        values = segment[place + 1 : place + 1 + TABLE_VALUES * width]
        if len(values) < TABLE_VALUES * width:
            return None
        if number == 0:
            total = sum(int.from_bytes(values[at : at + width], "big") for at in range(0, len(values), width))
            return min(SUMS, key=lambda pair: abs(pair[0] - total))[1]
        place += 1 + len(values)
    return None
