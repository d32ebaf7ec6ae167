"""Where in an AVIF file coded pictures lie: as items, and as the first sample of each track of a sequence.

Only what is needed to read the headers of the coded data; the library reads the file on its own.
Source: ISO/IEC 14496-12, sections 4.2 (boxes), 8.7 (sample tables), 8.11 (items).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from oss_faces.errors import CorruptImage

AV1_ITEM: Final = b"av01"
BOXES_MAX: Final = 10_000
ITEMS_MAX: Final = 10_000
PICTURES_MAX: Final = 1_000  # tiles of a grid, transparency, thumbnails, tracks
EXTENTS_MAX: Final = 10_000
REREAD_MAX: Final = 2  # all of them together are at most so many times the file
TRACK_PATH: Final = (b"mdia", b"minf", b"stbl")
FULL_BOX: Final = 4  # version and flags

Extents = list[tuple[int, int]]  # place in the file and length, both in bytes


@dataclass(slots=True)
class Cursor:
    """Reads big-endian numbers one after the other."""

    data: bytes
    place: int

    def take(self, width: int) -> int:
        """Read a number of so many bytes; a number of none is 0.

        Raises:
            EOFError: the data ends before it.
        """
        if self.place + width > len(self.data):
            raise EOFError("box is cut off")
        value = int.from_bytes(self.data[self.place : self.place + width], "big")
        self.place += width
        return value


def coded_pictures(data: bytes) -> Iterator[bytes]:
    """Give the AV1 data of every item, and of the first sample of every track.

    Raises:
        CorruptImage: there are more boxes, items or extents than a picture has, or they overlap.
        EOFError, struct.error: a box is cut off.
    """
    budget = REREAD_MAX * len(data)
    for pictures, extents in enumerate(_coded_extents(data)):
        budget -= sum(length for _, length in extents)
        if budget < 0 or pictures >= PICTURES_MAX:
            raise CorruptImage(context={"format": "avif", "reason": "too many coded pictures"})
        yield b"".join(data[place : place + length] for place, length in extents)


def _coded_extents(data: bytes) -> Iterator[Extents]:
    """Give the extents of every coded picture, each no longer than the file."""
    for kind, start, end in _boxes(data, 0, len(data)):
        if kind == b"meta":
            yield from _items(data, start + FULL_BOX, end)
        elif kind == b"moov":
            for track, track_start, track_end in _boxes(data, start, end):
                if track == b"trak":
                    yield _first_sample(data, track_start, track_end)


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Walk over boxes: type, start and end of the body."""
    for _ in range(BOXES_MAX):
        if start + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, body)
            body += 8
        stop = end if size == 0 else min(start + size, end)
        if stop < body:
            return
        yield kind, body, stop
        start = stop
    raise CorruptImage(context={"format": "avif", "reason": "too many boxes"})


def _items(data: bytes, start: int, end: int) -> Iterator[Extents]:
    """Give the extents (place in the file, length) of every AV1 item of a `meta` box."""
    boxes = {kind: (body, stop) for kind, body, stop in _boxes(data, start, end)}
    if b"iinf" not in boxes or b"iloc" not in boxes:
        return
    kinds = _item_kinds(data, *boxes[b"iinf"])
    inside = boxes.get(b"idat", (0, 0))[0]
    for item, method, extents in _locations(data, boxes[b"iloc"][0]):
        if kinds.get(item) == AV1_ITEM:
            base = inside if method else 0
            yield [(base + offset, min(length or len(data), len(data))) for offset, length in extents]


def _item_kinds(data: bytes, start: int, end: int) -> dict[int, bytes]:
    start += FULL_BOX + (4 if data[start] else 2)
    kinds = {}
    for kind, body, _ in _boxes(data, start, end):
        version = data[body]
        if kind == b"infe" and version >= 2:
            cursor = Cursor(data, body + FULL_BOX)
            item = cursor.take(2 if version == 2 else 4)
            kinds[item] = data[cursor.place + 2 : cursor.place + 6]
    return kinds


def _locations(data: bytes, start: int) -> Iterator[tuple[int, int, Extents]]:
    """Read an `iloc` box: item, construction method (1: inside `idat`), extents (offset, length)."""
    version = data[start]
    cursor = Cursor(data, start + FULL_BOX)
    sizes = cursor.take(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 4 if version == 2 else 2
    extents_left = EXTENTS_MAX
    for _ in range(min(cursor.take(wide), ITEMS_MAX)):
        item = cursor.take(wide)
        method = cursor.take(2) & 15 if version else 0
        cursor.take(2)
        base = cursor.take(base_size)
        extents = []
        for _ in range(cursor.take(2)):
            cursor.take(index_size if version else 0)
            offset = cursor.take(offset_size)
            extents.append((base + offset, cursor.take(length_size)))
        extents_left -= len(extents)
        if extents_left < 0:
            raise CorruptImage(context={"format": "avif", "reason": "too many extents"})
        yield item, method, extents


def _first_sample(data: bytes, start: int, end: int) -> Extents:
    """Give the extent of the first sample of a track; none when it has no table of samples."""
    for wanted in TRACK_PATH:
        found = next(((body, stop) for kind, body, stop in _boxes(data, start, end) if kind == wanted), None)
        if found is None:
            return []
        start, end = found
    tables = {kind: body + FULL_BOX for kind, body, _ in _boxes(data, start, end)}
    chunks = tables.get(b"stco", tables.get(b"co64"))
    if b"stsz" not in tables or chunks is None:
        return []
    sizes = Cursor(data, tables[b"stsz"])
    uniform, count = sizes.take(4), sizes.take(4)
    length = uniform or (sizes.take(4) if count else 0)
    offset = Cursor(data, chunks + 4).take(4 if b"stco" in tables else 8)
    return [(offset, min(length, len(data)))]
