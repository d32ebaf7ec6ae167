"""Teach a network that looks once what earlier networks say by two looks (distillation).

The teacher sees the very crop that the learner sees, and some crops are mixtures of two faces, to which no label
belongs: so there is no end of crops, and no face whose answer could be learnt by heart.

Source: L. Beyer and others, "Knowledge distillation: A good teacher is patient and consistent", CVPR 2022.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from training.losses import AGE_ERROR_WEIGHT, BINARY_HEADS, ROBUST_FROM, expected_age
from training.network import AttributeNetwork

# Not taught: clarity, celeba and points, which an exported file does not hold.
SHARES: Final = ("age", "emotion", "glasses")
PROBABILITIES: Final = (*BINARY_HEADS, "sharpness")
NUMBERS: Final = ("attractive", "pose")
# Before the name of a head: what a teacher says of it, in a batch, and the loss against that.
LESSON_PREFIX: Final = "lesson_"
LESSONS: Final = (*SHARES, *PROBABILITIES, *NUMBERS)


class Teachers:
    """Networks of which one at a time, by chance, says what it thinks of a batch."""

    def __init__(self, networks: Sequence[AttributeNetwork], compiled: bool) -> None:
        self._networks = [network.eval() for network in networks]
        self._compiled = compiled
        self._forward: list[torch.nn.Module] = []

    def lesson(self, crops: Tensor, random: torch.Generator) -> dict[str, Tensor]:
        """Raw numbers of the heads of `LESSONS`, (B, size) each, for crops (B, 3, 112, 112) in -1..1."""
        if not self._forward:
            # Not before the process that makes the batches has begun: compiled code is not handed over.
            self._forward = [torch.compile(one) if self._compiled else one for one in self._networks]
        chosen = int(torch.randint(len(self._forward), (1,), generator=random))
        looks = torch.cat([crops, crops.flip(3)]).contiguous(memory_format=torch.channels_last)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            both = self._forward[chosen](looks)
        count = len(crops)
        # In the mirror a head turns and leans to the other side.
        signs = {"pose": crops.new_tensor([1.0, -1.0, -1.0])}
        return {name: (both[name][:count] + both[name][count:] * signs.get(name, 1.0)) / 2 for name in LESSONS}


def mix(crops: Tensor, share: float, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Lay the next face of the batch over the first `share` of the faces: the crops, and which are mixtures, (B,)."""
    count = round(share * len(crops))
    mixed = torch.arange(len(crops)) < count
    part = torch.rand(count, generator=random)[:, None, None, None]
    out = crops.clone()
    out[:count] = crops[:count] * part + crops.roll(-1, 0)[:count] * (1 - part)
    return out, mixed


def lesson_losses(out: Mapping[str, Tensor], lessons: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Mean loss against the teacher in every head that it teaches: what it doubts stays as a rest.

    Args:
        out: raw numbers of the network, (B, size) each.
        lessons: those of the teacher, for each of `LESSONS`.
    """
    losses = {name: -(lessons[name].softmax(dim=1) * out[name].log_softmax(dim=1)).sum(dim=1).mean() for name in SHARES}
    wanted, said = expected_age(lessons["age"])[0], expected_age(out["age"])[0]
    losses["age"] = losses["age"] + AGE_ERROR_WEIGHT * functional.smooth_l1_loss(said, wanted)
    for name in PROBABILITIES:
        losses[name] = functional.binary_cross_entropy_with_logits(out[name], lessons[name].sigmoid())
    for name in NUMBERS:
        losses[name] = functional.smooth_l1_loss(out[name], lessons[name], beta=ROBUST_FROM)
    return losses
