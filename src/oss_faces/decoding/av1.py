"""The frame size that AV1 data will really be decoded to. What the container says about it is only a claim.

Source: AV1 Bitstream and Decoding Process Specification, sections 5.3 to 5.5 and 4.10 (leb128, uvlc).
"""

from typing import Final

from oss_faces.errors import CorruptImage
from oss_faces.values import ImageSize

SEQUENCE_HEADER: Final = 1
UNITS_MAX: Final = 1_000  # a picture has a handful
LEB128_BYTES_MAX: Final = 8
UVLC_ZEROS_MAX: Final = 32
TIERED_LEVEL: Final = 7  # levels above it carry one bit more


class BitReader:
    """Reads unsigned numbers from the most significant bit on."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """Read so many bits.

        Raises:
            EOFError: fewer are left.
        """
        if count > self._left:
            raise EOFError("AV1 header is cut off")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def skip_uvlc(self) -> None:
        """Skip a number written with as many leading zeros as it has bits behind its first one.

        Raises:
            EOFError: there is no such bit, or fewer bits are left.
        """
        zeros = 0
        while not self.take(1):
            zeros += 1
        if zeros < UVLC_ZEROS_MAX:
            self.take(zeros)


def largest_frame(data: bytes) -> ImageSize | None:
    """Find the largest frame that any sequence header in this data allows; `None` when there is no such header.

    Raises:
        CorruptImage: there are more units than a picture has.
        EOFError: a sequence header is cut off.
    """
    largest: ImageSize | None = None
    place = 0
    for _ in range(UNITS_MAX):
        if place >= len(data):
            return largest
        head = data[place]
        place += 2 if head & 4 else 1
        length = len(data) - place
        if head & 2:
            length, place = _read_leb128(data, place)
        if head >> 3 & 15 == SEQUENCE_HEADER:
            size = _read_sequence_header(data[place : place + min(length, 256)])
            if largest is None or size.pixels > largest.pixels:
                largest = size
        place += length
    raise CorruptImage(context={"format": "avif", "reason": "too many units"})


def _read_leb128(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for index in range(LEB128_BYTES_MAX):
        if place >= len(data):
            break
        byte = data[place]
        place += 1
        value |= (byte & 127) << 7 * index
        if not byte & 128:
            break
    return value, place


def _read_sequence_header(data: bytes) -> ImageSize:
    bits = BitReader(data)
    bits.take(4)  # profile, still picture
    if bits.take(1):  # reduced header
        bits.take(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    return ImageSize(bits.take(width_bits) + 1, bits.take(height_bits) + 1)


def _skip_operating_points(bits: BitReader) -> None:
    """Skip timing, decoder model and operating points, which come before the size."""
    delay_bits = 0
    if bits.take(1):  # timing
        bits.take(64)
        if bits.take(1):
            bits.skip_uvlc()
        if bits.take(1):  # decoder model
            delay_bits = bits.take(5) + 1
            bits.take(42)
    has_display_delay = bits.take(1)
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > TIERED_LEVEL:
            bits.take(1)
        if delay_bits and bits.take(1):
            bits.take(2 * delay_bits + 1)
        if has_display_delay and bits.take(1):
            bits.take(4)
