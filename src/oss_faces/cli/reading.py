"""Picture files as the command line names them."""

import sys
from pathlib import Path
from typing import Final

from oss_faces.decoding import read_file
from oss_faces.errors import ImageTooLarge

STANDARD_INPUT: Final = "-"


def read_picture(name: str, size_bytes_max: int) -> bytes:
    """Read a picture, and not much more of a larger file than the limit.

    Raises:
        OSError: it cannot be read.
        ImageTooLarge: it is larger than the limit.
    """
    if name != STANDARD_INPUT:
        return read_file(Path(name), size_bytes_max)
    content = sys.stdin.buffer.read(size_bytes_max + 1)
    if len(content) > size_bytes_max:
        raise ImageTooLarge
    return content
