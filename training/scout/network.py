"""The scout's network, its training, and its way into ONNX."""

from typing import Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from tqdm import tqdm

from training.scout.scenes import SceneMaker
from training.scout.settings import ScoutSettings

# Pixels are centred on the grey that zero padding then stands for, and scaled to about one.
_GREY: Final = 128.0
_SPREAD: Final = 64.0
_STRIDES: Final = (2, 2, 2, 1)
# A face is rare: at the start every cell says so.
_FIRST_LOGIT: Final = -4.0


class ScoutNetwork(nn.Module):  # type: ignore[misc]  # torch is absent where types are checked
    """Four convolutions at a stride of 8, and one logit a cell."""

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        layers = []
        for before, after, stride in zip((3, *channels[:-1]), channels, _STRIDES, strict=True):
            convolution = nn.Conv2d(before, after, 3, stride, 1, bias=False)
            layers.append(nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU()))
        self.body = nn.Sequential(*layers)
        self.head = nn.Conv2d(channels[-1], 1, 1)
        nn.init.constant_(self.head.bias, _FIRST_LOGIT)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Logits (B, H/8, W/8) of pixels (B, 3, H, W) float, 0..255."""
        logits: torch.Tensor = self.head(self.body((pixels - _GREY) / _SPREAD))[:, 0]
        return logits


def train(network: ScoutNetwork, scenes: SceneMaker, settings: ScoutSettings) -> None:
    """Train in place, on scenes that are never seen twice."""
    optimiser = torch.optim.AdamW(network.parameters(), settings.rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.rate, total_steps=settings.steps)
    bar = tqdm(range(settings.steps), "scout", unit="batch")
    for _ in bar:
        batch = [scenes.make() for _ in range(settings.batch)]
        pixels = torch.from_numpy(np.stack([scene.pixels for scene in batch])).permute(0, 3, 1, 2).float()
        wanted = torch.from_numpy(np.stack([scene.wanted for scene in batch]))
        weights = torch.from_numpy(np.stack([scene.weights for scene in batch]))
        loss = focal_loss(network(pixels), wanted, weights, settings)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)


def focal_loss(
    logits: torch.Tensor, wanted: torch.Tensor, weights: torch.Tensor, settings: ScoutSettings
) -> torch.Tensor:
    """Cross entropy in which cells that are already right hardly count, a mean over the faces.

    Source: Lin et al. 2017, "Focal loss for dense object detection", equation 5.
    """
    right = torch.where(wanted > 0, torch.sigmoid(logits), torch.sigmoid(-logits)).clamp(1e-6, 1)
    importance = torch.where(wanted > 0, settings.face_weight, 1.0) * weights
    return -(importance * (1 - right) ** settings.focus * torch.log(right)).sum() / (wanted.sum() + 1)


def export(network: ScoutNetwork) -> bytes:
    """Write the network as ONNX, from (1, H, W, 3) uint8 to (1, H/8, W/8) probabilities, norms folded in."""
    nodes = [
        helper.make_node("Cast", ["image"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["float"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Sub", ["planes", "grey"], ["layer0"]),
    ]
    tensors = [_tensor("grey", np.array(_GREY, np.float32)), _tensor("channel", np.array([1], np.int64))]
    for place, stride in enumerate(_STRIDES):
        weight, bias = _folded(network.body[place], 1 / _SPREAD if place == 0 else 1.0)
        tensors += [_tensor(f"weight{place}", weight), _tensor(f"bias{place}", bias)]
        names = [f"layer{place}", f"weight{place}", f"bias{place}"]
        nodes += [
            helper.make_node("Conv", names, [f"sum{place}"], strides=[stride, stride], pads=[1, 1, 1, 1]),
            helper.make_node("Relu", [f"sum{place}"], [f"layer{place + 1}"]),
        ]
    tensors.append(_tensor("head_weight", network.head.weight.detach().numpy()))
    tensors.append(_tensor("head_bias", network.head.bias.detach().numpy()))
    nodes += [
        helper.make_node("Conv", [f"layer{len(_STRIDES)}", "head_weight", "head_bias"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["probability"]),
        helper.make_node("Squeeze", ["probability", "channel"], ["heat"]),
    ]
    pixels = helper.make_tensor_value_info("image", TensorProto.UINT8, [1, "height", "width", 3])
    heat = helper.make_tensor_value_info("heat", TensorProto.FLOAT, [1, "rows", "columns"])
    graph = helper.make_graph(nodes, "scout", [pixels], [heat], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def _folded(layer: nn.Module, gain: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weight and bias of a convolution with the norm behind it; `gain` is applied to its input."""
    assert isinstance(layer, nn.Sequential), "every layer is convolution, norm, activation"
    state = {name: value.numpy() for name, value in layer.state_dict().items()}
    norm = layer[1]
    assert isinstance(norm, nn.BatchNorm2d), "every layer is convolution, norm, activation"
    scale = state["1.weight"] / np.sqrt(state["1.running_var"] + norm.eps)
    weight = state["0.weight"] * scale[:, None, None, None] * np.float32(gain)
    bias = state["1.bias"] - state["1.running_mean"] * scale
    return weight.astype(np.float32), bias.astype(np.float32)


def _tensor(name: str, values: NDArray[np.float32] | NDArray[np.int64]) -> onnx.TensorProto:
    return numpy_helper.from_array(values, name)
