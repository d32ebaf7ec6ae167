"""Changed inputs: bits, numbers, pieces cut out, doubled, or taken from another input."""

import random
import struct
from collections.abc import Sequence
from typing import Final

from fuzzing.target import Target

_NUMBERS: Final = (0, 1, 2, 7, 8, 16, 64, 127, 128, 255, 256, 1023, 1024, 30_000, 32_767, 32_768, 65_535, 65_536)
_LARGE: Final = (2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1)
_DECIMALS: Final = (b"0", b"-1", b"1", b"99999999999999999999", b"1e400", b"NaN", b"\xd9\xa3", b"0x1", b"")
_CHANGES_MAX: Final = 6
_PIECE_BYTES_MAX: Final = 64


class Mutator:
    """Makes inputs out of inputs. Repeatable: the same chance gives the same inputs."""

    def __init__(self, target: Target, chance: random.Random) -> None:
        self._target = target
        self._chance = chance
        self._changes = (self._flip, self._number, self._remove, self._double, self._insert, self._token, self._decimal)

    def change(self, data: bytes, others: Sequence[bytes]) -> bytes:
        """Change an input in one to six places, sometimes crossing it with another one first."""
        chance = self._chance
        changed = bytearray(data)
        if others and chance.random() < 0.15:
            other = chance.choice(others)
            changed[self._place(changed) :] = other[self._place(other) :]
        for _ in range(chance.randint(1, _CHANGES_MAX)):
            chance.choice(self._changes)(changed)
        made = bytes(changed[: self._target.size_bytes_max])
        if self._target.repair is not None and chance.random() < 0.7:
            return self._target.repair(made)[: self._target.size_bytes_max]
        return made

    def _place(self, data: Sequence[int]) -> int:
        """Choose a place; half of the time near the beginning, where the headers are."""
        reach = min(len(data), 128) if self._chance.random() < 0.5 else len(data)
        return self._chance.randint(0, max(0, reach - 1))

    def _flip(self, data: bytearray) -> None:
        if data:
            data[self._place(data)] ^= 1 << self._chance.randrange(8)

    def _number(self, data: bytearray) -> None:
        width = self._chance.choice("BHIQ")
        size = struct.calcsize(f"<{width}")
        value = self._chance.choice(_NUMBERS + _LARGE) & ((1 << 8 * size) - 1)
        place = self._place(data)
        data[place : place + size] = struct.pack(self._chance.choice("<>") + width, value)

    def _remove(self, data: bytearray) -> None:
        place = self._place(data)
        del data[place : place + self._length()]

    def _double(self, data: bytearray) -> None:
        start, place = self._place(data), self._place(data)
        data[place:place] = data[start : start + self._length()] * self._chance.choice((1, 1, 1, 2, 50))

    def _insert(self, data: bytearray) -> None:
        place = self._place(data)
        data[place:place] = self._chance.randbytes(self._chance.randint(1, 8))

    def _token(self, data: bytearray) -> None:
        if self._target.tokens:
            place = self._place(data)
            over = self._chance.choice((0, 0, self._length()))
            data[place : place + over] = self._chance.choice(self._target.tokens)

    def _decimal(self, data: bytearray) -> None:
        place = self._place(data)
        data[place : place + self._chance.randint(0, 4)] = self._chance.choice(_DECIMALS)

    def _length(self) -> int:
        return self._chance.choice((1, 2, 4, self._chance.randint(1, _PIECE_BYTES_MAX)))
