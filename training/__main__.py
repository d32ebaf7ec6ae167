"""Train the analyser: `python -m training --data DIR --out DIR`. Started again, it goes on where it stopped."""

import argparse
import dataclasses
import itertools
import json
import os
import sys
import time
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from training.averaging import mean_of
from training.batches import crops_seen
from training.cache import Faces, load
from training.calibration import calibrate
from training.export import to_onnx, write_model
from training.figures import figures_of, predict
from training.loop import train
from training.network import AttributeNetwork, WholeNetwork
from training.preparation import prepare_all
from training.quality.fitting import fit_quality
from training.quality.preparation import prepare as prepare_quality
from training.recovery import recover
from training.settings import TrainingSettings
from training.teaching import Teachers

# glibc gives every large tensor back to the kernel at once; the page faults of taking it anew cost a third of the
# time. These must stand in the environment before a process starts.
STEADY_MEMORY: Final = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 35),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 35),
    "MALLOC_TOP_PAD_": str(1 << 26),
}

# Faces of each set by which the ranges of whole numbers are chosen.
RANGE_FACES: Final = 48

# Batches by which the normalisations of a mean of networks are measured.
MEASURED_BATCHES: Final = 64


def restart_with_steady_memory() -> None:
    """Start this program again with memory that is kept, unless the environment says so already."""
    if sys.platform == "linux" and not STEADY_MEMORY.keys() <= os.environ.keys():
        arguments = [sys.executable, "-m", "training", *sys.argv[1:]]
        os.execve(sys.executable, arguments, os.environ | STEADY_MEMORY)  # noqa: S606  our own program, no shell


def main() -> None:
    """Prepare, train, calibrate, export, and tell the figures on the calibration part."""
    defaults = TrainingSettings()
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the Parquet files")
    parser.add_argument("--out", type=Path, required=True, help="folder for cache, checkpoint and the result")
    parser.add_argument("--epochs", type=int, default=defaults.epochs)
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--threads", type=int, default=defaults.threads)
    parser.add_argument("--workers", type=int, default=1, help="processes that prepare crops")
    parser.add_argument("--rate", type=float, default=defaults.learning_rate, help="highest learning rate")
    parser.add_argument("--start", type=Path, help="checkpoint or attributes.onnx of an earlier run to start from")
    parser.add_argument("--teachers", type=Path, nargs="+", help="earlier networks, whose two looks teach this one")
    parser.add_argument(
        "--mean-of", type=Path, nargs="+", help="train nothing: take the mean weights of these runs from one start"
    )
    parser.add_argument(
        "--mixed", type=float, default=0.0, help="share of mixtures among what the runs of --mean-of were taught with"
    )
    parser.add_argument("--compile", action="store_true", help="train faster; needs a C++ compiler")
    parser.add_argument(
        "--minutes",
        type=float,
        default=defaults.minutes_max,
        help="end the schedule after so long, however far it has come",
    )
    arguments = parser.parse_args()
    if arguments.mean_of and (arguments.start or arguments.teachers):
        parser.error("--mean-of trains nothing: it has no --start and no --teachers")
    settings = dataclasses.replace(
        defaults,
        epochs=arguments.epochs,
        seed=arguments.seed,
        threads=arguments.threads,
        learning_rate=arguments.rate,
        compiled=arguments.compile,
        minutes_max=arguments.minutes,
    )
    run(arguments, settings)


def run(arguments: argparse.Namespace, settings: TrainingSettings) -> None:
    """Do the whole training; `--out` then holds attributes.onnx and attributes.json."""
    out: Path = arguments.out
    cache = out / "cache"
    for line in prepare_all(arguments.data, cache, arguments.workers):
        print(line, flush=True)
    faces, checkpoint = load(cache, "train"), out / "checkpoint.pt"
    judged = load(cache, "val")
    crops = judged.sample(RANGE_FACES)
    if arguments.mean_of:
        seen = itertools.islice(crops_seen(faces, settings, arguments.mixed), MEASURED_BATCHES)
        network = mean_of([opened(path, crops) for path in arguments.mean_of], seen)
    else:
        first = opened(arguments.start, crops) if arguments.start else None
        networks = [opened(path, crops) for path in arguments.teachers or ()]
        teachers = Teachers(networks, settings.compiled) if networks else None
        network = train(faces, settings, checkpoint, print, first, teachers)
    finish(arguments, network, judged)


def opened(earlier: Path, crops: NDArray[np.uint8]) -> AttributeNetwork:
    """Open what an earlier run left: its checkpoint, of which the averaged weights count, or its `attributes.onnx`.

    Args:
        crops: (N, 112, 112, 3) faces, see `training.recovery.recover`.
    """
    if earlier.suffix == ".onnx":
        return recover(earlier.read_bytes(), crops)
    network = AttributeNetwork()
    network.load_state_dict(torch.load(earlier, weights_only=True)["averaged"])
    return network


def finish(arguments: argparse.Namespace, network: AttributeNetwork, faces: Faces) -> None:
    """Fit what is fitted on a finished trunk, calibrate, and write the two files.

    Args:
        faces: the calibration part.
    """
    out: Path = arguments.out
    quality = out / "cache" / "quality.npz"
    prepare_quality(arguments.data, quality)
    whole = WholeNetwork(network, fit_quality(network, quality, print))
    raw = predict(whole, faces)
    figures, calibration = figures_of(faces, raw), calibrate(faces, raw)
    version = time.strftime("%Y.%m.%d", time.gmtime())
    content = to_onnx(whole, calibration, faces.sample(RANGE_FACES))
    write_model(out, content, calibration, version, figures)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    restart_with_steady_memory()
    main()
