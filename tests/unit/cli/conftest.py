"""The commands for people, on memory.

A picture here is one colour: red says whose face it is, green how far it is from the person's first picture, blue what
is wrong with it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image as Pillow

from oss_faces.analysis import FixedAnalyser
from oss_faces.audit import MemoryAudit, find_traces
from oss_faces.cli.commands import cli
from oss_faces.config import Settings
from oss_faces.datasets import DatasetRef
from oss_faces.decoding import decode
from oss_faces.desk import Desk
from oss_faces.facedb import FaceDbSettings, MemoryFaceDatabase
from oss_faces.geometry import FRONTAL_POINTS, FloatArray
from oss_faces.operations.people import People, Sight
from oss_faces.pipeline import FacePipeline, RecognitionPipeline
from oss_faces.projects import ImmSettings, MemoryProjects
from oss_faces.recognition import Calibration
from oss_faces.tasks import MemoryTasks
from oss_faces.values import Detections, Face, Image

FIRST = datetime(2026, 11, 22, 18, 54, 3, tzinfo=UTC)
NOBODY, TWO, BLURRED = 1, 2, 3


class ColourDetector:
    """Sees what blue says."""

    def detect(self, image: Image) -> Detections:
        kind = int(image.pixels[0, 0, 2])
        if kind == NOBODY:
            return Detections.empty()
        boxes = np.array([[4, 4, 44, 44], [50, 4, 86, 40]], np.float32)[: 2 if kind == TWO else 1]
        points = np.stack([FRONTAL_POINTS * 40 + corner for corner in boxes[:, :2]]).astype(np.float32)
        return Detections(boxes, np.full(len(boxes), 0.9, np.float32), points)


class ColourAnalyser:
    """Calls blurred what blue says."""

    def analyse(self, image: Image, detections: Detections) -> tuple[Face, ...]:
        sharpness = 0.1 if int(image.pixels[0, 0, 2]) == BLURRED else 0.9
        return FixedAnalyser({"sharpness": sharpness}).analyse(image, detections)


class ColourEmbedder:
    """Knows red and green; the second face of a picture is the next person."""

    space = "colour@1"
    dimensions = 128
    calibration = Calibration(((1e-4, 0.334), (1e-3, 0.37), (1e-2, 0.413)))

    def embed(self, image: Image, landmarks: FloatArray) -> FloatArray:
        red, green = (int(part) for part in image.pixels[0, 0, :2])
        angle = 2 * np.arcsin(green / 400)
        made = np.zeros((len(landmarks), 128), np.float32)
        for place in range(len(landmarks)):
            made[place, red + place], made[place, 127] = np.cos(angle), np.sin(angle)
        return made


@pytest.fixture
def photo(tmp_path: Path):
    """Make a picture file; give its path."""

    def make(red: int, green: int = 0, blue: int = 0) -> str:
        path = tmp_path / f"photo-{red}-{green}-{blue}.png"
        Pillow.new("RGB", (96, 48), (red, green, blue)).save(path)
        return str(path)

    return make


class Memory:
    """A data folder that is none: the desk of the commands, on memory."""

    def __init__(self, folder: Path) -> None:
        seconds = count()

        def now() -> datetime:
            return FIRST + timedelta(seconds=next(seconds))

        self.now = now
        self.folder = folder
        self.faces = MemoryFaceDatabase(FaceDbSettings(), now)
        self.audit = MemoryAudit(now)
        self.projects = MemoryProjects(ImmSettings(), now)
        self.looks = 0
        self.find = partial(find_traces, folder)
        self.outside = ""

    def sight(self, settings: Settings) -> Sight:
        self.looks += 1
        stages = FacePipeline(
            partial(decode, settings=settings.decoding), ColourDetector(), ColourAnalyser(), ("colour@1",)
        )
        return Sight(RecognitionPipeline(stages, ColourEmbedder()), settings.decoding, settings.fitness)

    @contextmanager
    def __call__(self, settings: Settings, ref: DatasetRef) -> Iterator[Desk]:
        yield Desk(
            People(self.faces, ref),
            self.projects,
            self.audit,
            MemoryTasks(settings.tasks, self.now),
            "cli:tester",
            settings.decision,
            partial(self.sight, settings),
            self.find,
            self.now,
            self.outside,
        )


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "state").write_bytes(b"nothing of anybody")
    return Memory(folder)


@pytest.fixture
def run(memory: Memory):
    """Run `oss-faces people ...` on memory."""

    def invoke(*arguments: str, said: str | bytes | None = None) -> Result:
        return CliRunner().invoke(cli, ["people", *arguments], obj=memory, input=said, catch_exceptions=False)

    return invoke


def told(result: Result):
    return json.loads(result.stdout)
