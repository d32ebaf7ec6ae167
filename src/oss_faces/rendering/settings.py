from dataclasses import dataclass
from typing import Literal

from oss_faces.errors import ConfigurationError

Frame = Literal["upright", "stored"]


@dataclass(frozen=True, slots=True)
class RenderingSettings:
    """How results are written.

    Attributes:
        frame: `upright`: boxes refer to the picture as it is shown (EXIF applied). `stored`: to the pixels as they
            are stored in the file, for pipelines that crop raw pixels.
    """

    frame: Frame = "upright"

    def validate(self) -> None:
        """Raise `ConfigurationError` when a value is not allowed."""
        if self.frame not in ("upright", "stored"):
            raise ConfigurationError(f"rendering.frame must be upright or stored, not {self.frame!r}")
