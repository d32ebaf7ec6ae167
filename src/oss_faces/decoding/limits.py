"""The limits on a picture, checked on its header alone, and the choice of how far it is reduced."""

from typing import Final

from oss_faces.decoding.rendition import BAND_BYTES
from oss_faces.decoding.settings import DecodingSettings
from oss_faces.decoding.source import Header
from oss_faces.errors import ImageTooLarge

PIXEL_BYTES_RGB: Final = 3


def check_bytes(size_bytes: int, settings: DecodingSettings) -> None:
    """Refuse a file that is too long.

    Raises:
        ImageTooLarge: `settings.size_bytes_max` is passed.
    """
    if size_bytes > settings.size_bytes_max:
        raise ImageTooLarge(context={"limit": "size_bytes_max", "size_bytes": size_bytes})


def check_header(header: Header, settings: DecodingSettings) -> None:
    """Refuse a picture that is too wide, too high, too many pixels or too costly to decode.

    Raises:
        ImageTooLarge: its context names the limit.
    """
    size = header.stored_size
    side_max = settings.side_max
    if header.format == "tiff":
        side_max = min(side_max, settings.tiff_side_max)
    measured = {
        "side_max": (max(size.width, size.height), side_max),
        "pixels_max": (size.pixels * header.frames, settings.pixels_max),
        "working_bytes_max": (estimate_bytes(header, settings), settings.working_bytes_max),
        "scans_max": (header.scans, settings.scans_max),
    }
    for limit, (value, most) in measured.items():
        if value > most:
            raise ImageTooLarge(context={"limit": limit, "value": value, "width": size.width, "height": size.height})


def estimate_bytes(header: Header, settings: DecodingSettings) -> int:
    """Memory in bytes that decoding takes at most: the decoder's own, one band, the pixels, their upright copy."""
    pixels = header.stored_size.pixels / choose_factor(header, settings) ** 2
    copies = 1 if header.orientation == 1 else 2
    return header.working_bytes + BAND_BYTES + int(pixels * PIXEL_BYTES_RGB * copies)


def choose_factor(header: Header, settings: DecodingSettings) -> int:
    """Largest power of two by which the picture can be reduced so that `settings.reduced_pixels` remain."""
    factor = 1
    while header.stored_size.pixels >= 4 * factor * factor * settings.reduced_pixels:
        factor *= 2
    return factor
