"""Fit the head that foretells how well a face can be recognised, on the features of the trained network."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from evaluation.attributes_metrics import spearman
from training.network import AttributeNetwork, QualityHead

# The distance at which one pair of strangers in a thousand is nearer, and how fast belief falls around it.
MATCH_DISTANCE: Final = 0.370
MATCH_SPREAD: Final = 0.03
BATCH: Final = 256
QUIET: Final = 0.1


@dataclass(frozen=True, slots=True)
class FittingSettings:
    """How the head is fitted."""

    seed: int = 20
    epochs: int = 20
    batch: int = 256
    dropout: float = 0.3
    learning_rate: float = 2e-3
    weight_decay: float = 0.05


DEFAULTS: Final = FittingSettings()


@dataclass(frozen=True, slots=True)
class Examples:
    """Features (N, ALL_FEATURES), share of the person's other photos that would be matched (N,), and the parts."""

    features: Tensor
    target: Tensor
    held_out: NDArray[np.bool_]


def fit_quality(
    network: AttributeNetwork, prepared: Path, report: Callable[[str], None], settings: FittingSettings = DEFAULTS
) -> QualityHead:
    """Fit the head; the network stays as it is.

    Args:
        prepared: file of `training.quality.preparation.prepare`.
    """
    torch.manual_seed(settings.seed)
    examples = read_examples(network, prepared)
    head = QualityHead()
    mean, spread = examples.features.mean(dim=0), examples.features.std(dim=0)
    # Features that hardly ever speak must not be made loud.
    spread = spread.clamp(min=float(spread.median()) * QUIET)
    taught = torch.from_numpy(np.flatnonzero(~examples.held_out))
    optimiser = torch.optim.AdamW(head.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    steps = settings.epochs * max(len(taught) // settings.batch, 1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        chosen = taught[torch.randint(len(taught), (settings.batch,))]
        hidden = torch.relu(head.hidden((examples.features[chosen] - mean) / spread))
        raw = head.out(functional.dropout(hidden, settings.dropout))[:, 0]
        loss = functional.binary_cross_entropy_with_logits(raw, examples.target[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    _take_raw_features(head, mean, spread)
    for name, part in (("taught", ~examples.held_out), ("held out", examples.held_out)):
        with torch.no_grad():
            stated = torch.sigmoid(head(examples.features[part])[:, 0]).numpy()
        report(f"quality, {name}: rank correlation {spearman(examples.target[part].numpy(), stated):.3f}")
    return head


def read_examples(network: AttributeNetwork, prepared: Path) -> Examples:
    """Compute the features of all copies of all photos, and what became of them in recognition.

    Each photo as it is comes a second time in grey: colour is nothing that a face is recognised by.
    """
    table = np.load(prepared)
    identity, vectors, crops = table["identity"], table["vectors"], table["crops"]
    target = matched_shares(vectors, identity)
    known = np.isfinite(target)
    plain = known[:, 0]
    grey = crops[plain, 0].mean(axis=3, keepdims=True).astype(np.uint8).repeat(3, axis=3)
    features = _features(network, np.concatenate([crops[known], grey]))
    shares = np.concatenate([target[known], target[plain, 0]]).astype(np.float32)
    held_out = np.broadcast_to(table["held_out"][:, None], known.shape)[known]
    return Examples(features, torch.from_numpy(shares), np.concatenate([held_out, table["held_out"][plain]]))


def matched_shares(vectors: NDArray[np.float32], identity: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of the other photos of the same person, as they are, to which each copy would be matched.

    Args:
        vectors: (N, C, D) of length 1; the first copy is the photo as it is.
        identity: (N,).

    Returns:
        (N, C); nan for persons with a single photo.
    """
    shares = np.full(vectors.shape[:2], np.nan)
    for person in np.unique(identity):
        mine = np.flatnonzero(identity == person)
        if len(mine) < 2:
            continue
        alike = np.einsum("ncd,md->ncm", vectors[mine], vectors[mine, 0])
        distance = np.sqrt(np.maximum(2 - 2 * alike, 0))
        belief = 1 / (1 + np.exp((distance - MATCH_DISTANCE) / MATCH_SPREAD))
        # A copy is not compared with the very photo that it was made of.
        belief[np.arange(len(mine)), :, np.arange(len(mine))] = np.nan
        shares[mine] = np.nanmean(belief, axis=2)
    return shares


def _features(network: AttributeNetwork, crops: NDArray[np.uint8]) -> Tensor:
    network.eval()
    parts = []
    for begin in range(0, len(crops), BATCH):
        pixels = torch.from_numpy(crops[begin : begin + BATCH]).permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.no_grad():
            parts.append(network.features(pixels.contiguous(memory_format=torch.channels_last))[1])
    return torch.cat(parts)


def _take_raw_features(head: QualityHead, mean: Tensor, spread: Tensor) -> None:
    """Put the scaling of the features, with which the head was fitted, into its first layer."""
    with torch.no_grad():
        head.hidden.weight /= spread
        head.hidden.bias -= head.hidden.weight @ mean
