"""What every step of a chain becomes: a move with known sizes before and after, so that limits hold before any work."""

from typing import Protocol

from PIL import Image

from oss_faces.values import ImageSize


class Move(Protocol):
    """One geometric change of a picture, with all its numbers worked out."""

    @property
    def size(self) -> ImageSize:
        """Size of the result."""
        ...

    @property
    def between_pixels(self) -> int:
        """Pixels of what the library makes on its way from the one picture to the other."""
        ...

    def apply(self, image: Image.Image) -> Image.Image:
        """Make the result out of an RGB or RGBA picture of the size that the move was planned for."""
        ...


def is_larger(after: ImageSize, before: ImageSize) -> bool:
    """Whether a side grew."""
    return after.width > before.width or after.height > before.height
