"""How much better a network knows the faces that taught it: `python -m training.learning --cache DIR --network FILE`.

Where it knows both equally well, more training or a larger network would help; where it knows new faces much worse,
more faces would.
"""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from oss_faces.analysis.crops import CROP_SIDE
from training.__main__ import RANGE_FACES, opened
from training.cache import Faces, load
from training.figures import figures_of, predict
from training.network import AttributeNetwork, QualityHead, WholeNetwork
from training.settings import CACHE_MARGIN, CACHE_SIDE

# Faces of each set, chosen by chance, always the same.
SAMPLE: Final = 2000


def main() -> None:
    """Print each figure on faces that taught the network, and on those of the calibration part."""
    parser = argparse.ArgumentParser(prog="python -m training.learning", description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="folder `cache` of a training")
    parser.add_argument(
        "--network", type=Path, required=True, help="an attributes.onnx, or the checkpoint of a training"
    )
    arguments = parser.parse_args()
    held_out = load(arguments.cache, "val")
    network = opened(arguments.network, held_out.sample(RANGE_FACES))
    taught = as_served(load(arguments.cache, "train"), SAMPLE)
    known, new = (judge(network, faces) for faces in (taught, held_out))
    print(json.dumps({name: {"taught": known[name], "held out": new[name]} for name in new}, indent=2))


def judge(network: AttributeNetwork, faces: Faces) -> dict[str, float]:
    """The main figures of a network."""
    return figures_of(faces, predict(WholeNetwork(network, QualityHead()), faces))


def as_served(faces: Faces, sample: int) -> Faces:
    """At most so many faces of each set, cut out of their wide crops as serving would cut them.

    The wide crop was resampled once before, so this is a little softer than what is served.
    """
    random = np.random.default_rng(0)
    chosen = []
    for number in range(len(faces.crops)):
        mine = np.flatnonzero(faces.source == number)
        chosen.append(np.sort(random.permutation(mine)[:sample]))
    index = np.concatenate(chosen)
    crops = tuple(_narrow(array[faces.place[part]]) for array, part in zip(faces.crops, chosen, strict=True))
    place = np.concatenate([np.arange(len(part)) for part in chosen])
    columns = ("frame", "labels", "celeba", "pose", "points")
    kept = {column: getattr(faces, column)[index] for column in columns}
    return dataclasses.replace(faces, crops=crops, source=faces.source[index], place=place, **kept)


def _narrow(wide: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(N, CACHE_SIDE, CACHE_SIDE, 3) to the middle of it, (N, CROP_SIDE, CROP_SIDE, 3)."""
    edge = round(CACHE_SIDE * (1 - 1 / CACHE_MARGIN) / 2)
    middle = torch.from_numpy(wide[:, edge : CACHE_SIDE - edge, edge : CACHE_SIDE - edge].transpose(0, 3, 1, 2).copy())
    small = functional.interpolate(middle.float(), size=CROP_SIDE, mode="bilinear", antialias=True, align_corners=False)
    return np.asarray(small.round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy())


if __name__ == "__main__":
    main()
