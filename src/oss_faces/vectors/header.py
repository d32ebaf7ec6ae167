"""The one place of an index that says what counts: a small value, replaced whole after everything else is on the disk.

It lies twice in its file, each with a check sum; the older of the two is overwritten. Whatever a crash leaves of the
one that was being written, the other is whole. Everything in the other files behind the numbers given here is ignored.
"""

import os
import struct
import zlib
from dataclasses import astuple, dataclass
from typing import Final

from oss_faces.vectors.codes import Loss

_MAGIC: Final = b"OFvec\x00\x00\x01"
_FORMAT: Final = struct.Struct("<8s9qdd")
_CHECK: Final = struct.Struct("<I")
_PLACES: Final = (0, 4096)
_BYTES: Final = _FORMAT.size + _CHECK.size


@dataclass(frozen=True, slots=True)
class Header:
    """What counts of an index.

    Attributes:
        sequence: one more with each header.
        dimensions: D.
        generation: which files hold the vectors.
        mark: the last change that was applied.
        rows: how many rows count.
        dead: how many entries of the list of removed rows count.
        erased: how many of these were overwritten in the other files, surely on the disk.
        ever_dead: rows that were ever removed, over all generations; whoever sees the same number before and after a
            search knows that nothing was overwritten meanwhile.
        top: highest number that was ever added.
        residual, shortest: see `codes.Loss`.
    """

    sequence: int
    dimensions: int
    generation: int
    mark: int = 0
    rows: int = 0
    dead: int = 0
    erased: int = 0
    ever_dead: int = 0
    top: int = -1
    residual: float = 0.0
    shortest: float = 1.0

    @property
    def living(self) -> int:
        """How many vectors can be found."""
        return self.rows - self.dead

    @property
    def loss(self) -> Loss:
        """What the codes have lost."""
        return Loss(self.residual, self.shortest)


def read_header(descriptor: int) -> Header | None:
    """Give the newer whole header of a file, or nothing when there is none."""
    found = [header for place in _PLACES if (header := _unpack(os.pread(descriptor, _BYTES, place))) is not None]
    return max(found, key=lambda header: header.sequence, default=None)


def write_header(descriptor: int, header: Header) -> None:
    """Write a header over the older one, and wait for the disk."""
    packed = _FORMAT.pack(_MAGIC, *astuple(header))
    place = _PLACES[header.sequence % len(_PLACES)]
    os.pwrite(descriptor, packed + _CHECK.pack(zlib.crc32(packed)), place)
    os.fdatasync(descriptor)


def _unpack(block: bytes) -> Header | None:
    packed, check = block[: _FORMAT.size], block[_FORMAT.size :]
    if len(block) != _BYTES or _CHECK.unpack(check) != (zlib.crc32(packed),):
        return None
    magic, *fields = _FORMAT.unpack(packed)
    return Header(*fields) if magic == _MAGIC else None
