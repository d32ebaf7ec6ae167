"""From the trained network to the one ONNX file that the package carries, and the JSON card beside it."""

import hashlib
import io
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from oss_faces.analysis.crops import CROP_SIDE
from oss_faces.analysis.reading import EMOTIONS, GLASSES, INPUT
from oss_faces.inference.session import OnnxSession
from training.calibration import Calibration
from training.losses import BINARY_HEADS, POSE_UNIT_DEG, expected_age
from training.network import WholeNetwork
from training.quantisation import quantise
from training.settings import SOURCES

OPSET: Final = 17
# Smaller tensors stay float32: they save nothing, and biases are the ones that rounding hurts.
HALVED_VALUES_MIN: Final = 256
AGREEMENT: Final = 0.12
OUTPUT_SIZES: Final = {
    "gender": 1,
    "age": 2,
    "emotion": 7,
    "mouth": 1,
    "beard": 1,
    "hat": 1,
    "mask": 1,
    "glasses": 3,
    "attractive": 1,
    "pose": 3,
    "sharpness": 1,
    "quality": 1,
}
OUTPUT_TEXT: Final = (
    "gender (B, 1) probability of male; age (B, 2) mean and sd in years; emotion (B, 7) probabilities of "
    f"{', '.join(EMOTIONS)}; mouth, beard, hat, mask (B, 1) probabilities of open, beard, hat, mask; glasses (B, 3) "
    f"probabilities of {', '.join(GLASSES)}; attractive (B, 1) 0..1; pose (B, 3) pitch, yaw and roll against the crop "
    "in degrees; sharpness, quality (B, 1) 0..1"
)


class ServedNetwork(nn.Module):  # type: ignore[misc]  # torch is absent where types are checked
    """The network as it is served: bytes in, calibrated numbers out."""

    def __init__(self, network: WholeNetwork, calibration: Calibration) -> None:
        super().__init__()
        self.network = network
        self.calibration = calibration

    def forward(self, crops: Tensor) -> tuple[Tensor, ...]:
        """(B, 112, 112, 3) uint8 RGB to one tensor per name of `OUTPUT_SIZES`."""
        fitted = self.calibration
        raw = self.network(crops.permute(0, 3, 1, 2).float() / 127.5 - 1)
        out = {
            name: torch.sigmoid(raw[name] * fitted.binary[name][0] + fitted.binary[name][1]) for name in BINARY_HEADS
        }
        mean, sd = expected_age(raw["age"])
        out["age"] = torch.stack([mean, sd * fitted.age_sd[0] + fitted.age_sd[1]], dim=1)
        out["emotion"] = (raw["emotion"] * fitted.emotion).softmax(dim=1)
        out["glasses"] = (raw["glasses"] * fitted.glasses).softmax(dim=1)
        rating = raw["attractive"] * fitted.attractive[0] + fitted.attractive[1]
        out["attractive"] = rating.clamp(0, 1)
        out["pose"] = raw["pose"] * POSE_UNIT_DEG
        out["sharpness"] = torch.sigmoid(raw["sharpness"])
        out["quality"] = torch.sigmoid(raw["quality"])
        return tuple(out[name] for name in OUTPUT_SIZES)


def to_onnx(
    network: WholeNetwork, calibration: Calibration, crops: NDArray[np.uint8], agreement: float = AGREEMENT
) -> bytes:
    """Export with free batch size; convolutions and their normalisation are merged, and made whole numbers.

    Args:
        crops: (N, 112, 112, 3) uint8 of all kinds, by which the ranges of whole numbers are chosen.
        agreement: how far whole numbers may blur an answer, as a share of what faces differ by.
    """
    served = ServedNetwork(network.to(memory_format=torch.contiguous_format).eval(), calibration).eval()
    example = torch.zeros(2, CROP_SIDE, CROP_SIDE, 3, dtype=torch.uint8)
    file = io.BytesIO()
    with warnings.catch_warnings():
        # The older exporter merges normalisation into the convolutions, which the newer one leaves to the engine.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            served,
            (example,),
            file,
            dynamo=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=list(OUTPUT_SIZES),
            dynamic_axes={name: {0: "batch"} for name in (INPUT, *OUTPUT_SIZES)},
        )
    content = _halve(quantise(onnx.load_from_string(file.getvalue()), crops))
    _check_agreement(served, content, crops, agreement)
    return content


def _halve(model: onnx.ModelProto) -> bytes:
    """Store large weights in 16 bits; a cast brings them back, which the engine does once, at load."""
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < HALVED_VALUES_MIN:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    for place, node in enumerate(casts):
        graph.node.insert(place, node)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def _check_agreement(served: ServedNetwork, content: bytes, crops: NDArray[np.uint8], most: float) -> None:
    """Whole numbers may blur an answer by a small part of what faces differ by, and not more."""
    with torch.no_grad():
        wanted = [part.numpy() for part in served(torch.from_numpy(crops))]
    given = OnnxSession(content).run({INPUT: crops})
    for name, ours, theirs in zip(OUTPUT_SIZES, wanted, given, strict=True):
        blur = float(np.abs(ours - theirs).mean() / ours.std(axis=0).mean())
        print(f"{name}: whole numbers differ by {blur:.3f} of the spread")
        assert blur < most, f"the exported {name} differs"


def write_model(
    folder: Path, content: bytes, calibration: Calibration, version: str, figures: Mapping[str, float]
) -> None:
    """Write the network and its card; the catalogue of the package reads the card."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "attributes.onnx").write_bytes(content)
    sizes = ", ".join(f"{name} (B, {size})" for name, size in OUTPUT_SIZES.items())
    card: dict[str, Any] = {
        "version": version,
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "Apache-2.0 for the code; weights trained on research-only data, see docs/models/attributes.md",
        "input": f"{INPUT}: (B, {CROP_SIDE}, {CROP_SIDE}, 3) uint8 RGB, cut by oss_faces.analysis.crops",
        "output": OUTPUT_TEXT,
        "output_order": sizes,
        "training_sets": list(SOURCES),
        "calibration": calibration.as_json(),
        "calibration_part_figures": {name: round(value, 4) for name, value in figures.items()},
    }
    (folder / "attributes.json").write_text(json.dumps(card, indent=2) + "\n")
