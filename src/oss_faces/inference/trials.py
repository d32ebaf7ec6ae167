"""What was found when engines were tried, and the file that keeps it."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray

from oss_faces.inference.base import Session

# Calls of each session in a trial, after one that does not count; the quickest of them is compared.
_TRIAL_CALLS: Final = 5
_TRIAL_SIDE: Final = 256
_TRIAL_FACES: Final = 4
_TRIAL_SEED: Final = 1
_RECORD_BYTES_MAX: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial found.

    Attributes:
        engine, precision: that were taken.
        ratios: quickest call of each other candidate over that of ONNX Runtime, by `engine precision`.
        differences: by how much answers in bfloat16 were off, by kind; empty where that was not tried.
        conditions: versions, processor and settings under which this holds; under others it is tried anew.
    """

    engine: str
    precision: str
    ratios: Mapping[str, float]
    differences: Mapping[str, float]
    conditions: str


def read_trials(record: Path) -> dict[str, Trial]:
    """Read what trials found, by `name@version`; nothing of a file that is missing or damaged: it is made anew."""
    try:
        with record.open("rb") as file:
            kept = json.loads(file.read(_RECORD_BYTES_MAX))
        return {str(name): _trial(one) for name, one in kept.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def keep_trial(record: Path, name_version: str, trial: Trial) -> None:
    """Add to the record. Servers that start together may lose each other's trial, and try again the next time."""
    if not record.parent.is_dir():
        return
    trials = {**read_trials(record), name_version: trial}
    new = record.with_name(f"{record.name}.{os.getpid()}.new")
    new.write_text(json.dumps({name: asdict(one) for name, one in trials.items()}, indent=1), encoding="utf-8")
    new.replace(record)


def compare_speed(
    sessions: Sequence[Session], inputs: Mapping[str, NDArray[np.uint8]], clock: Callable[[], float]
) -> list[float]:
    """Tell the quickest call of each session over that of the first.

    They are asked in turn, so that whatever else the machine does falls on all.
    """
    seconds: list[list[float]] = [[] for _ in sessions]
    for _ in range(1 + _TRIAL_CALLS):
        for place, session in enumerate(sessions):
            started = clock()
            session.run(inputs)
            seconds[place].append(clock() - started)
    quickest = [min(each[1:]) for each in seconds]
    return [one / max(quickest[0], 1e-9) for one in quickest]


def noise_for(model: bytes) -> dict[str, NDArray[np.uint8]]:
    """Make noise of the size that a network wants: `_TRIAL_FACES` crops, or where the size is free one picture."""
    graph: Any = onnx.load_from_string(model).graph
    random = np.random.default_rng(_TRIAL_SEED)
    weights = {tensor.name for tensor in graph.initializer}
    inputs = {}
    for value in graph.input:
        if value.name not in weights:
            axes = value.type.tensor_type.shape.dim
            count = _TRIAL_FACES if all(axis.dim_value for axis in list(axes)[1:]) else 1
            shape = [axis.dim_value or (_TRIAL_SIDE if place else count) for place, axis in enumerate(axes)]
            inputs[value.name] = random.integers(0, 256, shape, np.uint8)
    return inputs


def _trial(kept: Mapping[str, Any]) -> Trial:
    return Trial(
        str(kept["engine"]),
        str(kept["precision"]),
        {str(name): float(ratio) for name, ratio in kept["ratios"].items()},
        {str(name): float(difference) for name, difference in kept["differences"].items()},
        str(kept["conditions"]),
    )
