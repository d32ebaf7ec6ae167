"""Scenes: small faces on cluttered ground, drawn anew for every batch."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from oss_faces.detection.scout import LARGEST_FACE, SMALLEST_FACE, STRIDE
from training.scout.pictures import Sample

_FILTERS: Final = (
    Pillow.Resampling.BILINEAR,
    Pillow.Resampling.BICUBIC,
    Pillow.Resampling.BOX,
    Pillow.Resampling.LANCZOS,
    Pillow.Resampling.HAMMING,
)
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scene:
    """One training example.

    Attributes:
        pixels: (S, S, 3) uint8 RGB.
        wanted: (S / 8, S / 8) float32, 1 where a face of the right size has its centre.
        weights: (S / 8, S / 8) float32, 0 where nothing is asked: around faces, and where they have the wrong size.
    """

    pixels: NDArray[np.uint8]
    wanted: Floats
    weights: Floats


@dataclass(slots=True)
class _Canvas:
    pixels: NDArray[np.uint8]
    boxes: list[Floats] = field(default_factory=list)


class SceneMaker:
    """Makes scenes out of samples."""

    def __init__(self, samples: Sequence[Sample], side: int, generator: np.random.Generator) -> None:
        self._samples = samples
        self._portraits = [sample for sample in samples if sample.is_portrait]
        self._side = side
        self._random = generator

    def make(self) -> Scene:
        """Draw one scene."""
        random = self._random
        canvas = _Canvas(np.empty((self._side, self._side, 3), np.uint8))
        canvas.pixels[:] = random.integers(0, 256, 3) if random.random() < 0.5 else random.integers(0, 256)
        for _ in range(random.integers(0, 4)):
            self._hang_background(canvas)
        for _ in range(random.integers(0, 3)):
            self._hang_face(canvas)
        pixels = self._degrade(canvas.pixels)
        wanted, weights = label(canvas.boxes, self._side)
        if random.random() < 0.5:
            pixels, wanted, weights = pixels[:, ::-1], wanted[:, ::-1], weights[:, ::-1]
        return Scene(np.ascontiguousarray(pixels), wanted.copy(), weights.copy())

    def _hang_background(self, canvas: _Canvas) -> None:
        sample = self._samples[int(self._random.integers(len(self._samples)))]
        zoom = float(np.exp(self._random.uniform(np.log(0.15), np.log(2.0))))
        start = [self._random.uniform(-0.7 * extent * zoom, 0.7 * self._side) for extent in sample.picture.size]
        self._draw(canvas, sample, zoom, (start[0], start[1]), None)

    def _hang_face(self, canvas: _Canvas) -> None:
        sample = self._portraits[int(self._random.integers(len(self._portraits)))]
        left, top, right, bottom = (float(edge) for edge in sample.boxes[0])
        face = float(np.exp(self._random.uniform(np.log(SMALLEST_FACE - 0.5), np.log(LARGEST_FACE + 1))))
        zoom = face / max(right - left, bottom - top)
        if zoom > 1:
            return
        x, y = self._random.uniform(6, self._side - 6, 2)
        start = (x - (left + right) / 2 * zoom, y - (top + bottom) / 2 * zoom)
        tight = self._random.uniform(0.05, 1.0) if self._random.random() < 0.4 else None
        self._draw(canvas, sample, zoom, start, tight)

    def _draw(
        self, canvas: _Canvas, sample: Sample, zoom: float, start: tuple[float, float], tight: float | None
    ) -> None:
        """Draw a picture, or with `tight` only its first face and that margin around it, at a scale."""
        window = _window(sample, zoom, start, tight, self._side)
        left, top, right, bottom = window
        if right - left < 2 or bottom - top < 2:
            return
        x, y = max(0, round(start[0] + left * zoom)), max(0, round(start[1] + top * zoom))
        size = (max(1, round((right - left) * zoom)), max(1, round((bottom - top) * zoom)))
        resampling = _FILTERS[int(self._random.integers(len(_FILTERS)))]
        drawn = np.asarray(sample.picture.resize(size, resampling, box=window))[: self._side - y, : self._side - x]
        height, width = drawn.shape[:2]
        canvas.pixels[y : y + height, x : x + width] = drawn
        canvas.boxes[:] = [box for box in canvas.boxes if not _centre_in(box, x - 2, y - 2, width + 4, height + 4)]
        moved = (sample.boxes - np.array([left, top, left, top], np.float32)) * np.float32(zoom)
        moved += np.array([x, y, x, y], np.float32)
        canvas.boxes.extend(box for box in moved if _centre_in(box, x, y, width, height))

    def _degrade(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """What cameras and copies do: grey, compression, light, colour casts, noise."""
        random = self._random
        picture = Pillow.fromarray(pixels)
        if random.random() < 0.25:
            picture = picture.convert("L").convert("RGB")
        if random.random() < 0.5:
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG", quality=int(random.integers(45, 96)))
            picture = Pillow.open(buffer).convert("RGB")
        values = (np.asarray(picture, np.float32) - 128) * random.uniform(0.6, 1.3) + 128 * random.uniform(0.5, 1.4)
        if random.random() < 0.3:
            values = values * random.uniform(0.8, 1.2, 3)
        if random.random() < 0.4:
            values = values + random.normal(0, random.uniform(1, 8), values.shape)
        degraded: NDArray[np.uint8] = np.clip(values, 0, 255).astype(np.uint8)
        return degraded


def label(boxes: Sequence[Floats], side: int) -> tuple[Floats, Floats]:
    """Turn boxes into wanted cells and weights; see `Scene`."""
    cells = side // STRIDE
    wanted, weights = np.zeros((cells, cells), np.float32), np.ones((cells, cells), np.float32)
    centers = (np.arange(cells) + 0.5) * STRIDE
    for box in boxes:
        longer = float(max(box[2] - box[0], box[3] - box[1]))
        x, y = float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2
        across, down = np.abs(centers - x)[None, :], np.abs(centers - y)[:, None]
        reach = max(0.7 * longer, STRIDE)
        weights[(across < reach) & (down < reach) & (wanted == 0)] = 0
        if SMALLEST_FACE <= longer <= LARGEST_FACE:
            here = (across <= STRIDE / 2) & (down <= STRIDE / 2)
            wanted[here] = weights[here] = 1
    return wanted, weights


def _window(
    sample: Sample, zoom: float, start: tuple[float, float], tight: float | None, side: int
) -> tuple[float, float, float, float]:
    """Part of the picture that is drawn: what lies on the canvas, and near the face if `tight`."""
    left, top, right, bottom = 0.0, 0.0, float(sample.picture.width), float(sample.picture.height)
    if tight is not None:
        box = sample.boxes[0]
        margin = tight * float(max(box[2] - box[0], box[3] - box[1]))
        left, top = max(left, float(box[0]) - margin), max(top, float(box[1]) - margin)
        right, bottom = min(right, float(box[2]) + margin), min(bottom, float(box[3]) + margin)
    left, top = max(left, -start[0] / zoom), max(top, -start[1] / zoom)
    return left, top, min(right, (side - start[0]) / zoom), min(bottom, (side - start[1]) / zoom)


def _centre_in(box: Floats, left: float, top: float, width: float, height: float) -> bool:
    x, y = float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2
    return left <= x < left + width and top <= y < top + height
