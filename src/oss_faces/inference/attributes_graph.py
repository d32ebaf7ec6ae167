"""Arrange the attribute network for the engines: a pure function from bytes to bytes.

The engines' kernels for whole numbers are not made for three channels. Pixels lie side by side, so four of them can be
called one pixel of twelve channels without moving a byte. Figures: docs/decisions/0106-attributes-in-groups.md.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, helper, numpy_helper

from oss_faces.errors import ModelUnavailable

_COLOURS: Final = 3
_KERNEL: Final = 3
# Pixels that become one, and the columns of the first map that a step over them makes.
_GROUP: Final = 4
_COLUMNS: Final = 2


def prepare_attributes(original: bytes) -> bytes:
    """Let the first convolution read groups of pixels and write pairs of columns, which the second one reads.

    Both sum the same products of the same whole numbers. Only the mean of the first map is rounded otherwise, once for
    each column of the pairs: sharpness and quality change by about a thousandth.

    Args:
        original: the file that `training.export` writes; its first two convolutions, 3 x 3, halve the size.

    Returns:
        A network with the same inputs and outputs.

    Raises:
        ModelUnavailable: it is of another form.
    """
    model = onnx.load_from_string(original)
    try:
        _arrange(_Graph(model.graph))
    except (StopIteration, IndexError, ValueError) as exc:
        raise ModelUnavailable("The attribute network is of another form than training writes it.") from exc
    del model.graph.value_info[:]
    content: bytes = model.SerializeToString()
    return content


def _arrange(graph: "_Graph") -> None:
    """Change a graph.

    Raises:
        StopIteration, IndexError, ValueError: it is of another form.
    """
    first, second = graph.halving()
    _weigh_columns(graph, second.input[0], len(graph.array(graph.maker(first.input[1]).input[0])))
    _read_groups(graph, first)
    _read_pairs(graph, second)
    _state_whole(graph, first)


class _Graph:
    """A graph that is changed in place."""

    def __init__(self, proto: GraphProto) -> None:
        self._proto = proto

    def halving(self) -> tuple[NodeProto, NodeProto]:
        """Find the first two convolutions, 3 x 3, which step by two and have a margin of one."""
        first, second = [node for node in self._proto.node if node.op_type == "Conv"][:2]
        for node in (first, second):
            stated = {attribute.name: list(attribute.ints) for attribute in node.attribute}
            if [stated.get(name) for name in ("kernel_shape", "strides", "pads")] != [[_KERNEL] * 2, [2, 2], [1] * 4]:
                raise ValueError("they do not halve the size")
        if self.user(first.output[0], "Conv") is not second:
            raise ValueError("the second one does not follow the first one")
        return first, second

    def maker(self, name: str) -> NodeProto:
        """Find the node that makes a tensor."""
        made: NodeProto = next(node for node in self._proto.node if name in node.output)
        return made

    def user(self, name: str, kind: str) -> NodeProto:
        """Find the node of a kind that a tensor goes to, past those that round it."""
        users = self.users(name)
        found = [node for node in users if node.op_type == kind]
        return found[0] if found else self.user(users[0].output[0], kind)

    def users(self, name: str) -> list[NodeProto]:
        return [node for node in self._proto.node if name in node.input]

    def array(self, name: str) -> NDArray[Any]:
        return numpy_helper.to_array(self._constant(name))

    def change(self, name: str, change: Callable[[NDArray[Any]], NDArray[Any]]) -> None:
        """Give a constant the array that a function makes of its own."""
        self._constant(name).CopyFrom(numpy_helper.from_array(change(self.array(name)), name))

    def add_shape(self, name: str, *shape: int) -> str:
        self._proto.initializer.append(numpy_helper.from_array(np.array(shape, np.int64), name))
        return name

    def insert(self, before: NodeProto, *nodes: NodeProto) -> None:
        place = list(self._proto.node).index(before)
        for node in reversed(nodes):
            self._proto.node.insert(place, node)

    def _constant(self, name: str) -> onnx.TensorProto:
        kept: onnx.TensorProto = next(tensor for tensor in self._proto.initializer if tensor.name == name)
        return kept


def _read_groups(graph: _Graph, first: NodeProto) -> None:
    """Let the first convolution read four pixels as one, and answer for both columns that begin among them."""
    planes = graph.maker(graph.maker(first.input[0]).input[0])
    groups = graph.add_shape("pixel_group", 0, 0, -1, _GROUP * _COLOURS)
    source = planes.input[0]
    planes.input[0] = "pixel_groups"
    graph.insert(planes, helper.make_node("Reshape", [source, groups], ["pixel_groups"]))
    weights, *steps = graph.maker(first.input[1]).input
    graph.change(weights, _over_groups)
    for name in (*steps, *graph.maker(first.input[2]).input):
        graph.change(name, lambda one: np.tile(one, _COLUMNS))
    _step_over_pairs(first)


def _over_groups(weights: NDArray[Any]) -> NDArray[Any]:
    """Spread (O, 3, 3, 3) over the group before and the group itself: (2 O, 12, 3, 2)."""
    count = len(weights)
    spread = np.zeros((_COLUMNS, count, _GROUP, _COLOURS, _KERNEL, 2), weights.dtype)
    for column in range(_COLUMNS):
        for place in range(_KERNEL):
            group, pixel = divmod(_GROUP + 2 * column - 1 + place, _GROUP)
            spread[column, :, pixel, :, :, group] = weights[:, :, :, place]
    return spread.reshape(_COLUMNS * count, _GROUP * _COLOURS, _KERNEL, 2)


def _read_pairs(graph: _Graph, second: NodeProto) -> None:
    """Let the second convolution read pairs of columns: of the pair before, the second one only."""

    def over_pairs(weights: NDArray[Any]) -> NDArray[Any]:
        before = [np.zeros_like(weights[..., 0]), weights[..., 0]]
        own = [weights[..., 1], weights[..., 2]]
        return np.stack([np.concatenate(before, axis=1), np.concatenate(own, axis=1)], axis=-1)

    graph.change(graph.maker(second.input[1]).input[0], over_pairs)
    _step_over_pairs(second)


def _weigh_columns(graph: _Graph, map_: str, channels: int) -> None:
    """Let who reads the mean over the map, of which each channel comes twice now, give half the weight to each.

    Taking the mean of the two would be simpler; OpenVINO 2026.4 then gives numbers that have nothing to do with it.
    """
    flat = graph.user(graph.user(map_, "GlobalAveragePool").output[0], "Flatten")
    means = graph.user(flat.output[0], "Concat")
    if means.input[0] != flat.output[0]:
        raise ValueError("these means do not come first")

    def over_columns(weights: NDArray[Any]) -> NDArray[Any]:
        half = (weights[:, :channels] / _COLUMNS).astype(weights.dtype)
        return np.concatenate([*[half] * _COLUMNS, weights[:, channels:]], axis=1)

    for reader in graph.users(means.output[0]):
        # Kept in 16 bits, and cast.
        graph.change(graph.maker(reader.input[1]).input[0], over_columns)


def _state_whole(graph: _Graph, first: NodeProto) -> None:
    """Round the pixels, which are whole already: OpenVINO multiplies whole numbers only behind a node that rounds.

    ONNX Runtime finds that the two nodes do nothing, and leaves them out.
    """
    pixels = graph.maker(first.input[0])
    _, *steps = pixels.input
    graph.insert(
        first,
        helper.make_node("QuantizeLinear", [pixels.output[0], *steps], ["pixels_rounded"]),
        helper.make_node("DequantizeLinear", ["pixels_rounded", *steps], ["pixels_restored"]),
    )
    first.input[0] = "pixels_restored"


def _step_over_pairs(node: NodeProto) -> None:
    """The same, where two columns are one: it sees the pair before and the pair, and steps by one."""
    del node.attribute[:]
    stated = {"kernel_shape": [_KERNEL, 2], "strides": [2, 1], "pads": [1, 1, 0, 0]}
    node.attribute.extend(helper.make_attribute(name, value) for name, value in stated.items())
