"""A note of the input that is being tried, in a file that outlives the process that wrote it."""

import mmap
import struct
from pathlib import Path
from typing import Final, Self

_HEAD: Final = struct.Struct("<QQ64s")


class Slip:
    """The number of inputs tried, the name of the target and the last input; shared by two processes."""

    def __init__(self, file: Path, size_bytes_max: int) -> None:
        size = _HEAD.size + size_bytes_max
        if not file.exists():
            file.write_bytes(bytes(size))
        with file.open("r+b") as opened:
            self._memory = mmap.mmap(opened.fileno(), size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._memory.close()

    def write(self, name: str, data: bytes) -> None:
        """Note an input before it is tried."""
        self._memory[_HEAD.size : _HEAD.size + len(data)] = data
        self._memory[: _HEAD.size] = _HEAD.pack(self.count + 1, len(data), name.encode())

    @property
    def count(self) -> int:
        """How many inputs were noted."""
        return int(_HEAD.unpack_from(self._memory)[0])

    def read(self) -> tuple[str, bytes]:
        """Return the name of the target and the last input."""
        _, length, name = _HEAD.unpack_from(self._memory)
        return name.rstrip(b"\0").decode(), self._memory[_HEAD.size : _HEAD.size + length]
