"""Sharpness on ladders of growing harm."""

import io
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageFilter

from evaluation.attributes_metrics import spearman
from evaluation.rows import Row, mean_row
from evaluation.task import Task
from oss_faces.pipeline import FacePipeline
from oss_faces.values import Detections, Image

LADDER_SET: Final = "ffhq"
STEPS: Final = 12
PICTURES: Final = 60
QUICK_PICTURES: Final = 10
Harm = Callable[[Pillow.Image, float], Pillow.Image]


def _blur(picture: Pillow.Image, strength: float) -> Pillow.Image:
    return picture.filter(ImageFilter.GaussianBlur(6.0 * strength))


def _downscale(picture: Pillow.Image, strength: float) -> Pillow.Image:
    factor = 1.0 + 7.0 * strength
    small = picture.resize((round(picture.width / factor), round(picture.height / factor)), Pillow.Resampling.BOX)
    return small.resize(picture.size, Pillow.Resampling.BICUBIC)


def _jpeg(picture: Pillow.Image, strength: float) -> Pillow.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=round(95 - 90 * strength))
    return Pillow.open(file).convert("RGB")


def _noise(picture: Pillow.Image, strength: float) -> Pillow.Image:
    random = np.random.default_rng(0).normal(0.0, 60.0 * strength, (picture.height, picture.width, 3))
    return Pillow.fromarray(np.clip(np.asarray(picture, float) + random, 0, 255).astype(np.uint8))


HARMS: Final[dict[str, Harm]] = {"blur": _blur, "downscale": _downscale, "jpeg": _jpeg, "noise": _noise}


def ladder_rows(task: Task, pipeline: FacePipeline) -> list[Row]:
    """Rank correlation between harm and stated sharpness, per picture, then the mean.

    The face is searched in the clean picture only: the ladder judges the sharpness and not the detector.
    """
    if not task.sets.has(LADDER_SET):
        return []
    found: dict[str, list[float]] = {kind: [] for kind in HARMS}
    for picture, detections in _faces(task, pipeline):
        clean = Pillow.fromarray(picture.pixels)
        for kind, harm in HARMS.items():
            strengths = np.linspace(0, 1, STEPS)
            stated = [_sharpness(pipeline, harm(clean, float(step)), picture, detections) for step in strengths]
            found[kind].append(spearman(-strengths, np.array(stated)))
    rows = [mean_row("sharpness", LADDER_SET, f"spearman[harm={kind}]", values) for kind, values in found.items()]
    return [mean_row("sharpness", LADDER_SET, "spearman", [x for values in found.values() for x in values]), *rows]


def _faces(task: Task, pipeline: FacePipeline) -> Iterator[tuple[Image, Detections]]:
    pictures = task.pictures(LADDER_SET, ["image"], PICTURES, quick_limit=QUICK_PICTURES, split="test")
    for row in pictures:
        picture = pipeline.decode(row["image"])
        detections = pipeline.detector.detect(picture)
        if len(detections):
            yield picture, detections.select(slice(0, 1))


def _sharpness(pipeline: FacePipeline, harmed: Pillow.Image, clean: Image, detections: Detections) -> float:
    pixels: NDArray[np.uint8] = np.ascontiguousarray(np.asarray(harmed))
    (face,) = pipeline.analyser.analyse(Image(pixels, clean.size, clean.format), detections)
    assert face.sharpness is not None, "the ladder needs the sharpness"
    return face.sharpness
