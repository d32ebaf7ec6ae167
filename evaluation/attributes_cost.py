"""What a face costs: the network's own time, and that of all that turns a detection into a described face."""

import importlib.util
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evaluation.rows import Row, mean_row, quantile_row
from evaluation.task import Task
from oss_faces.analysis import Analyser, AnalysisSettings, AttributeAnalyser
from oss_faces.inference import (
    ONNXRUNTIME,
    OPENVINO,
    Engines,
    InferenceSettings,
    Session,
    attributes_spec,
    prepare_attributes,
    read_model,
)
from oss_faces.pipeline import FacePipeline
from oss_faces.values import Detections, Image, ImageSize

BATCH: Final = 8
REPEATS: Final = 200
WARMING: Final = 300
"""Calls that do not count: an engine may compile anew for a shape that comes often."""
UNDISTURBED: Final = 0.05
"""Share of the calls that nobody else on the machine slowed down, and that any machine has now and then."""


def cost_rows(task: Task, pipeline: FacePipeline) -> list[Row]:
    """Time one thread with eight faces of one picture: the engine of the settings, and each other one installed."""
    stages, spec = task.settings.stages, attributes_spec(task.settings.models)
    network = prepare_attributes(read_model(spec, stages.models))
    others = (InferenceSettings(engine=engine) for engine in _installed() if engine != stages.inference.engine)
    sessions = {
        settings.engine: Engines(settings, stages.engines, time.perf_counter).open(spec.name_version, network)
        for settings in (stages.inference, *others)
    }
    return time_faces(sessions, pipeline.analyser)


def time_faces(
    sessions: Mapping[str, Session],
    analyser: Analyser,
    warming: int = WARMING,
    clock: Callable[[], float] = time.process_time,
) -> list[Row]:
    """Time a network on the inputs that the analyser would give it, and the analyser itself, all in turn.

    Args:
        sessions: the network in each engine, by the engine's name; that of the settings first.
        warming: turns that do not count.
        clock: seconds that the processor worked for this process.

    Returns:
        `ms_per_face`: one run of the network, all outputs at once; the same in other engines as
        `ms_per_face_openvino`. `ms_per_face_with_cutting`: crops cut from the picture, the run, and numbers given
        their names. Each is the mean of all calls, and with `_undisturbed` behind the name the time that the
        `UNDISTURBED` share of them stayed below: half of a core may belong to a stranger, and what he does
        shows in the mean as much as the network itself.
    """
    picture, detections = _eight_faces()
    first, *others = sessions
    remembered = _Remembered(sessions[first])
    AttributeAnalyser(remembered, AnalysisSettings()).analyse(picture, detections)
    works: dict[str, Callable[[], object]] = {"ms_per_face": partial(sessions[first].run, remembered.inputs)}
    works |= {f"ms_per_face_{name}": partial(sessions[name].run, remembered.inputs) for name in others}
    works["ms_per_face_with_cutting"] = partial(analyser.analyse, picture, detections)
    rows: list[Row] = []
    for metric, times in _times_in_turn(works, warming, clock).items():
        rows.append(mean_row("cost", "synthetic", metric, times, "ms"))
        rows.append(quantile_row("cost", "synthetic", f"{metric}_undisturbed", times, (UNDISTURBED, "ms")))
    return rows


def _installed() -> list[str]:
    return [name for name in (ONNXRUNTIME, OPENVINO) if importlib.util.find_spec(name) is not None]


class _Remembered:
    """A network that keeps what it was asked last."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.inputs: Mapping[str, NDArray[Any]] = {}

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        self.inputs = inputs
        return self._session.run(inputs)


def _times_in_turn(
    works: Mapping[str, Callable[[], object]], warming: int, clock: Callable[[], float]
) -> dict[str, list[float]]:
    """Milliseconds of the processor for each face of a call."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(warming + REPEATS):
        for name, work in works.items():
            begun = clock()
            work()
            if turn >= warming:
                times[name].append((clock() - begun) * 1e3 / BATCH)
    return times


def _eight_faces() -> tuple[Image, Detections]:
    side = 1000
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    left = np.linspace(50, 750, BATCH, dtype=np.float32)
    boxes = np.stack([left, left, left + 120, left + 150], axis=1)
    points = boxes[:, None, :2] + np.array([[36, 48], [84, 48], [60, 80], [42, 110], [78, 110]], np.float32)
    detections = Detections(boxes, np.ones(BATCH, np.float32), points.astype(np.float32))
    return Image(pixels, ImageSize(side, side), "png"), detections
