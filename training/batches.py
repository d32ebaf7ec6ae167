"""Batches of augmented faces, made in a process of their own, with what teachers say of them."""

import os
from collections.abc import Iterator
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from training.augmentation import augment
from training.cache import Faces, draw
from training.settings import TrainingSettings
from training.teaching import LESSON_PREFIX, Teachers, mix

LOADER_NICENESS: Final = 1


class AugmentedBatches(IterableDataset[dict[str, Tensor]]):  # type: ignore[misc]  # torch is absent where types are checked
    """Endless augmented batches. Made in a process of its own, which yields to everything else on the machine."""

    def __init__(
        self, faces: Faces, settings: TrainingSettings, first_step: int, teachers: Teachers | None = None
    ) -> None:
        self._faces, self._batch, self._teachers = faces, settings.batch, teachers
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
            batch = {
                "crops": _as_bytes(augmented.crops),
                "labels": torch.from_numpy(faces.labels[index]),
                "celeba": torch.from_numpy(faces.celeba[index]),
                "pose": augmented.pose,
                "points": augmented.points,
                "sharpness": augmented.sharpness,
                "clarity": augmented.clarity,
            }
            yield batch if self._teachers is None else taught(batch, self._teachers, self._settings.mixed, random)

    def _harm(self) -> float:
        return self._settings.gentle_harm if float(self.progress) >= self._settings.gentle_from else self._settings.harm


def taught(batch: dict[str, Tensor], teachers: Teachers, share: float, random: torch.Generator) -> dict[str, Tensor]:
    """Mix a share of the faces, forget their labels, and ask a teacher about all."""
    crops, mixed = mix(crops_of(batch), share, random)
    known = {
        name: torch.where(mixed.reshape(-1, *[1] * (value.ndim - 1)), torch.nan, value)
        for name, value in batch.items()
        if name != "crops"
    }
    known["crops"] = _as_bytes(crops)
    lessons = teachers.lesson(crops_of(known), random)
    return known | {f"{LESSON_PREFIX}{name}": lesson for name, lesson in lessons.items()}


def crops_seen(faces: Faces, settings: TrainingSettings, share: float) -> Iterator[Tensor]:
    """Give endless crops (B, 3, 112, 112) in -1..1 as a network sees them that is taught with a share of mixtures."""
    random = torch.Generator().manual_seed(settings.seed)
    for batch in AugmentedBatches(faces, settings, 0):
        yield mix(crops_of(batch), share, random)[0]


def crops_of(batch: dict[str, Tensor]) -> Tensor:
    """What the network sees of a batch: (B, 3, 112, 112) in -1..1."""
    return batch["crops"].contiguous(memory_format=torch.channels_last).float().div_(127.5).sub_(1)


def _as_bytes(crops: Tensor) -> Tensor:
    return crops.add(1).mul(127.5).round().byte()
