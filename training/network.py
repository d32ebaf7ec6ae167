"""The analyser's network: one plain 3x3 residual trunk, one linear layer per head."""

import itertools
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS: Final = (32, 64, 128, 192)
STEM_WIDTH: Final = 24
PLACE_CHANNELS: Final = 12
PLACE_FEATURES: Final = 64
DEEP_FEATURES: Final = WIDTHS[3] + PLACE_FEATURES
ALL_FEATURES: Final = STEM_WIDTH + WIDTHS[0] + WIDTHS[1] + DEEP_FEATURES
DETAIL_FEATURES: Final = 48
AGE_BINS: Final = 101
HEADS: Final = {
    "gender": 1,
    "age": AGE_BINS,
    "emotion": 7,
    "mouth": 1,
    "beard": 1,
    "hat": 1,
    "mask": 1,
    "glasses": 3,
    "attractive": 1,
    "pose": 3,
}
# Learnt for what they teach the trunk, and left out of the exported file.
AUXILIARY_HEADS: Final = {"celeba": 40, "points": 136}
# Read from all depths, because blur is seen in fine detail that the deep layers forget.
DETAIL_HEADS: Final = {"sharpness": 1, "clarity": 1}


def _convolution(channels_in: int, channels_out: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False), nn.BatchNorm2d(channels_out))


class Residual(nn.Module):  # type: ignore[misc]  # torch is absent where types are checked
    """Two 3x3 convolutions around a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _convolution(channels, channels, 1)
        self.second = _convolution(channels, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) to the same shape."""
        return torch.relu(features + self.second(torch.relu(self.first(features))))


class Stage(nn.Module):  # type: ignore[misc]  # torch is absent where types are checked
    """Halve the size, then one residual block."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.down = _convolution(channels_in, channels_out, 2)
        self.block = Residual(channels_out)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) to (B, C', H / 2, W / 2)."""
        out: Tensor = self.block(torch.relu(self.down(features)))
        return out


class AttributeNetwork(nn.Module):  # type: ignore[misc]  # torch is absent where types are checked
    """Normalised crops (B, 3, 112, 112), values in -1..1, to one tensor of raw numbers per head."""

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        self.stem = _convolution(3, STEM_WIDTH, 2)
        widths = (STEM_WIDTH, *WIDTHS)
        self.stages = nn.ModuleList([Stage(a, b) for a, b in itertools.pairwise(widths)])
        self.place = nn.Conv2d(WIDTHS[2], PLACE_CHANNELS, 1)
        self.place_features = nn.Linear(PLACE_CHANNELS * 49, PLACE_FEATURES)
        self.dropout = nn.Dropout(dropout)
        heads = HEADS | AUXILIARY_HEADS
        self.heads = nn.ModuleDict({name: nn.Linear(DEEP_FEATURES, size) for name, size in heads.items()})
        self.detail = nn.Linear(ALL_FEATURES, DETAIL_FEATURES)
        self.detail_heads = nn.ModuleDict(
            {name: nn.Linear(DETAIL_FEATURES, size) for name, size in DETAIL_HEADS.items()}
        )

    def forward(self, crops: Tensor) -> dict[str, Tensor]:
        """All heads, each (B, size)."""
        return self.answers(*self.features(crops))

    def features(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """What the heads are told: deep features (B, DEEP_FEATURES), and those of all depths (B, ALL_FEATURES)."""
        features = torch.relu(self.stem(crops))
        levels = [features]
        for stage in self.stages:
            features = stage(features)
            levels.append(features)
        pooled = [functional.adaptive_avg_pool2d(level, 1).flatten(1) for level in levels]
        place = torch.relu(self.place_features(self.place(levels[3]).flatten(1)))
        deep = torch.cat([pooled[4], place], dim=1)
        return deep, torch.cat([*pooled[:3], deep], dim=1)

    def answers(self, deep: Tensor, everything: Tensor) -> dict[str, Tensor]:
        """All heads, each (B, size), from what `features` gives."""
        detail = torch.relu(self.detail(everything))
        dropped = self.dropout(deep)
        out = {name: head(dropped).float() for name, head in self.heads.items()}
        out |= {name: head(detail).float() for name, head in self.detail_heads.items()}
        return out


class QualityHead(nn.Module):  # type: ignore[misc]  # torch is absent where types are checked
    """How well a face can be recognised. Fitted by `training.quality` after the rest, which it leaves as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(ALL_FEATURES, DETAIL_FEATURES)
        self.out = nn.Linear(DETAIL_FEATURES, 1)

    def forward(self, everything: Tensor) -> Tensor:
        """(B, ALL_FEATURES) to raw numbers (B, 1)."""
        out: Tensor = self.out(torch.relu(self.hidden(everything)))
        return out


class WholeNetwork(nn.Module):  # type: ignore[misc]  # torch is absent where types are checked
    """The network and the head of quality, which is fitted after it: all that is served."""

    def __init__(self, network: AttributeNetwork, quality: QualityHead) -> None:
        super().__init__()
        self.network = network
        self.quality = quality

    def forward(self, crops: Tensor) -> dict[str, Tensor]:
        """All heads but the auxiliary ones, each (B, size)."""
        deep, everything = self.network.features(crops)
        answers = self.network.answers(deep, everything) | {"quality": self.quality(everything)}
        return {name: answer for name, answer in answers.items() if name not in AUXILIARY_HEADS}
