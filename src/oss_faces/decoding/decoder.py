"""Bytes to upright RGB pixels: sniff, read the header, check the limits, decode, turn upright.

The format is found by content. Only the decoders listed here ever run; nothing is guessed from a name or a
content type, and every limit is checked before a pixel is allocated.
"""

from collections.abc import Callable
from typing import Final

from oss_faces.decoding import bmp, gif, heif, jpeg, png, tiff, webp
from oss_faces.decoding.limits import check_bytes, check_header, choose_factor
from oss_faces.decoding.orientation import turn_upright
from oss_faces.decoding.settings import DecodingSettings
from oss_faces.decoding.source import Header, Source
from oss_faces.errors import UnsupportedFormat
from oss_faces.values import Image

HEAD_BYTES: Final = 64  # how much of an unknown file is logged
FORMATS: Final[tuple[tuple[Callable[[bytes], bool], Callable[[bytes], Source]], ...]] = (
    (jpeg.is_jpeg, jpeg.open_jpeg),
    (png.is_png, png.open_png),
    (webp.is_webp, webp.open_webp),
    (gif.is_gif, gif.open_gif),
    (tiff.is_tiff, tiff.open_tiff),
    (bmp.is_bmp, bmp.open_bmp),
    (heif.is_avif, heif.open_avif),  # before HEIC: both may name the brand of the container
    (heif.is_heic, heif.open_heic),
)


def decode(data: bytes, settings: DecodingSettings) -> Image:
    """Decode a picture: upright, RGB, reduced while at least `settings.reduced_pixels` remain.

    Raises:
        UnsupportedFormat: the content is in none of the formats that are read.
        CorruptImage: it begins like one of them and cannot be decoded.
        ImageTooLarge: a limit on bytes, side, pixels or memory is passed; nothing was decoded.
    """
    source = open_picture(data, settings)
    header = source.header
    stored = source.render(choose_factor(header, settings))
    upright = turn_upright(stored, header.orientation)
    return Image(upright, header.size, header.format, header.orientation)


def inspect(data: bytes, settings: DecodingSettings) -> Header:
    """Read the header and check the limits; decodes no pixel. Errors as `decode`."""
    return open_picture(data, settings).header


def open_picture(data: bytes, settings: DecodingSettings) -> Source:
    """Read the header and check the limits, for callers that choose how to render. Errors as `decode`."""
    check_bytes(len(data), settings)
    source = _recognise(data)
    check_header(source.header, settings)
    return source


def is_picture(head: bytes) -> bool:
    """Tell from the first bytes of a file whether it begins like a picture that is read."""
    return any(is_format(head) for is_format, _ in FORMATS)


def _recognise(data: bytes) -> Source:
    """Choose the format by its first bytes and read the header."""
    for is_format, open_source in FORMATS:
        if is_format(data):
            return open_source(data)
    raise UnsupportedFormat(context={"head": data[:HEAD_BYTES].hex()})
