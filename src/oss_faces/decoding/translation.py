"""The one place where errors of the picture libraries become errors of ours."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from PIL.Image import DecompressionBombError

from oss_faces.errors import CorruptImage, ImageTooLarge

# Everything that the decoders were seen to raise on damaged files. Pillow's parsers are written in Python and let
# the errors of a parser through: a short read is an IndexError, a wrong tag a TypeError, and so on.
DECODER_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    LookupError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
)


@contextmanager
def translated(format_name: str) -> Iterator[None]:
    """Turn every error of a picture library inside the block into an `ImageError`."""
    try:
        yield
    except (MemoryError, DecompressionBombError) as error:
        raise ImageTooLarge(context={"format": format_name, "reason": repr(error)}) from error
    except DECODER_ERRORS as error:
        raise CorruptImage(context={"format": format_name, "reason": repr(error)}) from error
