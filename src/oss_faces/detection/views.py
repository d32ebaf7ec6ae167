"""Looks at a picture: a window of it, drawn at some scale onto a canvas of the size that the network wants.

Canvas coordinates never leave this folder: a view maps what was found on its canvas back to the picture.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from oss_faces.detection.centerface import SIDE_MULTIPLE
from oss_faces.detection.levels import Levels
from oss_faces.geometry import FloatArray
from oss_faces.values import Detections, ImageSize

# A black margin looks like a part of the face that is missing: of tight 48 px crops .932 have their face found with
# it, and .960 with grey.
_MARGIN_GREY: Final = 127
# Pixels left for each of the canvas, along an edge, when a picture is reduced before it is drawn: with a single one a
# face of 32 px among clutter is missed now and then.
_PIXELS_LEFT: Final = 1.25


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
        picture: size of the stored picture.
        window: the part of it that is looked at.
        content: size in canvas pixels to which the window is drawn.
        margin: grey canvas pixels at least kept free on every side of the content.
    """

    picture: ImageSize
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

    @property
    def is_whole(self) -> bool:
        """Whether the window is the whole picture."""
        return (self.window.width, self.window.height) == (self.picture.width, self.picture.height)

    @property
    def zoom(self) -> float:
        """Canvas pixels per stored pixel."""
        return max(self.content.width / self.window.width, self.content.height / self.window.height)

    @property
    def reduction(self) -> int:
        """Power of two by which the picture may be reduced before, see `_PIXELS_LEFT`."""
        window, by = self.window, 1
        while 2 * by * self.zoom * _PIXELS_LEFT <= 1.0 and 2 * by <= min(window.width, window.height):
            by *= 2
        return by

    def shows(self, boxes: FloatArray, room: FloatArray) -> NDArray[np.bool_]:
        """Tell which boxes, with free room around them, lie in the window; the picture's own edge is no limit."""
        window, picture = self.window, self.picture
        right, bottom = window.left + window.width, window.top + window.height
        return (
            ((boxes[:, 0] - room >= window.left) | (window.left == 0))
            & ((boxes[:, 1] - room >= window.top) | (window.top == 0))
            & ((boxes[:, 2] + room <= right) | (right == picture.width))
            & ((boxes[:, 3] + room <= bottom) | (bottom == picture.height))
        )

    def draw(self, levels: Levels) -> NDArray[np.uint8]:
        """Return the canvas, (H, W, 3) uint8 RGB: the window averaged or enlarged.

        Around it lies a grey margin, or black where only the network's multiple has to be filled.
        """
        window, content, canvas, by = self.window, self.content, self.canvas, self.reduction
        edges = (window.left, window.top, window.left + window.width, window.top + window.height)
        left, top, right, bottom = (edge / by for edge in edges)
        drawn = levels.picture(by).resize(
            (content.width, content.height), Pillow.Resampling.BILINEAR, box=(left, top, right, bottom)
        )
        pixels = np.full((canvas.height, canvas.width, 3), _MARGIN_GREY if self.margin else 0, np.uint8)
        column, row = self._origin
        pixels[row : row + content.height, column : column + content.width] = np.asarray(drawn)
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


def view_whole(picture: ImageSize, side: int, zoom_max: float, margin: int = 0) -> View:
    """View a picture with its long side drawn `side` canvas pixels long, enlarged by no more than `zoom_max`."""
    window = Window(0, 0, picture.width, picture.height)
    zoom = min(side / max(picture.width, picture.height), zoom_max)
    return View(picture, window, _drawn(window, zoom), margin)


def view_part(picture: ImageSize, window: Window, zoom: float) -> View:
    """View a window at `zoom` canvas pixels per stored pixel."""
    return View(picture, window, _drawn(window, zoom))


def _drawn(window: Window, zoom: float) -> ImageSize:
    return ImageSize(max(1, round(window.width * zoom)), max(1, round(window.height * zoom)))
