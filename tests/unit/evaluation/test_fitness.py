"""What refusing faces is worth, on invented people whose pictures fail as they are told to."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image as Pillow

from evaluation.fitness import BLURRED, DARKENED, SHRUNK, evaluate_fitness
from evaluation.sets import SetFolder
from evaluation.task import Task
from oss_faces.analysis import FixedAnalyser
from oss_faces.config import Settings
from oss_faces.decoding import decode
from oss_faces.geometry import FRONTAL_POINTS
from oss_faces.pipeline import FacePipeline
from oss_faces.recognition import FixedEmbedder
from oss_faces.values import Detections, HeadPose

LOOKS = 1 + len(SHRUNK) + len(BLURRED) + len(DARKENED)


class WholeDetector:
    """The face is as large as the picture."""

    def detect(self, image):
        width, height = image.size.width, image.size.height
        points = (FRONTAL_POINTS * width)[None].astype(np.float32)
        return Detections(np.array([[0, 0, width, height]], np.float32), np.ones(1, np.float32), points)


class SizeEmbedder(FixedEmbedder):
    """Knows a person by colour, and below 24 pixels nobody: all small faces are those of person 0."""

    def embed(self, image, landmarks):
        made = np.zeros((len(landmarks), 128), np.float32)
        made[:, 0 if image.size.width < 24 else int(image.pixels.mean() > 60)] = 1
        return made


@pytest.fixture
def task(tmp_path):
    """Three persons: dark, bright, and one with a single picture, who is left out."""
    rows = []
    for person, level, count in ((1, 20, 2), (2, 250, 2), (3, 99, 1)):
        for number in range(count):
            buffer = io.BytesIO()
            Pillow.new("RGB", (50, 50), (level, level, level)).save(buffer, "PNG")
            rows.append({"id": f"{person}-{number}", "identity": person, "image": buffer.getvalue()})
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "celeba10k.parquet")
    attributes = {"pose": HeadPose(0, 20, 0), "sharpness": 1.0, "quality": 0.75}

    def build(settings):
        stages = (WholeDetector(), FixedAnalyser(attributes), ("test@1",))
        return FacePipeline(lambda content: decode(content, settings.decoding), *stages)

    return Task(SetFolder(tmp_path), Settings(), build, lambda _: SizeEmbedder(), tmp_path)


def test_bands_tell_where_it_fails(task):
    """Above 24 pixels everybody is known; below, everybody is taken for one and the same."""
    rows = {row.metric: row for row in evaluate_fitness(task)}
    for band, missed, strangers in (("24..30", 0, 0), ("18..24", 0.5, 0.5), ("0..14", 0.5, 0.5)):
        assert rows[f"false_non_match[side={band}]"].value == missed
        assert rows[f"false_match[side={band}]"].value == strangers
    assert rows["false_match[side=40..1000]"].n == 2


def test_every_look_is_counted_where_it_belongs(task):
    """What is measured on plain pictures alone has one look of each person, the rest as many as were made."""
    rows = {row.metric: row for row in evaluate_fitness(task)}
    assert rows["false_match[yaw=15..30]"].n == 2
    assert rows["false_match[quality=0.7..0.8]"].n == 2 * LOOKS


def test_without_the_set_there_is_no_figure(tmp_path):
    """Who has no pictures has no report."""
    assert evaluate_fitness(Task(SetFolder(tmp_path), Settings(), lambda _: None, lambda _: None, tmp_path)) == []
