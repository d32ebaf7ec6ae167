"""A world of labelled pictures in which who looks like whom is decided by the test."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image as Pillow

from evaluation.sets import SetFolder
from evaluation.task import Task
from oss_faces.analysis import FixedAnalyser
from oss_faces.config import Settings
from oss_faces.decoding import decode
from oss_faces.detection import FixedDetector
from oss_faces.geometry import FRONTAL_POINTS
from oss_faces.pipeline import FacePipeline
from oss_faces.recognition import FixedEmbedder
from oss_faces.values import Detections, Image

FACE = Detections(np.array([[4, 4, 28, 28]], np.float32), np.ones(1, np.float32), FRONTAL_POINTS[None] * 24 + 4)


class BrightDetector:
    """Finds a face in every picture that is not black, and counts the pictures that it was shown."""

    def __init__(self) -> None:
        self.shown = 0

    def detect(self, image: Image) -> Detections:
        self.shown += 1
        return FixedDetector(FACE).detect(image) if image.pixels.any() else Detections.empty()


def png(seed: int) -> bytes:
    """A picture that only this seed has; 0 is black."""
    pixels = np.random.default_rng(seed).integers(1, 255, (32, 32, 3), np.uint8) * bool(seed)
    buffer = io.BytesIO()
    Pillow.fromarray(pixels.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def write_set(folder, name: str, people: dict[str, tuple[int, ...]], **labels: list[int]) -> None:
    """Write a set of pictures: the seeds of each person's pictures, and labels by column."""
    rows = [(f"{who}_{place}", png(seed), who) for who, seeds in people.items() for place, seed in enumerate(seeds)]
    columns = dict(zip(("id", "image", "identity"), (list(column) for column in zip(*rows, strict=True)), strict=True))
    pq.write_table(pa.table({**columns, **labels}), folder / f"{name}.parquet")


def task_on(folder, detector: BrightDetector | None = None, **options) -> Task:
    """Judge the sets of a folder with a detector and an embedder of known behaviour."""
    found = detector or BrightDetector()
    pipeline = FacePipeline(
        lambda content: decode(content, Settings().decoding), found, FixedAnalyser({"quality": 0.5}), ()
    )
    return Task(SetFolder(folder), Settings(), lambda _: pipeline, lambda _: FixedEmbedder(), folder, **options)
