from dataclasses import dataclass

from oss_faces.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class ImagingSettings:
    """Limits on what becomes of a picture. Those on the source are the ones of `decoding`.

    Attributes:
        side_max: longer side in pixels of a picture that an operation makes larger.
        pixels_max: pixels of such a picture.
        turned_side_max: longer side in pixels of a picture that is rotated by anything but quarter turns.
        work_pixels_max: pixels read and written by all steps of one chain together.

    Source: OSS "Resize images" and "Rotate images", limits; the last is ours.
    """

    side_max: int = 16_384
    pixels_max: int = 16_777_216
    turned_side_max: int = 4_096
    work_pixels_max: int = 400_000_000

    def validate(self) -> None:
        """Refuse limits that are not positive.

        Raises:
            ConfigurationError: names the first wrong field.
        """
        for name in self.__slots__:
            if getattr(self, name) < 1:
                raise ConfigurationError(f"imaging.{name} must be at least 1")
