from dataclasses import dataclass
from typing import Final

from oss_faces.errors import ConfigurationError

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DecodingSettings:
    """Limits on what is decoded, and how far it is reduced. The first four are the documented ones of OSS.

    Attributes:
        size_bytes_max: length of the file in bytes.
        side_max: longer side of the source in pixels.
        tiff_side_max: the same for TIFF, in pixels.
        pixels_max: width x height of the source; for GIF times the number of frames.
        working_bytes_max: most memory in bytes that the decoding of one picture may take, estimated from its header.
            Formats that cannot be scaled while they are decoded reach it before `pixels_max`.
        scans_max: scans of a progressive JPEG. Encoders write about 10; each costs a walk over the whole picture.
        reduced_pixels: a picture is reduced by 2, 4, 8, ... as long as at least so many pixels remain.

    Source: OSS "Resize images", limits; SPEC 1.6.
    """

    size_bytes_max: int = 20 * MIB
    side_max: int = 30_000
    tiff_side_max: int = 16_384
    pixels_max: int = 250_000_000
    working_bytes_max: int = 640 * MIB
    scans_max: int = 100
    reduced_pixels: int = 2_000_000

    def validate(self) -> None:
        """Refuse limits that are not positive.

        Raises:
            ConfigurationError: names the first wrong field.
        """
        for name in self.__slots__:
            if getattr(self, name) < 1:
                raise ConfigurationError(f"decoding.{name} must be at least 1")
