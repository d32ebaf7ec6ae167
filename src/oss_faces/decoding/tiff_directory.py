"""The first directory of a TIFF file: read with limits, and written anew with the tags that describe the pixels.

Source: TIFF revision 6.0, sections 2 to 22; BigTIFF is the same with 64-bit counts and offsets.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from oss_faces.errors import CorruptImage

CLASSIC_MAGICS: Final = (b"II*\0", b"MM\0*")
BIG_MAGICS: Final = (b"II+\0", b"MM\0+")
TYPE_BYTES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
INTEGER_TYPES: Final = {1: "B", 3: "H", 4: "I", 16: "Q"}
ENTRIES_MAX: Final = 4_096
VALUES_MAX: Final = 200_000  # strips or tiles: the largest picture allowed has 65,536 tiles of 64 x 64


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file writes its directory: byte order, and classic or with 64-bit offsets."""

    order: str
    is_big: bool

    @classmethod
    def of(cls, data: bytes) -> "Layout":
        """Read it off the first four bytes."""
        return cls("<" if data.startswith(b"II") else ">", data.startswith(BIG_MAGICS))

    @property
    def entry(self) -> struct.Struct:
        """Tag, type, count, and the values or their offset as raw bytes."""
        return struct.Struct(self.order + ("HHQ8s" if self.is_big else "HHI4s"))

    @property
    def entry_count(self) -> struct.Struct:
        """Number of entries, which comes before them."""
        return struct.Struct(self.order + ("Q" if self.is_big else "H"))

    @property
    def offset(self) -> struct.Struct:
        """A place in the file."""
        return struct.Struct(self.order + ("Q" if self.is_big else "I"))

    @property
    def first_offset_at(self) -> int:
        """Where the offset of the first directory is written."""
        return 8 if self.is_big else 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag: the entry as written, and its values, which lie inside the file."""

    raw: bytes
    kind: int
    count: int
    values: memoryview

    def integers(self, layout: Layout) -> tuple[int, ...]:
        """The values as integers; none when they are of another type."""
        code = INTEGER_TYPES.get(self.kind)
        return struct.unpack(f"{layout.order}{self.count}{code}", self.values) if code else ()

    def with_first_value(self, layout: Layout) -> "Entry":
        """The same tag with its first value only."""
        tag, kind, _, field = layout.entry.unpack(self.raw)
        first = self.values[: TYPE_BYTES[kind]]
        if len(first) <= len(field):
            field = bytes(first).ljust(len(field), b"\0")
        return Entry(layout.entry.pack(tag, kind, 1, field), kind, 1, first)


def first_directory(data: bytes, layout: Layout) -> int:
    """Place of the first directory.

    Raises:
        struct.error: the file ends within the header.
    """
    start: int = layout.offset.unpack_from(data, layout.first_offset_at)[0]
    return start


def read_entries(data: bytes, layout: Layout, tags: frozenset[int], start: int) -> dict[int, Entry]:
    """Read those entries of the directory at `start` whose tag is wanted.

    One that is damaged is left out. Of two with the same tag the first counts, as libtiff has it.

    Raises:
        CorruptImage: there is no directory, or an entry has more values than any picture needs.
    """
    if start + layout.entry_count.size > len(data):
        raise CorruptImage(context={"format": "tiff", "reason": "no directory"})
    (count,) = layout.entry_count.unpack_from(data, start)
    start += layout.entry_count.size
    count = min(count, ENTRIES_MAX, (len(data) - start) // layout.entry.size)
    entries: dict[int, Entry] = {}
    for place in range(start, start + count * layout.entry.size, layout.entry.size):
        tag, kind, values, _ = layout.entry.unpack_from(data, place)
        if tag in tags and tag not in entries and kind in TYPE_BYTES:
            if values > VALUES_MAX and kind in INTEGER_TYPES:
                raise CorruptImage(context={"format": "tiff", "reason": "too many values", "tag": tag})
            entry = _read_entry(data, place, layout)
            if entry is not None:
                entries[tag] = entry
    return entries


def _read_entry(data: bytes, place: int, layout: Layout) -> Entry | None:
    _, kind, count, field = layout.entry.unpack_from(data, place)
    length = count * TYPE_BYTES[kind]
    start = place + layout.entry.size - len(field)
    if length > len(field):
        (start,) = layout.offset.unpack(field)
    if not 0 < length <= len(data) - start:
        return None
    raw = data[place : place + layout.entry.size]
    return Entry(raw, kind, count, memoryview(data)[start : start + length])


def with_directory(data: bytes, entries: Mapping[int, Entry], layout: Layout) -> bytes:
    """Append a directory of these entries, without a next page, and point the header at it.

    Offsets inside the entries stay right, because nothing before the new directory moves.
    """
    padding = b"\0" * (-len(data) % 8)
    directory = [
        layout.entry_count.pack(len(entries)),
        *(entries[tag].raw for tag in sorted(entries)),
        layout.offset.pack(0),
    ]
    at = layout.first_offset_at
    first = layout.offset.pack(len(data) + len(padding))
    return b"".join([data[:at], first, memoryview(data)[at + len(first) :], padding, *directory])
