"""The training loop: one-cycle learning rate, averaged weights, checkpoints to go on from."""

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from tqdm import tqdm

from training.batches import AugmentedBatches, crops_of
from training.cache import Faces, epoch_size
from training.losses import losses_of
from training.network import AttributeNetwork
from training.settings import TrainingSettings
from training.teaching import LESSON_PREFIX, LESSONS, Teachers, lesson_losses

CHECKPOINT_SECONDS: Final = 120.0
LOG_STEPS: Final = 100


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


def train(
    faces: Faces,
    settings: TrainingSettings,
    checkpoint: Path,
    report: Callable[[str], None],
    first: AttributeNetwork | None = None,
    teachers: Teachers | None = None,
) -> AttributeNetwork:
    """Train to the end of the schedule and return the averaged network.

    Args:
        first: what an earlier run came to, from whose weights this one starts.
        teachers: say what the network is to say, beside the labels.
    """
    state = start(settings, checkpoint, first)
    forward = torch.compile(state.network) if settings.compiled else state.network
    steps = settings.epochs * epoch_size(faces) // settings.batch
    source = AugmentedBatches(faces, settings, state.step, teachers)
    batches = iter(DataLoader(source, batch_size=None, num_workers=1, prefetch_factor=6))
    sums: dict[str, float] = {}
    begun, saved = time.monotonic() - state.seconds, time.monotonic()
    bar = tqdm(total=steps, initial=state.step, desc="train", mininterval=10)
    while True:
        state.seconds = time.monotonic() - begun
        timed = state.seconds / (60 * settings.minutes_max) if settings.minutes_max else 0.0
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


def _step(
    state: State, forward: Callable[[Tensor], dict[str, Tensor]], batch: dict[str, Tensor], settings: TrainingSettings
) -> dict[str, float]:
    state.network.train()
    crops = crops_of(batch)
    with torch.autocast("cpu", torch.bfloat16):
        out = forward(crops)
    losses, weights = weighed(out, batch, settings)
    total = torch.stack([weights[name] * loss for name, loss in losses.items()]).sum()
    state.optimiser.zero_grad(set_to_none=True)
    total.backward()
    nn.utils.clip_grad_norm_(state.network.parameters(), 5.0)
    state.optimiser.step()
    state.step += 1
    _average(state, settings)
    return {name: float(loss.detach()) for name, loss in losses.items()}


def weighed(
    out: Mapping[str, Tensor], batch: Mapping[str, Tensor], settings: TrainingSettings
) -> tuple[dict[str, Tensor], dict[str, float]]:
    """Give the losses against the labels and, if any, the lessons of a batch, and what each of them counts."""
    losses, weights = losses_of(out, batch), dict(settings.loss_weights)
    lessons = {name: batch[LESSON_PREFIX + name] for name in LESSONS if LESSON_PREFIX + name in batch}
    if lessons:
        from_teacher = lesson_losses(out, lessons)
        losses |= {LESSON_PREFIX + name: loss for name, loss in from_teacher.items()}
        weights |= {LESSON_PREFIX + name: weights[name] for name in from_teacher}
        weights |= {name: weights[name] * settings.labels_beside_lessons for name in from_teacher}
    return losses, weights


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
