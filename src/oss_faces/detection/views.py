"""Looks at a picture: a window of it, drawn at some scale onto a canvas of the size that the network wants.

Canvas coordinates never leave this folder: a view maps what was found on its canvas back to the picture.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from oss_faces.detection.centerface import SIDE_MULTIPLE
from oss_faces.values import Detections, ImageSize


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of the stored picture, in whole stored pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class View:
    """A window and the canvas that it is drawn on.

    Attributes:
        window: the part of the stored picture that is looked at.
        content: size in canvas pixels to which the window is drawn.
        margin: black canvas pixels at least kept free on every side of the content.
    """

    window: Window
    content: ImageSize
    margin: int = 0

    @property
    def canvas(self) -> ImageSize:
        """Size of the canvas: multiples of what the network asks for."""
        width, height = (
            -(-(side + 2 * self.margin) // SIDE_MULTIPLE) * SIDE_MULTIPLE
            for side in (self.content.width, self.content.height)
        )
        return ImageSize(width, height)

    def draw(self, picture: Pillow.Image) -> NDArray[np.uint8]:
        """Return the canvas, (H, W, 3) uint8 RGB: the window averaged or enlarged, black around it."""
        window, content, canvas = self.window, self.content, self.canvas
        box = (window.left, window.top, window.left + window.width, window.top + window.height)
        drawn = picture.resize((content.width, content.height), Pillow.Resampling.BILINEAR, box=box, reducing_gap=2.0)
        pixels = np.zeros((canvas.height, canvas.width, 3), np.uint8)
        left, top = self._origin
        pixels[top : top + content.height, left : left + content.width] = np.asarray(drawn)
        return pixels

    def to_stored(self, found: Detections) -> Detections:
        """Turn detections in canvas pixels into detections in stored pixels."""
        step = np.array([self.window.width / self.content.width, self.window.height / self.content.height], np.float32)
        shift = np.array([self.window.left, self.window.top], np.float32) - np.array(self._origin, np.float32) * step
        boxes = found.boxes.reshape(-1, 2, 2) * step + shift
        return Detections(boxes.reshape(-1, 4), found.scores, found.landmarks * step + shift)

    @property
    def _origin(self) -> tuple[int, int]:
        """Canvas place of the content's top left corner: the content lies in the middle when it has a margin."""
        if not self.margin:
            return 0, 0
        canvas, content = self.canvas, self.content
        return (canvas.width - content.width) // 2, (canvas.height - content.height) // 2


def fit_window(window: Window, side: int, zoom_max: float, margin: int = 0) -> View:
    """View a window with its long side drawn `side` canvas pixels long, enlarged by no more than `zoom_max`."""
    zoom = min(side / max(window.width, window.height), zoom_max)
    content = ImageSize(max(1, round(window.width * zoom)), max(1, round(window.height * zoom)))
    return View(window, content, margin)
