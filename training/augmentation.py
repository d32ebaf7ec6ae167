"""Batched augmentation in torch: whole batches at a time, so that one core spends its time on the network.

Every picture may become grey, small, blurred, compressed, noisy, badly lit or partly hidden, and what lies outside
a tight picture may show anything, so that no head can tell which set a face came from. The strength of what was
done is the target of the sharpness and clarity heads.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from simplejpeg._jpeg import decode_jpeg, encode_jpeg
from torch import Tensor
from torch.nn import functional

from evaluation.attributes_headpose import MIRROR_68
from oss_faces.analysis.crops import CROP_SIDE
from training.settings import CACHE_MARGIN

SHIFT: Final = 0.09
ZOOM: Final = 0.14
ROTATION_DEG: Final = 10.0
WIDE_ROTATION_DEG: Final = 30.0
BLUR_RADIUS: Final = 7
FACE_SHARE: Final = 1 / 1.6
# Blur (standard deviation, crop pixels) and noise (share of the full range) that halve the sharpness.
HALF_BLUR: Final = 1.2
HALF_NOISE: Final = 0.11
DOWNSCALE_BLUR: Final = 0.45
JPEG_LOSS: Final = 0.7
# Large faces are shrunk to the crop after they were compressed: their blocks are up to so much smaller in it.
ENLARGED: Final = 2.2


@dataclass(frozen=True, slots=True)
class Batch:
    """What the cache holds for some faces; see `training.preparation.Sample` for the columns.

    Attributes:
        crops: (B, CACHE_SIDE, CACHE_SIDE, 3) uint8.
        frame: (B, 6) float32.
        pose: (B, 3) pitch, yaw and roll in degrees against the crop, or nan.
        points: (B, 68, 2) in crop units, -1..1, or nan.
        shrunk: (B,) share of faces such as this one that are shrunk anyway.
    """

    crops: Tensor
    frame: Tensor
    pose: Tensor
    points: Tensor
    shrunk: Tensor


@dataclass(frozen=True, slots=True)
class Augmented:
    """Network input and the labels that changed with it."""

    crops: Tensor
    pose: Tensor
    points: Tensor
    sharpness: Tensor
    clarity: Tensor


def augment(batch: Batch, random: torch.Generator, harm: float = 1.0) -> Augmented:
    """Augment a batch; all chance comes from `random`.

    Args:
        harm: 1.0 harms as many faces as is good for the long part of a training, less comes nearer to what is served.
    """
    count = len(batch.crops)
    crops, pose, points = _place(batch, random, harm)
    crops, light = _light(crops, random, harm)
    crops, hidden = _occlude(crops, random, harm)
    native = (CROP_SIDE / batch.frame[:, 2]).clamp(min=1.0)
    crops, blur = _blur(crops, random, harm)
    crops, factor, quality, noise = _degrade(crops, batch.shrunk, random, harm)
    grey = torch.rand(count, generator=random) < 0.25
    crops[grey] = crops[grey].mean(dim=1, keepdim=True)
    sharpness = sharpness_of(blur, native, factor, quality, noise)
    clarity = sharpness.sqrt() * (1 - 1.3 * hidden).clamp(0, 1) * light
    return Augmented(crops.clamp(0, 1) * 2 - 1, pose, points, sharpness, clarity)


def sharpness_of(blur: Tensor, native: Tensor, factor: Tensor, quality: Tensor, noise: Tensor) -> Tensor:
    """Sharpness in 0..1 by definition: falls with every kind of harm, (B,) each.

    Args:
        blur: standard deviation in crop pixels.
        native: how many times too small the original face was.
        factor: how many times the crop was shrunk and enlarged again.
        quality: JPEG quality, 100 for none.
        noise: standard deviation as a share of the full range.
    """
    lost = DOWNSCALE_BLUR**2 * (native**2 + factor**2 - 2).clamp(min=0)
    softness = (blur**2 + lost) / HALF_BLUR**2
    compression = JPEG_LOSS * ((95 - quality).clamp(min=0) / 95) ** 1.2
    return (1 - compression) / ((1 + softness) * (1 + (noise / HALF_NOISE) ** 2))


def _uniform(random: torch.Generator, count: int, low: float, high: float) -> Tensor:
    return torch.rand(count, generator=random) * (high - low) + low


def _place(batch: Batch, random: torch.Generator, harm: float) -> tuple[Tensor, Tensor, Tensor]:
    """Jitter the box, rotate, mirror, and show something else outside the picture."""
    count = len(batch.crops)
    wide = torch.rand(count, generator=random) < 0.1
    reach = torch.where(wide, WIDE_ROTATION_DEG, ROTATION_DEG)
    degrees = (torch.rand(count, generator=random) * 2 - 1) * reach
    mirror = torch.where(torch.rand(count, generator=random) < 0.5, -1.0, 1.0)
    scale = torch.exp(_uniform(random, count, -ZOOM, ZOOM)) / CACHE_MARGIN
    shift = (torch.rand(count, 2, generator=random) * 2 - 1) * SHIFT / CACHE_MARGIN
    angle = torch.deg2rad(degrees)
    turn = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], 1).reshape(-1, 2, 2)
    matrix = turn * scale[:, None, None]
    matrix[:, :, 0] *= mirror[:, None]
    theta = torch.cat([matrix, shift[:, :, None]], dim=2)
    grid = functional.affine_grid(theta, [count, 3, CROP_SIDE, CROP_SIDE], align_corners=False)
    source = batch.crops.permute(0, 3, 1, 2).contiguous().float().div_(255)
    crops = functional.grid_sample(source, grid, "bilinear", "zeros", align_corners=False)
    crops = _fill_outside(crops, theta, batch.frame, random, 0.5 * harm)
    pose = batch.pose.clone()
    pose[:, 1] *= mirror
    pose[:, 2] = (pose[:, 2] - degrees) * mirror
    inside = torch.linalg.solve(matrix, (batch.points / CACHE_MARGIN - shift[:, None]).transpose(1, 2))
    points = inside.transpose(1, 2)
    flipped = mirror < 0
    points[flipped] = points[flipped][:, torch.from_numpy(MIRROR_68)]
    return crops, pose, points


def _fill_outside(crops: Tensor, theta: Tensor, frame: Tensor, random: torch.Generator, share: float) -> Tensor:
    """Outside the picture: grey as in serving, or a colour, or a part of another picture."""
    choice = torch.rand(len(crops), generator=random)
    chosen = torch.nonzero(choice < share)[:, 0]
    outside = _outside(theta[chosen], frame[chosen])
    fill = torch.rand(len(chosen), 3, 1, 1, generator=random).repeat(1, 1, CROP_SIDE, CROP_SIDE)
    other = choice[chosen] < 0.6 * share
    fill[other] = crops[chosen - 1][other]
    crops[chosen] = torch.where(outside[:, None], fill, crops[chosen])
    return crops


def _outside(theta: Tensor, frame: Tensor) -> Tensor:
    """Which pixels lie outside the picture: (B, CROP_SIDE, CROP_SIDE) bool."""
    angle, half = frame[:, 3], frame[:, 2] * (CACHE_MARGIN / 2)
    turn = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], 1).reshape(-1, 2, 2)
    matrix = half[:, None, None] * (turn @ theta)
    start = matrix[:, :, 2] + frame[:, :2]
    line = torch.linspace(-1, 1, CROP_SIDE)
    outside = torch.zeros(len(theta), CROP_SIDE, CROP_SIDE, dtype=torch.bool)
    for axis in range(2):
        across = matrix[:, axis, 0, None] * line[None] + start[:, axis, None]
        place = across[:, None, :] + (matrix[:, axis, 1, None] * line[None])[:, :, None]
        outside |= (place < 0) | (place > frame[:, 4 + axis, None, None])
    return outside


def _light(crops: Tensor, random: torch.Generator, harm: float) -> tuple[Tensor, Tensor]:
    """Gain, offset and colour of the light; the second result tells how usable the light is, 0..1."""
    count = len(crops)
    strong = torch.rand(count, generator=random) < 0.12 * harm
    reach = torch.where(strong, 2.2, 0.8)
    gain = torch.exp((torch.rand(count, generator=random) * 2 - 1) * 0.35 * reach)
    offset = (torch.rand(count, generator=random) * 2 - 1) * 0.12 * reach
    tint = torch.exp((torch.rand(count, 3, generator=random) * 2 - 1) * 0.12)
    mean = crops.mean(dim=(1, 2, 3), keepdim=True)
    factor = (gain[:, None] * tint)[:, :, None, None]
    lit = (crops - mean) * factor + mean + offset[:, None, None, None]
    usable = 1 - 0.35 * (gain.log().abs() / 0.77) ** 2 - 0.25 * (offset.abs() / 0.264) ** 2
    return lit.clamp(0, 1), usable.clamp(0, 1)


def _occlude(crops: Tensor, random: torch.Generator, harm: float) -> tuple[Tensor, Tensor]:
    """Hide a rectangle of some faces; the second result is the hidden share of the face."""
    count = len(crops)
    chosen = torch.nonzero(torch.rand(count, generator=random) < 0.14 * harm)[:, 0]
    hidden = torch.zeros(count)
    if not len(chosen):
        return crops, hidden
    line = torch.linspace(-1, 1, CROP_SIDE)
    center = (torch.rand(len(chosen), 2, generator=random) * 2 - 1) * 0.8
    half = torch.rand(len(chosen), 2, generator=random) * 0.35 + 0.1
    across = (line[None] - center[:, :1]).abs() < half[:, :1]
    down = (line[None] - center[:, 1:]).abs() < half[:, 1:]
    covered = down[:, :, None] & across[:, None, :]
    border = round((1 - FACE_SHARE) / 2 * CROP_SIDE)
    hidden[chosen] = covered[:, border:-border, border:-border].float().mean(dim=(1, 2))
    fill = torch.rand(len(chosen), 3, 1, 1, generator=random).expand(-1, -1, CROP_SIDE, CROP_SIDE).clone()
    textured = torch.rand(len(chosen), generator=random) < 0.5
    fill[textured] = crops.roll(3, 0).flip(3)[chosen][textured]
    crops[chosen] = torch.where(covered[:, None], fill, crops[chosen])
    return crops, hidden


def _blur(crops: Tensor, random: torch.Generator, harm: float) -> tuple[Tensor, Tensor]:
    """Gaussian blur of some faces, each with its own width."""
    count = len(crops)
    chosen = torch.nonzero(torch.rand(count, generator=random) < 0.16 * harm)[:, 0]
    sigma = torch.zeros(count)
    if not len(chosen):
        return crops, sigma
    sigma[chosen] = _uniform(random, len(chosen), 0.15, 1.75) ** 2
    offsets = torch.arange(-BLUR_RADIUS, BLUR_RADIUS + 1).float()
    kernel = torch.exp(-0.5 * (offsets[None] / sigma[chosen][:, None].clamp(min=0.05)) ** 2)
    kernel = (kernel / kernel.sum(dim=1, keepdim=True)).repeat_interleave(3, 0)
    flat = crops[chosen].reshape(1, -1, CROP_SIDE, CROP_SIDE)
    padded = functional.pad(flat, (BLUR_RADIUS,) * 4, "reflect")
    across = functional.conv2d(padded, kernel[:, None, None, :], groups=flat.shape[1])
    both = functional.conv2d(across, kernel[:, None, :, None], groups=flat.shape[1])
    crops[chosen] = both.reshape(len(chosen), 3, CROP_SIDE, CROP_SIDE)
    return crops, sigma


def _degrade(
    crops: Tensor, anyway: Tensor, random: torch.Generator, harm: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Shrink, add noise, compress, enlarge again. Groups share a size, every face has its own strengths."""
    count = len(crops)
    factor, quality, noise = torch.ones(count), torch.full((count,), 100.0), torch.zeros(count)
    shrunk = torch.rand(count, generator=random) < anyway.clamp(min=0.22 * harm)
    order = torch.randperm(count, generator=random)
    for group in torch.tensor_split(order[shrunk[order]], 4):
        if not len(group):
            continue
        side = int(CROP_SIDE / np.exp(float(_uniform(random, 1, 0.1, 1.6))))
        factor[group] = CROP_SIDE / side
        small = functional.interpolate(crops[group], (side, side), mode="bilinear", antialias=True)
        small, noise[group] = _noise(small, 0.2, random)
        small, quality[group] = _compress(small, 0.4, 1.0, random)
        crops[group] = functional.interpolate(small, (CROP_SIDE, CROP_SIDE), mode="bilinear")
    rest = order[~shrunk[order]]
    noisy, noise[rest] = _noise(crops[rest], 0.12 * harm, random)
    crops[rest], quality[rest] = _compress(noisy, 0.3 * harm, ENLARGED, random)
    return crops, factor, quality, noise


def _noise(crops: Tensor, share: float, random: torch.Generator) -> tuple[Tensor, Tensor]:
    count = len(crops)
    sigma = torch.where(torch.rand(count, generator=random) < share, 1.0, 0.0)
    sigma = sigma * _uniform(random, count, 0.05, 0.38) ** 2
    chosen = sigma > 0
    shape = crops[chosen].shape
    crops = crops.clone()
    crops[chosen] += torch.randn(shape, generator=random) * sigma[chosen][:, None, None, None]
    return crops.clamp_(0, 1), sigma


def _compress(crops: Tensor, share: float, enlarged: float, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Write and read real JPEG files, some at up to `enlarged` times the size, as large faces are shrunk afterwards.

    The second result is the quality of the file at the size of the crop that is about as bad.
    """
    quality = torch.full((len(crops),), 100.0)
    chosen = torch.nonzero(torch.rand(len(crops), generator=random) < share)[:, 0]
    for place in chosen.tolist():
        level = int(torch.randint(6, 95, (1,), generator=random))
        side = crops.shape[2]
        drawn = max(side, round(side * float(_uniform(random, 1, 2 - enlarged, enlarged))))
        pixels = _sized(crops[place], drawn).permute(1, 2, 0).mul(255).round().clamp(0, 255).byte().numpy()
        file = encode_jpeg(np.ascontiguousarray(pixels), quality=level, colorsubsampling="420")
        back = torch.from_numpy(decode_jpeg(file)).permute(2, 0, 1).float() / 255
        crops[place] = _sized(back, side)
        quality[place] = 95 - (95 - level) * (side / drawn) ** 0.5
    return crops, quality


def _sized(crop: Tensor, side: int) -> Tensor:
    if crop.shape[1] == side:
        return crop
    return functional.interpolate(crop[None], (side, side), mode="bilinear", antialias=True)[0]
