"""Tiny networks of the ArcFace family, made on the spot: a vector is the mean of each quarter of each colour."""

import hashlib
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

SIDE = 112
DIMENSIONS = 12


def network(
    *, batch: int | str = "n", channels: int = 3, kind: int = TensorProto.FLOAT, constant: bool = False
) -> bytes:
    """Make one; with a fixed batch it can do nothing but that batch, and a constant one sees nothing."""
    shape = numpy_helper.from_array(
        np.array([batch if isinstance(batch, int) else -1, 4 * channels], np.int64), "shape"
    )
    zero = numpy_helper.from_array(np.zeros(1, np.float32), "zero")
    nodes = [
        helper.make_node("AveragePool", ["data"], ["pooled"], kernel_shape=[56, 56], strides=[56, 56]),
        helper.make_node("Reshape", ["pooled", "shape"], ["flat"]),
        helper.make_node("Mul", ["flat", "zero"], ["vector"])
        if constant
        else helper.make_node("Identity", ["flat"], ["vector"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("data", kind, [batch, channels, SIDE, SIDE])],
        [helper.make_tensor_value_info("vector", kind, [batch, 4 * channels])],
        [shape, zero],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


CALIBRATION = """
[calibration]
strangers = [[0.001, 0.2], [0.01, 0.4]]
"""


def write_pack(folder: Path, content: bytes, more: str = CALIBRATION, where: str = 'file = "tiny.onnx"') -> Path:
    """Write a pack as a user would bring it, and return its TOML file."""
    (folder / "tiny.onnx").write_bytes(content)
    file = folder / "tiny.toml"
    file.write_text(
        f'name = "tiny"\nversion = "1"\nlicence = "MIT, by nobody"\nsha256 = "{hashlib.sha256(content).hexdigest()}"\n'
        f"{where}\n{more}"
    )
    return file
