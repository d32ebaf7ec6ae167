"""From the exported file back to a network that can be trained further: for whoever has the file and no checkpoint."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from training.network import AttributeNetwork

_PREFIX: Final = "network.network."
# Taught for the sake of the trunk and never exported: these begin anew.
_NOT_IN_FILE: Final = ("heads.celeba", "heads.points", "detail_heads.clarity")


def recover(content: bytes, crops: NDArray[np.uint8]) -> AttributeNetwork:
    """Read the weights of an exported network.

    They come back as exactly as whole numbers of seven bits say them. The normalisations, which export folds into the
    convolutions, are unfolded so that each does to these crops what the convolution alone does in the file.

    Args:
        content: `attributes.onnx`.
        crops: (N, 112, 112, 3) uint8, some hundred, by which the normalisations are set.

    Raises:
        ValueError: the file holds another network.
    """
    graph = onnx.load_from_string(content).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    network: AttributeNetwork = AttributeNetwork().to(memory_format=torch.channels_last)
    own = dict(network.named_parameters())
    for name, value in own.items():
        if name.startswith(("heads.", "detail", "place")) and not name.startswith(_NOT_IN_FILE):
            value.data.copy_(torch.from_numpy(_exported(arrays, name)))
    folded = list(_convolutions(graph, arrays))
    places = [module for module in network.modules() if isinstance(module, nn.Sequential)]
    if len(folded) != len(places):
        raise ValueError(f"{len(folded)} convolutions in the file, {len(places)} in the network")
    for place, (weight, bias) in zip(places, folded, strict=True):
        place[0].weight.data.copy_(weight)
        place[0].register_forward_hook(_Unfolding(place[1], bias))
    network.eval()
    with torch.no_grad():
        pixels = torch.from_numpy(crops).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
        network(pixels.float() / 127.5 - 1)
    for place in places:
        place[0]._forward_hooks.clear()  # noqa: SLF001  a hook's own handle does no more, and there are thirteen
    return network


class _Unfolding:
    """Sets a normalisation when the convolution before it answers, so that together they add its folded bias only."""

    def __init__(self, normalisation: nn.BatchNorm2d, bias: Tensor) -> None:
        self._normalisation = normalisation
        self._bias = bias

    def __call__(self, _module: nn.Module, _inputs: tuple[Tensor, ...], out: Tensor) -> None:
        to, mean, variance = self._normalisation, out.mean(dim=(0, 2, 3)), out.var(dim=(0, 2, 3), unbiased=False)
        to.running_mean.copy_(mean)
        to.running_var.copy_(variance)
        to.weight.data.copy_((variance + to.eps).sqrt())
        to.bias.data.copy_(self._bias + mean)


def _exported(arrays: dict[str, NDArray[Any]], name: str) -> NDArray[np.float32]:
    """One named weight, whichever of the three forms it is kept in."""
    for kept in (_PREFIX + name, f"{_PREFIX}{name}.half"):
        if kept in arrays:
            return arrays[kept].astype(np.float32)
    return _whole(arrays, _PREFIX + name)


def _convolutions(graph: onnx.GraphProto, arrays: dict[str, NDArray[Any]]) -> Iterator[tuple[Tensor, Tensor]]:
    """Weight and bias of every convolution that had a normalisation, from the first layer to the last."""
    made_by = {output: node for node in graph.node for output in node.output}
    for node in graph.node:
        if node.op_type == "Conv" and not node.input[1].startswith(_PREFIX):
            weight, bias = (made_by[name].input[0].removesuffix("_quantized") for name in node.input[1:3])
            yield torch.from_numpy(_whole(arrays, weight)), torch.from_numpy(_whole(arrays, bias))


def _whole(arrays: dict[str, NDArray[Any]], name: str) -> NDArray[np.float32]:
    """Turn whole numbers back: weights have a scale for each output channel, and zero at 0."""
    whole = arrays[f"{name}_quantized"].astype(np.float32)
    scale = next(arrays[kept] for kept in (f"{name}_scale", f"{name}_quantized_scale") if kept in arrays)
    return np.asarray(whole * scale.reshape(-1, *[1] * (whole.ndim - 1)), np.float32)


__all__ = ["recover"]
