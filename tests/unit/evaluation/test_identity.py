import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image as Pillow

from evaluation.identity import evaluate_identity
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
    """Finds a face in every picture that is not black."""

    def detect(self, image: Image) -> Detections:
        return FixedDetector(FACE).detect(image) if image.pixels.any() else Detections.empty()


def png(seed: int) -> bytes:
    """A picture that only this seed has; 0 is black."""
    pixels = np.random.default_rng(seed).integers(1, 255, (32, 32, 3), np.uint8) * bool(seed)
    buffer = io.BytesIO()
    Pillow.fromarray(pixels.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def judge(tmp_path):
    """Judge a world in which the two pictures of person N have these seeds."""

    def run(*seeds: tuple[int, int]) -> dict[str, float]:
        rows = [(f"p{n}_{k}", png(seed), f"p{n}") for n, both in enumerate(seeds) for k, seed in enumerate(both)]
        names = ("id", "image", "identity")
        pq.write_table(
            pa.table(dict(zip(names, zip(*rows, strict=True), strict=True))), tmp_path / "lfw_images.parquet"
        )
        count = len(seeds)
        same = [(f"p{n}_0", f"p{n}_1", 1, n % 2 + 1) for n in range(count)]
        other = [(f"p{n}_0", f"p{(n + 1) % count}_1", 0, n % 2 + 1) for n in range(count)]
        columns = zip(*same, *other, strict=True)
        pairs = dict(zip(("id_a", "id_b", "same", "fold"), columns, strict=True))
        pq.write_table(pa.table(pairs), tmp_path / "lfw_pairs.parquet")
        pipeline = FacePipeline(
            lambda content: decode(content, Settings().decoding), BrightDetector(), FixedAnalyser({"quality": 0.5}), ()
        )
        task = Task(SetFolder(tmp_path), Settings(), lambda _: pipeline, lambda _: FixedEmbedder(), tmp_path)
        return {row.metric: row.value for row in evaluate_identity(task)}

    return run


def test_persons_whose_pictures_are_alike_are_told_apart(judge):
    """Where both pictures of each person give one vector and strangers give others, every answer is right."""
    rows = judge(*((seed, seed) for seed in range(1, 9)))
    assert rows["accuracy"] == 1
    assert rows["true_match[false_match=0.001]"] == 1
    assert rows["missed"] == 0
    assert rows["false_non_match[similarity=0.8]"] == 0


def test_picture_without_a_face_is_an_error(judge):
    """A person of eight with a black picture: the pair is no match, and both pairs with that picture are wrong."""
    rows = judge(*((seed, seed) for seed in range(1, 8)), (8, 0))
    assert rows["missed"] == pytest.approx(1 / 16)
    assert rows["true_match[false_match=0.001]"] == pytest.approx(7 / 8)
    assert rows["accuracy"] == pytest.approx(14 / 16)


def test_persons_whose_pictures_differ_are_not_recognised(judge):
    """Unlike pictures of one person lie as far apart as strangers."""
    rows = judge(*((seed, seed + 100) for seed in range(1, 9)))
    assert rows["true_match[false_match=0.001]"] < 0.3
    assert rows["false_non_match[similarity=0.8]"] == 1


def test_sets_that_are_not_there_give_no_row(tmp_path):
    """Without the pairs nothing is judged and no model is loaded."""
    task = Task(SetFolder(tmp_path), Settings(), lambda _: None, lambda _: None, tmp_path)
    assert evaluate_identity(task) == []
