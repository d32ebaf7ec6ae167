"""What a picture costs before any clock runs: bytes that are decoded, multiply-adds of the networks."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import onnx

from benchmarks.pictures import SIZES, portrait_jpeg
from benchmarks.sides import median_row
from evaluation.rows import Row
from oss_faces.decoding import DecodingSettings, decode
from oss_faces.inference import (
    CENTERFACE,
    DLIB_RECOGNITION,
    ModelSettings,
    prepare_centerface,
    prepare_dlib_recognition,
    read_model,
    scout_spec,
)

# Pictures as the networks take them: height, width, channels.
OVERVIEW: Final = (1, 480, 640, 3)
MEGAPIXEL: Final = (1, 1000, 1000, 3)
_MILLION: Final = 1e6
# onnx has no types that say what a graph holds.
_ONNX: Any = onnx


def measure() -> Iterator[Row]:
    """Count, for pictures of each size and for the networks."""
    for name, size in SIZES.items():
        content = portrait_jpeg(size)
        pixels = decode(content, DecodingSettings()).pixels
        yield median_row("cost", f"portrait_{name}", "file", [len(content) / _MILLION], "MB")
        yield median_row("cost", f"portrait_{name}", "decoded", [pixels.nbytes / _MILLION], "MB")
    settings = ModelSettings()
    networks: Mapping[str, tuple[bytes, tuple[int, ...] | None]] = {
        "centerface_640x480": (prepare_centerface(read_model(CENTERFACE, settings), {}), OVERVIEW),
        "scout_megapixel": (read_model(scout_spec(settings), settings), MEGAPIXEL),
        "recognition_face": (prepare_dlib_recognition(read_model(DLIB_RECOGNITION, settings)), None),
    }
    for name, (model, shape) in networks.items():
        yield median_row("cost", name, "multiply_adds", [multiply_adds(model, shape) / _MILLION], "million")


def multiply_adds(model: bytes, shape: tuple[int, ...] | None) -> int:
    """Count the multiply-adds of the convolutions and matrix products of a network.

    Args:
        shape: of its input; `None` takes what the network declares, with one face.
    """
    graph_model = _ONNX.load_model_from_string(model)
    declared = graph_model.graph.input[0].type.tensor_type.shape.dim
    for place, dimension in enumerate(declared):
        if shape is not None and len(shape) == len(declared):
            dimension.dim_value = shape[place]
        elif not dimension.dim_value:
            dimension.dim_value = 1
    # Shapes that were written down stand for another size.
    graph_model.graph.ClearField("value_info")
    for output in graph_model.graph.output:
        output.type.tensor_type.ClearField("shape")
    graph = _ONNX.shape_inference.infer_shapes(graph_model, data_prop=True).graph
    sizes = {
        value.name: [dimension.dim_value for dimension in value.type.tensor_type.shape.dim]
        for value in (*graph.value_info, *graph.output, *graph.input)
    }
    sizes.update({weight.name: list(weight.dims) for weight in graph.initializer})
    return sum(_multiply_adds_of(node, sizes) for node in graph.node)


def _multiply_adds_of(node: Any, sizes: Mapping[str, list[int]]) -> int:
    if node.op_type not in {"Conv", "ConvTranspose", "Gemm", "MatMul"}:
        return 0
    output, weight, given = (sizes.get(name, [0]) for name in (node.output[0], node.input[1], node.input[0]))
    assert all((*output, *weight, *given)), f"every shape around {node.name} follows from that of the input"
    if node.op_type == "Conv":
        return int(np.prod(output) * np.prod(weight[1:]))
    if node.op_type == "ConvTranspose":
        return int(np.prod(given) * np.prod(weight[1:]))
    return int(np.prod(output) * given[-1])
