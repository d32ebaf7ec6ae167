"""One loss per head, each over the faces whose set knows the answer."""

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from evaluation.attributes_labels import GLASSES_UNKNOWN_KIND, LABELS
from training.network import AGE_BINS

BINARY_HEADS: Final = ("gender", "mouth", "beard", "hat", "mask")
POSE_UNIT_DEG: Final = 10.0
EMOTION_SMOOTHING: Final = 0.08
# Spread of the target age in years: children are told apart by the year, old people are not.
AGE_SPREAD: Final = (0.7, 0.06)
AGE_ERROR_WEIGHT: Final = 0.15
# From this difference on, in the units that are taught, a loss grows no faster than the difference.
ROBUST_FROM: Final = 0.5
ATTRACTIVE_MEAN, ATTRACTIVE_SD = 0.45, 0.14


def losses_of(out: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Mean loss of every head.

    Args:
        out: raw numbers of the network, (B, size) each.
        targets: `labels` (B, 9), `celeba` (B, 40), `pose` (B, 3), `points` (B, 68, 2), `sharpness` (B,) and
            `clarity` (B,); nan where unknown.
    """
    labels = {name: targets["labels"][:, place] for place, name in enumerate(LABELS)}
    losses = {name: _binary(out[name][:, 0], labels[name]) for name in BINARY_HEADS}
    losses["glasses"] = _glasses(out["glasses"], labels["glasses"])
    losses["emotion"] = _emotion(out["emotion"], labels["emotion"])
    losses["age"] = _age(out["age"], labels["age"])
    rating = (labels["attractive"] - ATTRACTIVE_MEAN) / ATTRACTIVE_SD
    losses["attractive"] = _robust(out["attractive"][:, 0], rating)
    losses["pose"] = _robust(out["pose"], targets["pose"] / POSE_UNIT_DEG)
    losses["points"] = _robust(10 * out["points"], 10 * targets["points"].flatten(1))
    losses["celeba"] = _binary(out["celeba"], targets["celeba"])
    for name in ("sharpness", "clarity"):
        losses[name] = _binary(out[name][:, 0], targets[name])
    return losses


def expected_age(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation in years, before calibration: (B,) each."""
    years = torch.arange(AGE_BINS, device=logits.device).float()
    shares = logits.softmax(dim=1)
    mean = (shares * years).sum(dim=1)
    variance = (shares * (years[None] - mean[:, None]) ** 2).sum(dim=1)
    return mean, variance.clamp(min=1e-4).sqrt()


def _nothing(out: Tensor) -> Tensor:
    return out.sum() * 0.0


def _binary(logits: Tensor, target: Tensor) -> Tensor:
    known = torch.isfinite(target)
    if not known.any():
        return _nothing(logits)
    return functional.binary_cross_entropy_with_logits(logits[known], target[known])


def _robust(out: Tensor, target: Tensor) -> Tensor:
    known = torch.isfinite(target)
    if not known.any():
        return _nothing(out)
    return functional.smooth_l1_loss(out[known], target[known], beta=ROBUST_FROM)


def _emotion(logits: Tensor, target: Tensor) -> Tensor:
    known = torch.isfinite(target)
    if not known.any():
        return _nothing(logits)
    return functional.cross_entropy(logits[known], target[known].long(), label_smoothing=EMOTION_SMOOTHING)


def _glasses(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy; where only "some glasses" is known, over the sum of the two kinds."""
    known = torch.isfinite(target)
    if not known.any():
        return _nothing(logits)
    shares = logits[known].log_softmax(dim=1)
    kinds = torch.cat([shares, shares[:, 1:].logsumexp(dim=1, keepdim=True)], dim=1)
    assert int(GLASSES_UNKNOWN_KIND) == kinds.shape[1] - 1, "the unknown kind comes last"
    return -kinds.gather(1, target[known].long()[:, None]).mean()


def _age(logits: Tensor, target: Tensor) -> Tensor:
    known = torch.isfinite(target)
    if not known.any():
        return _nothing(logits)
    age = target[known].clamp(0, AGE_BINS - 1)
    years = torch.arange(AGE_BINS, device=logits.device).float()
    spread = AGE_SPREAD[0] + AGE_SPREAD[1] * age
    wanted = torch.softmax(-0.5 * ((years[None] - age[:, None]) / spread[:, None]) ** 2, dim=1)
    cross = -(wanted * logits[known].log_softmax(dim=1)).sum(dim=1).mean()
    error = functional.smooth_l1_loss(expected_age(logits[known])[0], age)
    return cross + AGE_ERROR_WEIGHT * error
