"""The cached faces of all sets as one table in memory, and weighted draws from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from evaluation.attributes_headpose import head_shape, solve
from evaluation.attributes_labels import LABELS
from training.augmentation import Batch
from training.settings import BOOSTS, CACHE_SIDE, SOURCES

Float = NDArray[np.float32]
# Frames whose points fit no head shape are wrongly labelled: their pose teaches nothing.
POSE_RESIDUAL_MAX = 0.16
_SHRUNK = np.array([settings.shrunk for settings in SOURCES.values()], np.float32)


@dataclass(frozen=True, slots=True)
class Faces:
    """One part (`train` or `val`) of all sets.

    Attributes:
        crops: one array of (N, side, side, 3) uint8 per set.
        source: (N,) place of each face's set in `SOURCES`.
        place: (N,) row in that set's array.
        frame, labels, celeba, pose, points: see `training.preparation.Sample` and `training.augmentation.Batch`.
    """

    crops: tuple[NDArray[np.uint8], ...]
    source: NDArray[np.intp]
    place: NDArray[np.intp]
    frame: Float
    labels: Float
    celeba: Float
    pose: Float
    points: Float

    def __len__(self) -> int:
        return len(self.source)

    def pixels(self, index: NDArray[np.intp]) -> Tensor:
        """Crops of these faces: (B, side, side, 3) uint8."""
        side = self.crops[0].shape[1]
        out = np.empty((len(index), side, side, 3), np.uint8)
        for number, array in enumerate(self.crops):
            mine = self.source[index] == number
            out[mine] = array[self.place[index[mine]]]
        return torch.from_numpy(out)

    def batch(self, index: NDArray[np.intp]) -> Batch:
        """Everything that augmentation needs about these faces."""
        return Batch(
            self.pixels(index),
            torch.from_numpy(self.frame[index]),
            torch.from_numpy(self.pose[index]),
            torch.from_numpy(self.points[index]),
            torch.from_numpy(_SHRUNK[self.source[index]]),
        )

    def sample(self, count: int) -> NDArray[np.uint8]:
        """The first so many crops of every set: (N, side, side, 3)."""
        index = np.concatenate([np.flatnonzero(self.source == number)[:count] for number in range(len(self.crops))])
        return np.asarray(self.pixels(index).numpy())

    def label(self, name: str) -> Float:
        """(N,) labels of one name; nan where unknown."""
        return np.asarray(self.labels[:, LABELS.index(name)])


def load(cache: Path, part: str) -> Faces:
    """Open the cached crops of a part, and solve head poses from the labelled points."""
    crops, sources, places, tables = [], [], [], []
    for number, name in enumerate(SOURCES):
        array = np.load(cache / f"{name}.{part}.npy", mmap_mode="r")
        crops.append(array)
        table = np.load(cache / f"{name}.npz")
        if f"{part}_frame" not in table:
            continue
        sources.append(np.full(len(array), number))
        places.append(np.arange(len(array)))
        tables.append([table[f"{part}_{column}"] for column in ("frame", "labels", "celeba", "points")])
    frame, labels, celeba, points = (np.concatenate(column) for column in zip(*tables, strict=True))
    pose = _solve_poses(points, frame)
    inside = _to_crop(points, frame)
    source, place = np.concatenate(sources), np.concatenate(places)
    assert part == "val" or crops[0].shape[1] == CACHE_SIDE, "the cache was made with other settings"
    return Faces(tuple(crops), source, place, frame, labels, celeba, pose, inside)


def _solve_poses(points: Float, frame: Float) -> Float:
    pose = np.full((len(points), 3), np.nan, np.float32)
    known = np.flatnonzero(np.isfinite(points).all(axis=(1, 2)))
    solved = solve(head_shape(), points[known].astype(np.float64))
    good = solved.residual < POSE_RESIDUAL_MAX
    roll = solved.roll - np.rad2deg(frame[known, 3])
    pose[known[good]] = np.stack([solved.pitch, solved.yaw, roll], axis=1)[good]
    return pose


def _to_crop(points: Float, frame: Float) -> Float:
    """Source pixels to crop units, -1..1."""
    centred = (points - frame[:, None, :2]) / (frame[:, None, 2:3] / 2)
    cosine, sine = np.cos(frame[:, 3])[:, None], np.sin(frame[:, 3])[:, None]
    x, y = centred[..., 0], centred[..., 1]
    return np.stack([cosine * x + sine * y, -sine * x + cosine * y], axis=2).astype(np.float32)


def epoch_size(faces: Faces) -> int:
    """Faces in an epoch: the weighted sum over all faces."""
    return int(sum(_weights(faces)))


def _weights(faces: Faces) -> Float:
    by_source = np.array([settings.weight for settings in SOURCES.values()], np.float32)
    weights = by_source[faces.source]
    for boost in BOOSTS:
        label = faces.label(boost.label)
        weights = np.where((label >= boost.low) & (label <= boost.high), weights * boost.factor, weights)
    return np.asarray(weights, np.float32)


def draw(faces: Faces, batch: int, random: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Endless batches: each face comes as often as its weight says, and as evenly as possible."""
    weights = _weights(faces)
    left = np.zeros(0, np.intp)
    while True:
        times = np.floor(weights + random.random(len(weights))).astype(int)
        left = np.concatenate([left, random.permutation(np.repeat(np.arange(len(weights)), times))])
        while len(left) >= batch:
            yield left[:batch]
            left = left[batch:]
