"""Figures on the calibration part, during and after training. The reported ones come from `evaluation`."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from evaluation.attributes_labels import GLASSES_UNKNOWN_KIND
from evaluation.attributes_metrics import accuracy, auc, mean_absolute_error, pearson
from training.cache import Faces
from training.losses import expected_age
from training.network import WholeNetwork

Outputs = Mapping[str, NDArray[np.float32]]
BATCH = 256


def predict(network: WholeNetwork, faces: Faces) -> dict[str, NDArray[np.float32]]:
    """Raw numbers of all heads for crops as they are served: (N, size) each."""
    network.eval()
    parts: list[dict[str, NDArray[np.float32]]] = []
    for begin in range(0, len(faces), BATCH):
        index = np.arange(begin, min(begin + BATCH, len(faces)))
        pixels = faces.pixels(index).permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.no_grad():
            out = network(pixels.contiguous(memory_format=torch.channels_last))
        parts.append({name: value.numpy() for name, value in out.items()})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def figures_of(faces: Faces, out: Outputs) -> dict[str, float]:
    """The main figures by name."""
    figures: dict[str, float] = {}
    for name in ("mouth", "beard", "hat", "mask"):
        known = np.isfinite(faces.label(name))
        figures[f"{name}/auc"] = auc(faces.label(name)[known] > 0.5, out[name][known, 0])
    for number, name in ((0, "utkface"), (2, "celeba_wild"), (3, "celeba10k")):
        known = np.isfinite(faces.label("gender")) & (faces.source == number)
        figures[f"gender/{name}"] = accuracy(faces.label("gender")[known] > 0.5, out["gender"][known, 0] > 0)
    age = faces.label("age")
    known = np.isfinite(age) & (faces.source == 0)
    mean = expected_age(torch.from_numpy(out["age"]))[0].numpy()
    figures["age/mae"] = mean_absolute_error(age[known], mean[known])
    child = known & (age < 13)
    figures["age/mae_under13"] = mean_absolute_error(age[child], mean[child])
    glasses = faces.label("glasses")
    known = np.asarray(np.isfinite(glasses))
    figures["glasses/auc"] = auc(glasses[known] > 0, -out["glasses"][known, 0])
    known &= glasses < GLASSES_UNKNOWN_KIND
    figures["glasses/accuracy"] = accuracy(glasses[known], out["glasses"][known].argmax(axis=1))
    emotion = faces.label("emotion")
    known = np.isfinite(emotion)
    figures["emotion/accuracy"] = accuracy(emotion[known], out["emotion"][known].argmax(axis=1))
    rating = faces.label("attractive")
    known = np.asarray(np.isfinite(rating))
    figures["attractive/pearson"] = pearson(rating[known], out["attractive"][known, 0])
    known = np.asarray(np.isfinite(faces.pose).all(axis=1))
    for place, name in enumerate(("pitch", "yaw", "roll")):
        stated = 10 * out["pose"][known, place]
        figures[f"pose/mae_{name}"] = mean_absolute_error(faces.pose[known, place], stated)
    return figures
