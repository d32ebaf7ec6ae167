"""What each engine and precision takes of the processor, against ONNX Runtime in 32 bits."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from benchmarks.pictures import SIZES, portrait_jpeg
from benchmarks.sides import ratio_row, time_in_turn
from evaluation.rows import Row
from oss_faces import load_pipeline
from oss_faces.config import Settings
from oss_faces.inference import (
    BFLOAT16,
    CENTERFACE,
    CHIPS,
    DLIB_RECOGNITION,
    FLOAT32,
    INT8,
    InferenceSettings,
    ModelSettings,
    OnnxSession,
    OpenVinoSession,
    Session,
    centerface_ranges,
    native_bfloat16,
    prepare_centerface,
    prepare_dlib_recognition,
    prepare_scout,
    read_model,
    scout_spec,
)

WHAT: Final = "engines"
ROUNDS: Final = 15
PLAIN: Final = "onnxruntime"
_CHIP_SIDE: Final = 150
_SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Network:
    """A network, and what it is asked: shapes without the batch, by the name of the row."""

    model: bytes
    whole: bytes | None
    input: str
    shapes: Mapping[str, tuple[int, int]]


def measure(rounds: int = ROUNDS) -> Iterator[Row]:
    """Compare on single networks, and on a whole picture; without bfloat16 where the processor has none."""
    has_bfloat16 = bool(native_bfloat16())
    for network in _networks():
        sides = _sessions(network, has_bfloat16)
        for name, shape in network.shapes.items():
            noise = np.random.default_rng(_SEED).integers(0, 256, (1, *shape, 3), np.uint8)
            works = {side: partial(session.run, {network.input: noise}) for side, session in sides.items()}
            yield from compare(name, works, rounds)
    content = portrait_jpeg(SIZES["2mp"])
    settings = {
        PLAIN: InferenceSettings(),
        "onnxruntime_int8": InferenceSettings(precision=INT8),
        "openvino": InferenceSettings("openvino"),
    }
    if has_bfloat16:
        settings["openvino_bfloat16"] = InferenceSettings("openvino", precision=BFLOAT16)
    lines = {side: load_pipeline(Settings(inference=one)) for side, one in settings.items()}
    yield from compare(
        "portrait_2mp", {side: partial(line.find_faces, content) for side, line in lines.items()}, rounds
    )


def compare(of: str, works: Mapping[str, Callable[[], object]], rounds: int) -> Iterator[Row]:
    """Give the processor time of every side over that of the first, which is `PLAIN`."""
    plain, *others = time_in_turn(list(works.values()), rounds)
    for name, seconds in zip(list(works)[1:], others, strict=True):
        yield ratio_row(WHAT, of, f"{name}_over_{PLAIN}", seconds, plain)


def _networks() -> Iterator[Network]:
    settings = ModelSettings()
    centerface = read_model(CENTERFACE, settings)
    whole = prepare_centerface(centerface, centerface_ranges(CENTERFACE.sha256))
    sides = ((640, 640), (640, 480), (256, 256), (192, 192))
    shapes = {f"centerface_{width}x{height}": (height, width) for width, height in sides}
    yield Network(prepare_centerface(centerface, {}), whole, "image", shapes)
    scout = prepare_scout(read_model(scout_spec(settings), settings))
    yield Network(scout, None, "image", {"scout_1440x1080": (1080, 1440)})
    recognition = prepare_dlib_recognition(read_model(DLIB_RECOGNITION, settings))
    yield Network(recognition, None, CHIPS, {"recognition_face": (_CHIP_SIDE, _CHIP_SIDE)})


def _sessions(network: Network, has_bfloat16: bool) -> dict[str, Session]:
    sessions: dict[str, Session] = {PLAIN: OnnxSession(network.model)}
    if network.whole is not None:
        sessions["onnxruntime_int8"] = OnnxSession(network.whole)
    sessions["openvino"] = OpenVinoSession(network.model, precision=FLOAT32)
    if has_bfloat16:
        sessions["openvino_bfloat16"] = OpenVinoSession(network.model, precision=BFLOAT16)
    return sessions
