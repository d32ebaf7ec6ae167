"""Convolutions in whole numbers, from a network and the ranges that its values take.

The ranges were measured over pictures and are committed; the weights are rounded here. Both go in as pairs of
`QuantizeLinear` and `DequantizeLinear`, which every engine knows how to turn into integer kernels of its own. Nothing
here depends on anything but the arguments, so the same origin gives the same network to the byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

# Seven bits for weights: processors that add pairs of products in 16 bits would overflow with eight.
_WEIGHT_MAX: Final = 63
_STEPS: Final = 255


@dataclass(frozen=True, slots=True)
class Steps:
    """How a tensor becomes bytes: `value = (byte - zero) * scale`."""

    scale: float
    zero: int

    @staticmethod
    def spanning(low: float, high: float) -> "Steps":
        """Span a range of values, what lies beyond it is clipped. 0 is met exactly: margins are zeros."""
        low, high = min(low, 0.0), max(high, 0.0)
        scale = float(np.float32((high - low) / _STEPS)) or 1.0
        return Steps(scale, int(np.clip(np.round(-low / scale), 0, _STEPS)))


def quantise(graph: GraphProto, steps: Mapping[str, Steps]) -> None:
    """Turn tensors into bytes, and let every convolution between two such tensors work in whole numbers.

    Args:
        graph: changed in place; its convolutions have weights and a bias among the initialisers. The first of those
            that change is not the first of the network.
        steps: of the tensors that become bytes. Where a rectifier follows a convolution, it is the tensor behind it.
    """
    weights = {tensor.name: tensor for tensor in graph.initializer}
    rectified = {node.input[0]: node.output[0] for node in graph.node if node.op_type == "Relu"}
    writer = _Writer()
    for node in graph.node:
        source, output = node.input[0], node.output[0]
        for place, name in enumerate(node.input):
            if name in steps:
                node.input[place] = _restored(name)
        if node.op_type == "Conv" and source in steps and rectified.get(output, output) in steps:
            writer.round_weights(node, weights, steps[source])
        writer.nodes.append(node)
        if output in steps:
            writer.round_tensor(output, steps[output])
    del graph.node[:]
    graph.node.extend(writer.nodes)
    graph.initializer.extend(writer.tensors)


def _restored(name: str) -> str:
    return f"{name}_restored"


class _Writer:
    """Collects the nodes and the constants of the new graph."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.tensors: list[TensorProto] = []

    def round_tensor(self, name: str, steps: Steps) -> None:
        how = [
            self._constant(f"{name}_scale", np.array(steps.scale, np.float32)),
            self._constant(f"{name}_zero", np.array(steps.zero, np.uint8)),
        ]
        self.nodes.append(helper.make_node("QuantizeLinear", [name, *how], [f"{name}_bytes"]))
        self.nodes.append(helper.make_node("DequantizeLinear", [f"{name}_bytes", *how], [_restored(name)]))

    def round_weights(self, node: NodeProto, weights: Mapping[str, TensorProto], source: Steps) -> None:
        """Round each output channel to steps of its own, and the bias to products of steps."""
        values = numpy_helper.to_array(weights[node.input[1]]).astype(np.float64)
        bias = numpy_helper.to_array(weights[node.input[2]]).astype(np.float64)
        largest = np.abs(values).reshape(len(values), -1).max(axis=1)
        scales = np.where(largest > 0, largest / _WEIGHT_MAX, 1.0).astype(np.float32)
        rounded = np.round(values / scales.reshape(-1, 1, 1, 1)).astype(np.int8)
        products = (np.float32(source.scale) * scales).astype(np.float32)
        node.input[1] = self._dequantised(f"{node.output[0]}_weights", rounded, scales)
        steps = np.round(bias / products).astype(np.int32)
        node.input[2] = self._dequantised(f"{node.output[0]}_bias", steps, products)

    def _dequantised(self, name: str, numbers: NDArray[Any], scales: NDArray[np.float32]) -> str:
        parts = [
            self._constant(f"{name}_whole", numbers),
            self._constant(f"{name}_scale", scales),
            self._constant(f"{name}_zero", np.zeros(len(scales), numbers.dtype)),
        ]
        self.nodes.append(helper.make_node("DequantizeLinear", parts, [name], axis=0))
        return name

    def _constant(self, name: str, numbers: NDArray[Any]) -> str:
        self.tensors.append(numpy_helper.from_array(numbers, name))
        return name
