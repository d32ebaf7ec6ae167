"""What a face costs: the network's own time, and that of all that turns a detection into a described face."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evaluation.rows import Row, mean_row
from evaluation.task import Task
from oss_faces.analysis import Analyser, AnalysisSettings, AttributeAnalyser
from oss_faces.inference import Engines, Session, attributes_spec, read_model
from oss_faces.pipeline import FacePipeline
from oss_faces.values import Detections, Image, ImageSize

BATCH: Final = 8
REPEATS: Final = 25
WARMING: Final = 300
"""Calls that do not count: an engine may compile anew for a shape that comes often."""


def cost_rows(task: Task, pipeline: FacePipeline) -> list[Row]:
    """Time one thread with eight faces of one picture, with the engine of the settings."""
    stages, spec = task.settings.stages, attributes_spec(task.settings.models)
    engines = Engines(stages.inference, stages.engines, time.perf_counter)
    session = engines.open(spec.name_version, read_model(spec, stages.models))
    return time_faces(session, pipeline.analyser)


def time_faces(session: Session, analyser: Analyser, warming: int = WARMING) -> list[Row]:
    """Time a network on the inputs that the analyser would give it, and the analyser itself.

    Returns:
        `ms_per_face`: one run of the network, all outputs at once. `ms_per_face_with_cutting`: crops cut from the
        picture, the run, and numbers given their names.
    """
    picture, detections = _eight_faces()
    remembered = _Remembered(session)
    AttributeAnalyser(remembered, AnalysisSettings()).analyse(picture, detections)
    runs = _times(lambda: session.run(remembered.inputs), warming)
    whole = _times(lambda: analyser.analyse(picture, detections), warming)
    return [
        mean_row("cost", "synthetic", "ms_per_face", runs, "ms"),
        mean_row("cost", "synthetic", "ms_per_face_with_cutting", whole, "ms"),
    ]


class _Remembered:
    """A network that keeps what it was asked last."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.inputs: Mapping[str, NDArray[Any]] = {}

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        self.inputs = inputs
        return self._session.run(inputs)


def _times(work: Callable[[], object], warming: int) -> list[float]:
    """Milliseconds of the processor for each face of a call."""
    for _ in range(warming):
        work()
    times = []
    for _ in range(REPEATS):
        begun = time.process_time()
        work()
        times.append((time.process_time() - begun) * 1e3 / BATCH)
    return times


def _eight_faces() -> tuple[Image, Detections]:
    side = 1000
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    left = np.linspace(50, 750, BATCH, dtype=np.float32)
    boxes = np.stack([left, left, left + 120, left + 150], axis=1)
    points = boxes[:, None, :2] + np.array([[36, 48], [84, 48], [60, 80], [42, 110], [78, 110]], np.float32)
    detections = Detections(boxes, np.ones(BATCH, np.float32), points.astype(np.float32))
    return Image(pixels, ImageSize(side, side), "png"), detections
