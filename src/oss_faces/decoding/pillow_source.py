"""A picture that Pillow decodes. Plugins are called by name: `Image.open` would try every format it knows."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from oss_faces.decoding.rendition import render_pixels
from oss_faces.decoding.source import Header
from oss_faces.decoding.translation import translated

# Bytes per pixel of Pillow's own picture; every mode that is not listed takes four.
MODE_BYTES: Final = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2}
MODE_BYTES_DEFAULT: Final = 4


@dataclass(frozen=True, slots=True)
class PillowSource:
    """A file that a Pillow plugin has opened and not yet decoded."""

    image: Image.Image
    header: Header

    def render(self, factor: int, *, keep_alpha: bool = False) -> NDArray[np.uint8]:
        """Decode in full, then convert and reduce band by band."""
        with translated(self.header.format):
            return render_pixels(self.image, factor, keep_alpha=keep_alpha)


def mode_bytes(image: Image.Image) -> int:
    """Bytes that Pillow's picture takes once it is loaded."""
    return image.width * image.height * MODE_BYTES.get(image.mode, MODE_BYTES_DEFAULT)
