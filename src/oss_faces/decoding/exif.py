"""The entries of an EXIF block, as text. Only what is short is read, and only so many of it.

Source: EXIF 2.32, section 4.6; names of the tags as Pillow lists them.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import Final

from PIL import ExifTags

from oss_faces.decoding.tiff_directory import CLASSIC_MAGICS, Entry, Layout, first_directory, read_entries
from oss_faces.errors import CorruptImage

TEXT_BYTES_MAX: Final = 1_024
ENTRIES_MAX: Final = 200
VALUES_MAX: Final = 16
ASCII: Final = 2
RATIONALS: Final = {5: "II", 10: "ii"}
INTEGERS: Final = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}

EXIF_POINTER: Final = 0x8769
GPS_POINTER: Final = 0x8825
POINTERS: Final = frozenset({EXIF_POINTER, GPS_POINTER, 0xA005})
GPS_TAGS: Final[Mapping[int, str]] = {tag.value: tag.name for tag in ExifTags.GPS}
# Tags that say how a TIFF file stores its pixels are no news about the picture.
STORAGE_TAGS: Final = frozenset({*range(254, 270), 273, *range(277, 282), 284, 317, *range(320, 326), *range(330, 348)})
MAIN_TAGS: Final[Mapping[int, str]] = {
    tag.value: tag.name for tag in ExifTags.Base if tag.value not in STORAGE_TAGS | POINTERS
}


def read_exif(block: bytes) -> tuple[tuple[str, str], ...]:
    """Name and text of every entry that is a number, a fraction or a text; none when the block makes no sense."""
    if not block.startswith(CLASSIC_MAGICS):
        return ()
    try:
        found = dict(_entries(block))
    except (CorruptImage, struct.error):
        return ()
    return tuple(found.items())[:ENTRIES_MAX]


def _entries(block: bytes) -> Iterator[tuple[str, str]]:
    layout = Layout.of(block)
    first = read_entries(block, layout, frozenset({*MAIN_TAGS, *POINTERS}), first_directory(block, layout))
    yield from _texts(first, MAIN_TAGS, layout)
    for pointer, names in ((EXIF_POINTER, MAIN_TAGS), (GPS_POINTER, GPS_TAGS)):
        if pointer in first and (places := first[pointer].integers(layout)):
            yield from _texts(read_entries(block, layout, frozenset(names), places[0]), names, layout)


def _texts(entries: Mapping[int, Entry], names: Mapping[int, str], layout: Layout) -> Iterator[tuple[str, str]]:
    for tag, name in names.items():
        entry = entries.get(tag)
        if entry is not None and len(entry.values) <= TEXT_BYTES_MAX and (text := _text(entry, layout)):
            yield name, text


def _text(entry: Entry, layout: Layout) -> str:
    """Write a value; nothing for one of a type that has no common text."""
    if entry.kind == ASCII:
        return bytes(entry.values).partition(b"\0")[0].decode("utf-8", "replace").strip()
    if entry.count > VALUES_MAX:
        return ""
    if entry.kind in RATIONALS:
        parts = struct.iter_unpack(layout.order + RATIONALS[entry.kind], entry.values)
        return " ".join(f"{above}/{below}" for above, below in parts)
    code = INTEGERS.get(entry.kind)
    return " ".join(map(str, struct.unpack(f"{layout.order}{entry.count}{code}", entry.values))) if code else ""
