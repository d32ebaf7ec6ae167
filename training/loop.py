"""The training loop: one-cycle learning rate, averaged weights, checkpoints to go on from."""

import copy
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset
from tqdm import tqdm

from training.augmentation import augment
from training.cache import Faces, draw, epoch_size
from training.losses import losses_of
from training.network import AttributeNetwork
from training.settings import TrainingSettings

CHECKPOINT_SECONDS: Final = 120.0
LOG_STEPS: Final = 100
LOADER_NICENESS: Final = 1


@dataclass
class State:
    """What a checkpoint holds; the only thing here that changes."""

    network: AttributeNetwork
    averaged: AttributeNetwork
    optimiser: torch.optim.Optimizer
    step: int = 0
    seconds: float = 0.0

    def save(self, path: Path) -> None:
        """Write to a temporary file, then rename."""
        partial = path.with_suffix(".partial")
        torch.save(
            {
                "network": self.network.state_dict(),
                "averaged": self.averaged.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "step": self.step,
                "seconds": self.seconds,
            },
            partial,
        )
        partial.replace(path)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint."""
        saved: dict[str, Any] = torch.load(path, weights_only=True)
        self.network.load_state_dict(saved["network"])
        self.averaged.load_state_dict(saved["averaged"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.step, self.seconds = saved["step"], saved["seconds"]


def learning_rate(settings: TrainingSettings, progress: float) -> float:
    """One cycle: a short linear rise, then half a cosine down to nothing. `progress` in 0..1."""
    if progress < settings.warmup:
        return settings.learning_rate * max(progress, 1e-3) / settings.warmup
    rest = (progress - settings.warmup) / (1 - settings.warmup)
    return settings.learning_rate * 0.5 * (1 + float(np.cos(np.pi * min(rest, 1.0))))


def start(settings: TrainingSettings, checkpoint: Path, first: AttributeNetwork | None = None) -> State:
    """Begin anew or with the weights of an earlier run, or go on where the checkpoint ends."""
    torch.manual_seed(settings.seed)
    torch.set_num_threads(settings.threads)
    network = AttributeNetwork().to(memory_format=torch.channels_last)
    if first is not None:
        network.load_state_dict(first.state_dict())
    decayed = [weight for weight in network.parameters() if weight.ndim > 1]
    plain = [weight for weight in network.parameters() if weight.ndim <= 1]
    groups = [{"params": decayed}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=0.0, weight_decay=settings.weight_decay)
    state = State(network, copy.deepcopy(network), optimiser)
    if checkpoint.exists():
        state.load(checkpoint)
    return state


class AugmentedBatches(IterableDataset[dict[str, Tensor]]):  # type: ignore[misc]  # torch is absent where types are checked
    """Endless augmented batches. Made in a process of its own, which yields to everything else on the machine."""

    def __init__(self, faces: Faces, settings: TrainingSettings, first_step: int) -> None:
        self._faces, self._batch = faces, settings.batch
        # A resumed run draws other faces than an unbroken one would have, and no face too often.
        self._seed = settings.seed + first_step
        self._settings = settings
        # Shared with the process that makes the batches.
        self.progress = torch.zeros(1).share_memory_()

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        torch.set_num_threads(1)
        os.nice(LOADER_NICENESS)
        random = torch.Generator().manual_seed(self._seed)
        faces = self._faces
        for index in draw(faces, self._batch, np.random.default_rng(self._seed)):
            with torch.no_grad():
                augmented = augment(faces.batch(index), random, self._harm())
            yield {
                "crops": augmented.crops.add(1).mul(127.5).round().byte(),
                "labels": torch.from_numpy(faces.labels[index]),
                "celeba": torch.from_numpy(faces.celeba[index]),
                "pose": augmented.pose,
                "points": augmented.points,
                "sharpness": augmented.sharpness,
                "clarity": augmented.clarity,
            }

    def _harm(self) -> float:
        return self._settings.gentle_harm if float(self.progress) >= self._settings.gentle_from else self._settings.harm


def train(
    faces: Faces,
    settings: TrainingSettings,
    checkpoint: Path,
    report: Callable[[str], None],
    minutes_max: float | None = None,
    first: AttributeNetwork | None = None,
) -> AttributeNetwork:
    """Train to the end of the schedule and return the averaged network.

    Args:
        minutes_max: end the whole schedule after this long, however far it has come: the learning rate follows
            the larger share of steps or of time. Without it a run depends on the seed alone.
        first: what an earlier run came to, from whose weights this one starts.
    """
    state = start(settings, checkpoint, first)
    forward = torch.compile(state.network) if settings.compiled else state.network
    steps = settings.epochs * epoch_size(faces) // settings.batch
    source = AugmentedBatches(faces, settings, state.step)
    batches = iter(DataLoader(source, batch_size=None, num_workers=1, prefetch_factor=6))
    sums: dict[str, float] = {}
    begun, saved = time.monotonic() - state.seconds, time.monotonic()
    bar = tqdm(total=steps, initial=state.step, desc="train", mininterval=10)
    while True:
        state.seconds = time.monotonic() - begun
        timed = state.seconds / (60 * minutes_max) if minutes_max else 0.0
        progress = max(state.step / steps, timed)
        if progress >= 1.0:
            break
        source.progress.fill_(progress)
        for group in state.optimiser.param_groups:
            group["lr"] = learning_rate(settings, progress)
        losses = _step(state, forward, next(batches), settings)
        for name, value in losses.items():
            sums[name] = sums.get(name, 0.0) + value / LOG_STEPS
        bar.update()
        if state.step % LOG_STEPS == 0:
            report(f"step {state.step} {progress:.3f} " + " ".join(f"{k} {v:.3f}" for k, v in sums.items()))
            sums = {}
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            state.save(checkpoint)
            saved = time.monotonic()
    state.save(checkpoint)
    state.averaged.eval()
    return state.averaged


def crops_of(batch: dict[str, Tensor]) -> Tensor:
    """What the network sees of a batch: (B, 3, 112, 112) in -1..1."""
    return batch["crops"].contiguous(memory_format=torch.channels_last).float().div_(127.5).sub_(1)


def _step(
    state: State, forward: Callable[[Tensor], dict[str, Tensor]], batch: dict[str, Tensor], settings: TrainingSettings
) -> dict[str, float]:
    state.network.train()
    crops = crops_of(batch)
    with torch.autocast("cpu", torch.bfloat16):
        out = forward(crops)
    losses = losses_of(out, batch)
    total = torch.stack([settings.loss_weights[name] * loss for name, loss in losses.items()]).sum()
    state.optimiser.zero_grad(set_to_none=True)
    total.backward()
    nn.utils.clip_grad_norm_(state.network.parameters(), 5.0)
    state.optimiser.step()
    state.step += 1
    _average(state, settings)
    return {name: float(loss.detach()) for name, loss in losses.items()}


def _average(state: State, settings: TrainingSettings) -> None:
    """Move the averaged weights; faster at first, so that the random start is soon forgotten."""
    # Parameters of a state_dict are detached: no gradient is recorded here.
    decay = min(settings.ema_decay, (1 + state.step) / (10 + state.step))
    for averaged, current in zip(
        state.averaged.state_dict().values(), state.network.state_dict().values(), strict=True
    ):
        if averaged.dtype.is_floating_point:
            averaged.lerp_(current, 1 - decay)
        else:
            averaged.copy_(current)
