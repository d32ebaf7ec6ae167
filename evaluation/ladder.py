"""One face at every size: a portrait drawn smaller and smaller onto pictures of usual sizes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from oss_faces.geometry import FloatArray, pairwise_iou
from oss_faces.values import Detections, Image, ImageSize

Pixels = NDArray[np.uint8]

CANVASES: Final = (
    ImageSize(640, 480),
    ImageSize(1024, 768),
    ImageSize(1280, 720),
    ImageSize(1920, 1080),
    ImageSize(2048, 1536),
)
# Longer side of the face box in pixels; the whole frame is added for every canvas.
STEPS: Final = (12, 14, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768)
# Small boxes are rounded by the network to a fraction of a pixel, so a looser match than for labelled sets.
FOUND_IOU: Final = 0.3


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture with one known face.

    Attributes:
        pixels: (H, W, 3) uint8 RGB.
        box: (4,) float32, xyxy, pixels of this picture.
    """

    pixels: Pixels
    box: FloatArray

    @property
    def face_side(self) -> float:
        """Longer side of the face box."""
        return float(max(self.box[2] - self.box[0], self.box[3] - self.box[1]))


@dataclass(frozen=True, slots=True)
class Rung:
    """One picture of the ladder: where the face was put, and how large it is.

    Attributes:
        image: the picture.
        box: (4,) float32, xyxy, the face's true place.
        face_px: longer side of the face box in pixels.
    """

    image: Image
    box: FloatArray
    face_px: int


def climb(portrait: Portrait, background: Pixels, steps: Sequence[int], seed: int) -> Iterator[Rung]:
    """Draw the portrait onto a background at every step that fits it, and at last over the whole frame.

    Args:
        portrait: what is drawn.
        background: (H, W, 3) uint8 RGB, not changed.
        steps: longer sides of the face in pixels.
        seed: decides the places.
    """
    frame = min(background.shape[:2])
    fitting = [step for step in steps if step < frame]
    for step in sorted({*fitting, frame}):
        yield _draw(portrait, background, step, np.random.default_rng([seed, step]))


def is_found(rung: Rung, found: Detections) -> bool:
    """Whether a detection lies on the face."""
    return bool((pairwise_iou(found.boxes, rung.box[None]) >= FOUND_IOU).any())


def grey(size: ImageSize) -> Pixels:
    """Make a plain background."""
    return np.full((size.height, size.width, 3), 117, np.uint8)


def wall(size: ImageSize, pictures: Sequence[Pixels], seed: int) -> Pixels:
    """Hang pictures without faces side by side until the canvas is covered: as cluttered as can be."""
    generator = np.random.default_rng(seed)
    canvas = np.zeros((size.height, size.width, 3), np.uint8)
    top = 0
    while top < size.height:
        row = [pictures[index] for index in generator.integers(0, len(pictures), 64)]
        height = min(picture.shape[0] for picture in row[:8])
        left = 0
        for picture in row:
            part = picture[: min(height, size.height - top), : size.width - left]
            canvas[top : top + part.shape[0], left : left + part.shape[1]] = part
            left += part.shape[1]
            if left >= size.width:
                break
        top += height
    return canvas


def as_image(pixels: Pixels) -> Image:
    """Wrap pixels as a decoded picture at full size."""
    return Image(np.ascontiguousarray(pixels), ImageSize(pixels.shape[1], pixels.shape[0]), "png")


def _draw(portrait: Portrait, background: Pixels, step: int, generator: np.random.Generator) -> Rung:
    zoom = step / portrait.face_side
    height, width = portrait.pixels.shape[:2]
    size = (max(1, round(width * zoom)), max(1, round(height * zoom)))
    small = np.asarray(Pillow.fromarray(portrait.pixels).resize(size, Pillow.Resampling.BICUBIC))
    shrunk = np.array([size[0] / width, size[1] / height], np.float32)
    box: FloatArray = portrait.box.reshape(2, 2) * shrunk
    shift = _place(box, background.shape, generator)
    canvas = background.copy()
    left, top = shift
    source = small[max(0, -top) :, max(0, -left) :]
    left, top = max(0, left), max(0, top)
    source = source[: canvas.shape[0] - top, : canvas.shape[1] - left]
    canvas[top : top + source.shape[0], left : left + source.shape[1]] = source
    return Rung(as_image(canvas), (box + np.array(shift)).reshape(4).astype(np.float32), step)


def _place(box: FloatArray, shape: tuple[int, ...], generator: np.random.Generator) -> tuple[int, int]:
    """Choose the shift that puts the face box wholly inside the canvas (centred where it only just fits)."""
    shift = []
    for axis, extent in ((0, shape[1]), (1, shape[0])):
        side = float(box[1, axis] - box[0, axis])
        start = generator.uniform(0, max(0.0, extent - side))
        shift.append(round(start - float(box[0, axis])))
    return shift[0], shift[1]
