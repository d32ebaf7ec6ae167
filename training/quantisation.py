"""Convolutions in whole numbers: half the time of a face, a third of the file."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime.quantization.calibrate import CalibrationDataReader
from onnxruntime.quantization.quant_utils import QuantFormat, QuantType
from onnxruntime.quantization.quantize import quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from oss_faces.analysis.reading import INPUT

BATCH: Final = 16
IN_WHOLE_NUMBERS: Final = frozenset(("Conv", "Add", "GlobalAveragePool", "Relu"))
# What the network is taught on is (pixel - 127.5) / 127.5; half a grey level beside it is the nearest whole number.
PIXEL_SCALE: Final = 1 / 127.5
PIXEL_ZERO: Final = 128


class _Crops(CalibrationDataReader):
    """Gives the crops in batches."""

    def __init__(self, crops: NDArray[np.uint8]) -> None:
        self._batches: Iterator[dict[str, NDArray[np.uint8]]] = (
            {INPUT: crops[begin : begin + BATCH]} for begin in range(0, len(crops), BATCH)
        )

    def get_next(self) -> Any:
        """Give the next batch, or `None`."""
        return next(self._batches, None)


def quantise(model: onnx.ModelProto, crops: NDArray[np.uint8]) -> onnx.ModelProto:
    """Turn the convolutions into whole numbers.

    Args:
        crops: (N, 112, 112, 3) uint8, by which the ranges are chosen.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain, merged, whole = (Path(folder) / file for file in ("plain.onnx", "merged.onnx", "whole.onnx"))
        onnx.save(model, plain)
        quant_pre_process(str(plain), str(merged), skip_symbolic_shape=True)
        quantize_static(
            str(merged),
            str(whole),
            _Crops(crops),
            quant_format=QuantFormat.QDQ,
            nodes_to_quantize=_trunk(merged),
            per_channel=True,
            # Seven bits: processors without instructions for neural networks would overflow with eight.
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        out = onnx.load(str(whole))
    _feed_pixels(out.graph)
    onnx.checker.check_model(out)
    return out


def _trunk(file: Path) -> list[str]:
    """Names of the nodes from the first convolution to the last pooling: what comes after is small, and exact."""
    nodes = list(onnx.load(str(file)).graph.node)
    last = max(place for place, node in enumerate(nodes) if node.op_type in ("Conv", "GlobalAveragePool"))
    return [node.name for node in nodes[: last + 1] if node.op_type in IN_WHOLE_NUMBERS]


def _feed_pixels(graph: onnx.GraphProto) -> None:
    """Hand the pixels, which are whole numbers already, to the first convolution as they are."""
    made_by = {output: node for node in graph.node for output in node.output}
    first = next(node for node in graph.node if node.op_type == "Conv")
    numbers = made_by[first.input[0]]
    assert numbers.op_type == "DequantizeLinear", "the first convolution is not in whole numbers"
    source = made_by[made_by[numbers.input[0]].input[0]]
    dropped = [made_by[numbers.input[0]]]
    while source.op_type != "Cast":
        dropped.append(source)
        source = made_by[source.input[0]]
    dropped.append(source)
    graph.initializer.append(numpy_helper.from_array(np.array(PIXEL_SCALE, np.float32), "pixel_scale"))
    graph.initializer.append(numpy_helper.from_array(np.array(PIXEL_ZERO, np.uint8), "pixel_zero"))
    pixels = helper.make_node(
        "DequantizeLinear", [source.input[0], "pixel_scale", "pixel_zero"], [numbers.output[0]], name="pixels"
    )
    place = list(graph.node).index(numbers)
    for node in (numbers, *dropped):
        graph.node.remove(node)
    graph.node.insert(min(place, len(graph.node)) - len(dropped), pixels)
