import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow


class Levels:
    """A picture at full, half, quarter ... size. Each is made once, from the one before, when it is first asked for.

    Args:
        pixels: (H, W, 3) uint8 RGB.
    """

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._pixels = pixels
        self._pictures = {1: Pillow.fromarray(pixels)}

    def picture(self, reduction: int) -> Pillow.Image:
        """Give the picture reduced by a power of two; an odd last row or column becomes a whole one."""
        if reduction not in self._pictures:
            self._pictures[reduction] = self.picture(reduction // 2).reduce(2)
        return self._pictures[reduction]

    def pixels(self, reduction: int) -> NDArray[np.uint8]:
        """Give the same as (H, W, 3) uint8 RGB."""
        return self._pixels if reduction == 1 else np.asarray(self.picture(reduction))
