"""Make a recognition network of the ArcFace family take plain bytes: a pure function from bytes to bytes.

These networks are told apart by what they want to be fed with: the order of the colours, what is taken off each value
and what it is divided by. All of it goes into the graph, so that every network behind an embedder is fed alike.
"""

from typing import Final

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import ModelProto, TensorProto, ValueInfoProto, helper, numpy_helper

from oss_faces.errors import ModelUnavailable
from oss_faces.inference.base import CHIPS

_CHANNELS: Final = 3
_PREFIX: Final = "oss_faces_"


def prepare_arcface(original: bytes, side: int, *, is_bgr: bool, mean: float, divisor: float) -> bytes:
    """Give a network of the ArcFace family an input of plain bytes.

    Args:
        original: an ONNX file with one input (N, 3, side, side) float32, N fixed or free, and one output (N, D).
        side: of the chips in pixels.
        is_bgr: whether the network wants blue first.
        mean, divisor: the network is fed with (value - mean) / divisor.

    Returns:
        An ONNX file with input `chips` (N, side, side, 3) uint8 RGB and the network's own output.

    Raises:
        ModelUnavailable: it is no such network; says what is wrong.
    """
    model = _read(original)
    graph = model.graph
    fed = _only_input(model, side)
    numbers = {"mean": np.float32(mean), "divisor": np.float32(divisor), "order": np.array([2, 1, 0], np.int64)}
    for name in numbers if is_bgr else ("mean", "divisor"):
        graph.initializer.append(numpy_helper.from_array(np.asarray(numbers[name]), _PREFIX + name))
    steps = [helper.make_node("Cast", [CHIPS], [_PREFIX + "float"], to=TensorProto.FLOAT)]
    last = _PREFIX + "float"
    if is_bgr:
        steps.append(helper.make_node("Gather", [last, _PREFIX + "order"], [_PREFIX + "bgr"], axis=3))
        last = _PREFIX + "bgr"
    steps += [
        helper.make_node("Sub", [last, _PREFIX + "mean"], [_PREFIX + "centred"]),
        helper.make_node("Div", [_PREFIX + "centred", _PREFIX + "divisor"], [_PREFIX + "scaled"]),
        helper.make_node("Transpose", [_PREFIX + "scaled"], [fed.name], perm=[0, 3, 1, 2]),
    ]
    for place, step in enumerate(steps):
        graph.node.insert(place, step)
    graph.input.remove(fed)
    graph.input.append(helper.make_tensor_value_info(CHIPS, TensorProto.UINT8, ["faces", side, side, _CHANNELS]))
    # Shapes inside were worked out for the batch that the file names; the engine works out its own.
    del graph.value_info[:]
    for output in graph.output:
        output.type.tensor_type.shape.dim[0].dim_param = "faces"
    serialised: bytes = model.SerializeToString()
    return serialised


def _read(original: bytes) -> ModelProto:
    try:
        model = onnx.load_from_string(original)
    except DecodeError as exc:
        raise ModelUnavailable("The file is no ONNX file.") from exc
    if any(tensor.data_location == TensorProto.EXTERNAL for tensor in model.graph.initializer):
        raise ModelUnavailable("The network keeps its weights in another file; only whole networks can be used.")
    return model


def _only_input(model: ModelProto, side: int) -> ValueInfoProto:
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs: list[ValueInfoProto] = [value for value in model.graph.input if value.name not in weights]
    outputs = [_shape(value) for value in model.graph.output]
    wanted = (_CHANNELS, side, side)
    if len(inputs) != 1 or _kind(inputs[0]) != TensorProto.FLOAT or _shape(inputs[0])[1:] != wanted:
        shown = ", ".join(f"{value.name} {_shape(value)}" for value in inputs)
        raise ModelUnavailable(
            f"The network has to take one float32 input (N, {_CHANNELS}, {side}, {side}), not {shown}."
        )
    if len(outputs) != 1 or len(outputs[0]) != len(("faces", "dimensions")):
        raise ModelUnavailable(f"The network has to give one output (N, D), not {outputs}.")
    return inputs[0]


def _kind(value: ValueInfoProto) -> int:
    return int(value.type.tensor_type.elem_type)


def _shape(value: ValueInfoProto) -> tuple[int | str, ...]:
    return tuple(size.dim_param or int(size.dim_value) for size in value.type.tensor_type.shape.dim)
