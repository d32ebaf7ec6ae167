"""What every format gives: a header that costs no pixel, and a way to get the pixels once the header is accepted."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from oss_faces.values import ImageSize

UPRIGHT = 1


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of a picture before a pixel is decoded.

    Attributes:
        format: lower-case name of the format, found by content.
        stored_size: width and height as stored, before the orientation is applied, in pixels.
        orientation: EXIF orientation, 1 to 8, that turns the stored pixels upright.
        frames: number of frames that count towards the pixel limit; 1 where only the first counts.
        scans: how often the decoder walks over the whole picture; more than 1 for progressive JPEG.
        working_bytes: memory in bytes that decoding takes at most, an estimate from above.
        exif: EXIF block, a TIFF structure without any prefix; empty when there is none.
        profile: ICC profile of the RGB pixels; empty when there is none.
        quality: of a JPEG, 1 to 100, estimated from its tables; `None` for other formats.
    """

    format: str
    stored_size: ImageSize
    orientation: int
    working_bytes: int
    frames: int = 1
    scans: int = 1
    exif: bytes = b""
    profile: bytes = b""
    quality: int | None = None

    @property
    def size(self) -> ImageSize:
        """Size of the upright picture."""
        stored = self.stored_size
        return ImageSize(stored.height, stored.width) if self.orientation > 4 else stored


class Source(Protocol):
    """A picture of which only the header was read."""

    @property
    def header(self) -> Header:
        """Facts from the header."""

    def render(self, factor: int, *, keep_alpha: bool = False) -> NDArray[np.uint8]:
        """Decode the stored pixels, reduced by `factor` (a power of two).

        Args:
            keep_alpha: give RGBA for a picture with transparency, instead of laying it on the background.

        Returns:
            (ceil(H / factor), ceil(W / factor), 3 or 4) uint8, as stored: the orientation is not applied.

        Raises:
            CorruptImage: the pixels cannot be decoded.
            ImageTooLarge: the memory did not suffice.
        """
