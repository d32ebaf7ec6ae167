"""Which engine runs which network: the one that the settings name, or the one that was faster when it was tried."""

import importlib.metadata
import importlib.util
import json
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray

from oss_faces.inference.base import Session
from oss_faces.inference.openvino_session import OpenVinoSession
from oss_faces.inference.session import OnnxSession
from oss_faces.inference.settings import ONNXRUNTIME, OPENVINO, InferenceSettings

# Calls of each engine in a trial, after one that does not count; the quickest of them is compared.
_TRIAL_CALLS: Final = 5
_TRIAL_SIDE: Final = 256
_TRIAL_SEED: Final = 1
# A gain smaller than this is within the noise of so short a trial.
_WORTHWHILE: Final = 0.95
_RECORD_BYTES_MAX: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial found.

    Attributes:
        engine: the faster one.
        openvino_over_onnxruntime: quickest call over quickest call.
        conditions: versions, processor and settings under which this holds; under others it is tried anew.
    """

    engine: str
    openvino_over_onnxruntime: float
    conditions: str


class Engines:
    """Opens networks.

    Args:
        settings: which engine.
        record: file that keeps what trials found; its folder need not exist, then nothing is kept.
        clock: seconds, for trials.
    """

    def __init__(self, settings: InferenceSettings, record: Path, clock: Callable[[], float]) -> None:
        settings.validate()
        self._settings = settings
        self._record = record
        self._clock = clock

    def open(self, name_version: str, model: bytes) -> Session:
        """Load a network.

        Args:
            name_version: under which a trial is kept.
            model: an ONNX file whose inputs are bytes.

        Raises:
            ConfigurationError: the engine, its device or a provider is not there.
            ModelUnavailable: the network cannot be loaded.
        """
        match self._settings.engine:
            case "openvino":
                return self._openvino(model)
            case "auto" if importlib.util.find_spec(OPENVINO) is not None:
                return self._faster(name_version, model)
            case _:
                return self._onnxruntime(model)

    def _onnxruntime(self, model: bytes) -> Session:
        return OnnxSession(model, providers=self._settings.providers)

    def _openvino(self, model: bytes) -> Session:
        return OpenVinoSession(model, device=self._settings.device)

    def _faster(self, name_version: str, model: bytes) -> Session:
        conditions = self._conditions()
        trial = read_trials(self._record).get(name_version)
        if trial is not None and trial.conditions == conditions:
            return self._openvino(model) if trial.engine == OPENVINO else self._onnxruntime(model)
        plain, other = self._onnxruntime(model), self._openvino(model)
        ratio = self._compare(plain, other, _trial_inputs(model))
        engine = OPENVINO if ratio < _WORTHWHILE else ONNXRUNTIME
        self._keep(name_version, Trial(engine, round(ratio, 3), conditions))
        return other if engine == OPENVINO else plain

    def _compare(self, plain: Session, other: Session, inputs: Mapping[str, NDArray[np.uint8]]) -> float:
        """Ask both in turn, so that whatever else the machine does falls on both."""
        seconds: dict[int, list[float]] = {0: [], 1: []}
        for _ in range(1 + _TRIAL_CALLS):
            for side, session in enumerate((plain, other)):
                started = self._clock()
                session.run(inputs)
                seconds[side].append(self._clock() - started)
        quickest = [min(seconds[side][1:]) for side in (0, 1)]
        return quickest[1] / max(quickest[0], 1e-9)

    def _keep(self, name_version: str, trial: Trial) -> None:
        """Add to the record. Servers that start together may lose each other's trial, and try again the next time."""
        if not self._record.parent.is_dir():
            return
        trials = {**read_trials(self._record), name_version: trial}
        new = self._record.with_name(f"{self._record.name}.{os.getpid()}.new")
        new.write_text(json.dumps({name: asdict(one) for name, one in trials.items()}, indent=1), encoding="utf-8")
        new.replace(self._record)

    def _conditions(self) -> str:
        versions = [f"{name} {importlib.metadata.version(name)}" for name in (ONNXRUNTIME, OPENVINO)]
        settings = [self._settings.device, *self._settings.providers]
        return ", ".join([*versions, _processor(), *settings])


def read_trials(record: Path) -> dict[str, Trial]:
    """Read what trials found, by `name@version`; nothing of a file that is missing or damaged: it is made anew."""
    try:
        with record.open("rb") as file:
            kept = json.loads(file.read(_RECORD_BYTES_MAX))
        return {
            str(name): Trial(str(one["engine"]), float(one["openvino_over_onnxruntime"]), str(one["conditions"]))
            for name, one in kept.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _trial_inputs(model: bytes) -> dict[str, NDArray[np.uint8]]:
    """Make noise of the size that a network wants: where that is free, one picture of `_TRIAL_SIDE`."""
    graph: Any = onnx.load_from_string(model).graph
    random = np.random.default_rng(_TRIAL_SEED)
    weights = {tensor.name for tensor in graph.initializer}
    inputs = {}
    for value in graph.input:
        if value.name not in weights:
            axes = value.type.tensor_type.shape.dim
            shape = [axis.dim_value or (1 if place == 0 else _TRIAL_SIDE) for place, axis in enumerate(axes)]
            inputs[value.name] = random.integers(0, 256, shape, np.uint8)
    return inputs


def _processor() -> str:
    """Name the processor, and how many of them there are."""
    name = platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(os.sched_getaffinity(0))} x {models[0] if models else name}"
