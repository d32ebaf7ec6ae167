"""GIF: the first frame. The number of frames counts towards the pixel limit, as at OSS.

The file is walked once to count the frames, and only the blocks of the first frame are handed on: comments and
later frames cost nothing more.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PIL.GifImagePlugin import GifImageFile

from oss_faces.decoding.pillow_source import PillowSource, mode_bytes
from oss_faces.decoding.source import UPRIGHT, Header
from oss_faces.decoding.translation import translated
from oss_faces.errors import CorruptImage
from oss_faces.values import ImageSize

MAGICS: Final = (b"GIF87a", b"GIF89a")
SCREEN_BYTES: Final = 13
EXTENSION: Final = 0x21
FRAME: Final = 0x2C
TRAILER: Final = 0x3B
GRAPHIC_CONTROL: Final = 0xF9
DESCRIPTOR_BYTES: Final = 10
STEPS_MAX: Final = 2_000_000  # blocks and sub-blocks walked; a 20 MiB file of full sub-blocks has 82,000


@dataclass(frozen=True, slots=True)
class Block:
    """A block at the top level: its first byte, the label of an extension, and where it lies in the file."""

    kind: int
    label: int
    start: int
    end: int


def is_gif(data: bytes) -> bool:
    """Whether the content begins like a file of this format."""
    return data.startswith(MAGICS)


def open_gif(data: bytes) -> PillowSource:
    """Count the frames and read the header of the first.

    Raises:
        CorruptImage: there is no frame, or the blocks are too many to be a picture.
    """
    with translated("gif"):
        first, frames = _first_frame(data)
        image = GifImageFile(io.BytesIO(first))
        size = ImageSize(*image.size)
        return PillowSource(image, Header("gif", size, UPRIGHT, mode_bytes(image), frames))


def _first_frame(data: bytes) -> tuple[bytes, int]:
    """Cut out a file with the first frame only, and count all frames."""
    body = SCREEN_BYTES + _color_table_bytes(data[10])
    control = frame = b""
    frames = 0
    width, height = struct.unpack_from("<HH", data, 6)
    for block in _blocks(data, body):
        if block.kind == FRAME:
            frames += 1
            if frames == 1:
                frame = data[block.start : block.end]
                left, top, right, bottom = struct.unpack_from("<HHHH", frame, 1)
                width, height = max(width, left + right), max(height, top + bottom)
        elif block.label == GRAPHIC_CONTROL and not frames:
            control = data[block.start : block.end]
    if not frames:
        raise CorruptImage(context={"format": "gif", "reason": "no frame"})
    screen = data[:6] + struct.pack("<HH", min(width, 0xFFFF), min(height, 0xFFFF)) + data[10:body]
    return screen + control + frame + bytes((TRAILER,)), frames


def _color_table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(data: bytes, place: int) -> Iterator[Block]:
    """Walk over the blocks; a file that is cut off ends the walk, bytes that begin no block are skipped."""
    steps = 0
    while place + DESCRIPTOR_BYTES < len(data) and data[place] != TRAILER:
        start, kind, label = place, data[place], 0
        steps += 1
        if kind == EXTENSION:
            label = data[place + 1]
            place += 2
        elif kind == FRAME:
            place += DESCRIPTOR_BYTES + _color_table_bytes(data[place + 9]) + 1
        else:
            place += 1
        if kind in (EXTENSION, FRAME):
            place, walked = _skip_sub_blocks(data, place, STEPS_MAX - steps)
            steps += walked
            yield Block(kind, label, start, min(place, len(data)))
        if steps >= STEPS_MAX:
            raise CorruptImage(context={"format": "gif", "reason": "too many blocks"})


def _skip_sub_blocks(data: bytes, place: int, steps_max: int) -> tuple[int, int]:
    """Return the place behind the sub-blocks, and how many there were."""
    end, steps = len(data), 0
    while place < end and (length := data[place]) and steps < steps_max:
        place += length + 1
        steps += 1
    return place + 1, steps
