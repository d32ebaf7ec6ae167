"""Pictures and the faces in them, as the project's own detector sees them when they are large."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image as Pillow
from tqdm import tqdm

from oss_faces.detection import Detector
from oss_faces.values import Image, ImageSize
from training.scout.settings import ScoutSettings

_PARQUET: Final[Any] = pq
_BATCH_ROWS: Final = 64


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture from which scenes are made.

    Attributes:
        picture: RGB.
        boxes: (N, 4) float32, xyxy, pixels of `picture`, the surest face first.
        is_portrait: whether its first box may stand for the face of a scene.
    """

    picture: Pillow.Image
    boxes: NDArray[np.float32]
    is_portrait: bool


def read_samples(data: Path, detector: Detector, settings: ScoutSettings) -> list[Sample]:
    """Read all pictures of the sources and find their faces."""
    samples: list[Sample] = []
    for name, count in settings.sources.items():
        pictures = tqdm(_pictures(data / f"{name}.parquet", count), name, count)
        samples.extend(_sample(picture, detector, settings) for picture in pictures)
    return samples


def _pictures(path: Path, count: int) -> Iterator[Pillow.Image]:
    left = count
    for batch in _PARQUET.ParquetFile(path).iter_batches(_BATCH_ROWS, columns=["image", "split"]):
        for row in batch.to_pylist():
            if row["split"] == "test":
                continue
            if not left:
                return
            left -= 1
            yield Pillow.open(io.BytesIO(row["image"])).convert("RGB")


def _sample(picture: Pillow.Image, detector: Detector, settings: ScoutSettings) -> Sample:
    pixels = np.ascontiguousarray(np.asarray(picture))
    found = detector.detect(Image(pixels, ImageSize(picture.width, picture.height), "webp"))
    small = _limit(picture, settings.stored_side_max)
    is_portrait = len(found) > 0 and float(found.scores[0]) > settings.score_min
    return Sample(small, found.boxes * np.float32(small.width / picture.width), is_portrait)


def _limit(picture: Pillow.Image, side_max: int) -> Pillow.Image:
    zoom = side_max / max(picture.size)
    if zoom >= 1:
        return picture
    return picture.resize((round(picture.width * zoom), round(picture.height * zoom)), Pillow.Resampling.BOX)
