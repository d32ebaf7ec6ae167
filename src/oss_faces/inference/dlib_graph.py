"""Turn dlib's face recognition network into an ONNX graph: a pure function from bytes to bytes.

Where two maps of unlike size are added, dlib reads zeros where the smaller one has nothing: missing channels are zero
at the end, rows at the bottom, columns at the right. The graph says so with `Pad`.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from oss_faces.inference.base import CHIPS
from oss_faces.inference.dlib_file import (
    AddBlockInput,
    Convolution,
    DlibNetwork,
    Layer,
    Matrix,
    Pooling,
    Rectify,
    Scaling,
    read_dlib_network,
)

VECTORS: Final = "vectors"
_OPSET: Final = 17
_IR_VERSION: Final = 8
_DIVISOR: Final = 256.0
Shape = tuple[int, int, int]


def prepare_dlib_recognition(original: bytes) -> bytes:
    """Make dlib's face recognition network an ONNX file that takes plain bytes.

    Args:
        original: `dlib_face_recognition_resnet_model_v1.dat`, checked by hash before.

    Returns:
        An ONNX file with input `chips` (N, 150, 150, 3) uint8 RGB and output `vectors` (N, 128) float32, of a length
        of about 1.3 to 1.5 as dlib gives them.
    """
    network = read_dlib_network(original)
    return _Builder(network).build()


class _Builder:
    """Walks over the layers once and remembers which map it stands at."""

    def __init__(self, network: DlibNetwork) -> None:
        self._network = network
        self._nodes: list[NodeProto] = []
        self._weights: list[TensorProto] = []
        self._main, self._shape = "planes", (3, network.side, network.side)
        # What went into the block at hand; a pooling inside a block works on it and not on the main line.
        self._skip: tuple[str, Shape] | None = None

    def build(self) -> bytes:
        side = self._network.side
        self._nodes.append(helper.make_node("Cast", [CHIPS], ["chips_float"], to=TensorProto.FLOAT))
        self._nodes.append(helper.make_node("Transpose", ["chips_float"], [self._main], perm=[0, 3, 1, 2]))
        layers = list(self._network.layers)
        while layers:
            self._add_next(layers)
        vectors = [helper.make_tensor_value_info(VECTORS, TensorProto.FLOAT, ["count", 128])]
        chips = [helper.make_tensor_value_info(CHIPS, TensorProto.UINT8, ["count", side, side, 3])]
        graph = helper.make_graph(self._nodes, "dlib_recognition", chips, vectors, self._weights)
        opsets = [helper.make_opsetid("", _OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
        serialised: bytes = model.SerializeToString()
        return serialised

    def _add_next(self, layers: list[Layer]) -> None:
        match layers.pop(0):
            case Convolution() as convolution:
                scaling = layers.pop(0)
                assert isinstance(scaling, Scaling), "every convolution is scaled"
                self._convolve(convolution, scaling)
            case Pooling(size=0):
                self._node("GlobalAveragePool", [self._main])
                self._node("Flatten", [self._main])
            case Pooling() as pooling:
                self._pool(pooling)
            case AddBlockInput():
                self._add_block_input()
            case Rectify():
                self._node("Relu", [self._main])
                if self._at_block_start(layers):
                    self._skip = (self._main, self._shape)
            case Matrix(weights=weights):
                self._node("MatMul", [self._main, self._weight(weights)], output=VECTORS)
            case Scaling():
                raise AssertionError("a scaling follows a convolution")

    @staticmethod
    def _at_block_start(layers: list[Layer]) -> bool:
        """After the last step of the stem or of a block: the next layer that is not a scaling decides."""
        upcoming = [type(layer) for layer in layers[:4]]
        return upcoming == [Convolution, Scaling, Rectify, Convolution]

    def _convolve(self, convolution: Convolution, scaling: Scaling) -> None:
        weights, bias = convolution.weights.astype(np.float64), convolution.bias.astype(np.float64)
        if self._main == "planes":
            # Means and division go into the first weights; exact, as this layer has no margin.
            assert convolution.padding == 0, "a margin of zeros would not be a margin of means"
            weights = weights / _DIVISOR
            bias = bias - np.einsum("oihw,i->o", weights, np.array(self._network.means))
        weights = weights * scaling.factor[:, None, None, None]
        bias = bias * scaling.factor + scaling.offset
        out, _channels, size, _size = weights.shape
        self._node(
            "Conv",
            [self._main, self._weight(weights), self._weight(bias)],
            kernel_shape=[size, size],
            strides=[convolution.stride] * 2,
            pads=[convolution.padding] * 4,
        )
        rows, columns = (
            (length + 2 * convolution.padding - size) // convolution.stride + 1 for length in self._shape[1:]
        )
        self._shape = (out, rows, columns)

    def _pool(self, pooling: Pooling) -> None:
        window: dict[str, Any] = {"kernel_shape": [pooling.size] * 2, "strides": [pooling.stride] * 2}
        if pooling.largest:
            self._node("MaxPool", [self._main], **window)
            self._shape = _pooled(self._shape, pooling)
            self._skip = (self._main, self._shape)
            return
        assert self._skip is not None, "a mean is taken inside a block"
        name, shape = self._skip
        output = self._name("AveragePool")
        self._nodes.append(helper.make_node("AveragePool", [name], [output], **window))
        self._skip = (output, _pooled(shape, pooling))

    def _add_block_input(self) -> None:
        assert self._skip is not None, "a block has an input"
        name, shape = self._skip
        common = (
            max(shape[0], self._shape[0]),
            max(shape[1], self._shape[1]),
            max(shape[2], self._shape[2]),
        )
        self._node("Add", [self._padded(self._main, self._shape, common), self._padded(name, shape, common)])
        self._shape, self._skip = common, None

    def _padded(self, name: str, shape: Shape, wanted: Shape) -> str:
        if shape == wanted:
            return name
        missing = [wanted[axis] - shape[axis] for axis in range(3)]
        pads = self._weight(np.array([0, 0, 0, 0, 0, *missing], np.int64))
        output = self._name("Pad")
        self._nodes.append(helper.make_node("Pad", [name, pads], [output]))
        return output

    def _node(self, kind: str, inputs: list[str], *, output: str = "", **attributes: Any) -> None:
        self._main = output or self._name(kind)
        self._nodes.append(helper.make_node(kind, inputs, [self._main], **attributes))

    def _name(self, kind: str) -> str:
        return f"{kind.lower()}_{len(self._nodes)}"

    def _weight(self, numbers: NDArray[np.float64] | NDArray[np.float32] | NDArray[np.int64]) -> str:
        name = f"weight_{len(self._weights)}"
        stored = numbers if numbers.dtype == np.int64 else numbers.astype(np.float32)
        self._weights.append(numpy_helper.from_array(stored, name))
        return name


def _pooled(shape: Shape, pooling: Pooling) -> Shape:
    channels, rows, columns = shape
    return channels, (rows - pooling.size) // pooling.stride + 1, (columns - pooling.size) // pooling.stride + 1
