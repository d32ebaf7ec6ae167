from dataclasses import dataclass
from typing import Final

from oss_faces.errors import ConfigurationError

_GIB: Final = 1024**3


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """Limits on videos, which only the command line reads.

    Attributes:
        size_bytes_max: length of the file in bytes.
        duration_s_max: length in seconds.
        pixels_max: width x height of a frame.
        frames_per_second_max: most frames of a second that may be asked for.
    """

    size_bytes_max: int = 16 * _GIB
    duration_s_max: int = 4 * 60 * 60
    pixels_max: int = 40_000_000
    frames_per_second_max: int = 60

    def validate(self) -> None:
        """Refuse limits that are not positive.

        Raises:
            ConfigurationError: names the first wrong field.
        """
        for name in self.__slots__:
            if getattr(self, name) < 1:
                raise ConfigurationError(f"video.{name} must be at least 1")
