"""How well faces can be recognised, measured: photos of known persons, as they are and harmed, and their vectors.

Every photo is cut around the largest face, harmed in several ways, and embedded by the recognition network that serves.
How near a harmed face stays to the other photos of the same person is what the quality of a face has to foretell.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageEnhance, ImageFilter
from tqdm import tqdm

from oss_faces.analysis.crops import CROP_FACTOR, cut_faces
from oss_faces.inference import DLIB_RECOGNITION, ModelSettings, OnnxSession, prepare_dlib_recognition, read_model
from oss_faces.recognition import (
    DLIB_ALIGNMENT,
    DLIB_CALIBRATION,
    DLIB_DIMENSIONS,
    NetworkEmbedder,
    RecognitionSettings,
    Space,
)
from oss_faces.values import Detections, Image, ImageSize
from training.preparation import find_largest, load_detector
from training.settings import SOURCES
from training.sources import decode, is_held_out, read_rows

SOURCE: Final = "celeba_wild"
# Copies of each photo: the first is the photo as it is.
COPIES: Final = 3
# Pixels of the longer edge of the box to which a large face is brought first, so that harm means the same for all.
FACE_SIDE: Final = 120


def prepare(data: Path, target: Path) -> None:
    """Write crops, vectors, persons and parts to an `.npz`; a finished one is left alone.

    Arrays, by photo and copy: `crops` (N, COPIES, 112, 112, 3) uint8, `vectors` (N, COPIES, 128) float32; by photo:
    `identity` and `held_out`, (N,).
    """
    if target.exists():
        return
    detector = load_detector()
    network = prepare_dlib_recognition(read_model(DLIB_RECOGNITION, ModelSettings()))
    space = Space(DLIB_RECOGNITION.name_version, DLIB_DIMENSIONS, DLIB_CALIBRATION)
    embedder = NetworkEmbedder(OnnxSession(network), space, DLIB_ALIGNMENT, RecognitionSettings())
    random = np.random.default_rng(0)
    columns: dict[str, list[Any]] = {"crops": [], "vectors": [], "identity": [], "held_out": []}
    for row in tqdm(read_rows(data, SOURCE), desc="quality", mininterval=5):
        picture = decode(dict(row))
        found = find_largest(detector, picture, SOURCES[SOURCE])
        if not len(found):
            continue
        made = [_looked_at(copy, points, embedder) for copy, points in _copies(picture, found, random)]
        columns["crops"].append(np.stack([crop for crop, _ in made]))
        columns["vectors"].append(np.stack([vector for _, vector in made]))
        columns["identity"].append(int(row["identity"]))
        columns["held_out"].append(is_held_out(SOURCE, row))
    partial = target.with_suffix(".partial.npz")
    arrays: Any = {name: np.array(values) for name, values in columns.items()}
    np.savez(partial, **arrays)
    partial.rename(target)


def _looked_at(
    picture: Pillow.Image, found: Detections, embedder: NetworkEmbedder
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    image = Image(np.ascontiguousarray(np.asarray(picture)), ImageSize(*picture.size), "webp")
    return cut_faces(image, found).pixels[0], embedder.embed(image, found.landmarks)[0]


def _copies(
    picture: NDArray[np.uint8], found: Detections, random: np.random.Generator
) -> Iterator[tuple[Pillow.Image, Detections]]:
    """The photo around the face, and harmed copies of it, each with the face's place in it."""
    plain, place = _around(picture, found, 1.3 * CROP_FACTOR)
    yield plain, place
    for _ in range(COPIES - 1):
        # Many pictures are cut close to the face: beyond their edge there is nothing.
        copy, place = _around(picture, found, float(random.uniform(0.95, 1.3 * CROP_FACTOR)))
        yield _harmed(copy, random), place


def _around(picture: NDArray[np.uint8], found: Detections, factor: float) -> tuple[Pillow.Image, Detections]:
    left, top, right, bottom = (float(edge) for edge in found.boxes[0])
    edge = max(right - left, bottom - top)
    scale = min(1.0, FACE_SIDE / edge)
    half = factor * edge / 2
    height, width = picture.shape[:2]
    start_x, start_y = max(round((left + right) / 2 - half), 0), max(round((top + bottom) / 2 - half), 0)
    end_x, end_y = min(round((left + right) / 2 + half), width), min(round((top + bottom) / 2 + half), height)
    part = Pillow.fromarray(picture[start_y:end_y, start_x:end_x])
    part = part.resize((max(round(part.width * scale), 8), max(round(part.height * scale), 8)), Pillow.Resampling.BOX)
    start = np.array([start_x, start_y], np.float32)
    boxes = ((found.boxes.reshape(-1, 2, 2) - start) * scale).reshape(-1, 4).astype(np.float32)
    points = ((found.landmarks - start) * scale).astype(np.float32)
    return part, Detections(boxes, found.scores, points)


def _harmed(picture: Pillow.Image, random: np.random.Generator) -> Pillow.Image:
    """Some of: grey, another light, something in front, blur, too few pixels, noise, compression."""
    if random.random() < 0.4:
        picture = picture.convert("L").convert("RGB")
    if random.random() < 0.4:
        picture = ImageEnhance.Brightness(picture).enhance(float(np.exp(random.normal(0, 0.5))))
        picture = ImageEnhance.Contrast(picture).enhance(float(np.exp(random.normal(0, 0.4))))
    if random.random() < 0.2:
        picture = _covered(picture, random)
    if random.random() < 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(float(random.uniform(0.3, 4.0))))
    size = picture.size
    if random.random() < 0.4:
        factor = float(np.exp(random.uniform(0.1, 2.2)))
        small = (max(round(size[0] / factor), 8), max(round(size[1] / factor), 8))
        picture = picture.resize(small, Pillow.Resampling.BOX)
    if random.random() < 0.25:
        noise = random.normal(0, float(random.uniform(3, 40)), (picture.height, picture.width, 3))
        picture = Pillow.fromarray(np.clip(np.asarray(picture, float) + noise, 0, 255).astype(np.uint8))
    if random.random() < 0.35:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=int(random.integers(6, 80)))
        picture = Pillow.open(file).convert("RGB")
    return picture if picture.size == size else picture.resize(size, Pillow.Resampling.BICUBIC)


def _covered(picture: Pillow.Image, random: np.random.Generator) -> Pillow.Image:
    """A rectangle of one colour over a part of the face."""
    pixels = np.array(picture)
    height, width = pixels.shape[:2]
    down, across = (max(round(extent * float(random.uniform(0.1, 0.35))), 1) for extent in (height, width))
    top = round(float(random.uniform(0.2, 0.8)) * height - down / 2)
    left = round(float(random.uniform(0.2, 0.8)) * width - across / 2)
    pixels[max(top, 0) : top + down, max(left, 0) : left + across] = random.integers(0, 256, 3)
    return Pillow.fromarray(pixels)
