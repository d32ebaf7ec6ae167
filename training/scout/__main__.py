"""Train the scout: `python -m training.scout --data DIR --out DIR` writes scout.onnx and its card scout.json."""

import argparse
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from oss_faces.detection import CenterFaceDetector, DetectionSettings
from oss_faces.inference import CENTERFACE, ModelSettings, OnnxSession, prepare_centerface, read_model
from training.scout.network import ScoutNetwork, export, train
from training.scout.pictures import read_samples
from training.scout.scenes import SceneMaker
from training.scout.settings import ScoutSettings

VERSION = "0.1.0"


def main() -> None:
    """Read the pictures, train, and write the network with its card."""
    options = _parser().parse_args()
    settings = replace(ScoutSettings(), steps=options.steps)
    torch.manual_seed(settings.seed)
    torch.set_num_threads(options.threads)
    teacher = CenterFaceDetector(
        OnnxSession(prepare_centerface(read_model(CENTERFACE, ModelSettings()), {})),
        DetectionSettings(score_threshold=0.3),
    )
    samples = read_samples(options.data, teacher, settings)
    network = ScoutNetwork(settings.channels)
    train(network, SceneMaker(samples, settings.scene_side, np.random.default_rng(settings.seed)), settings)
    network.eval()
    content = export(network)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "scout.onnx").write_bytes(content)
    card = json.dumps(_card(content, settings), indent=2)
    (options.out / "scout.json").write_text(card + "\n", encoding="utf-8")


def _card(content: bytes, settings: ScoutSettings) -> dict[str, object]:
    return {
        "version": VERSION,
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": ("Apache-2.0 for the code; weights trained on research-only data, see docs/models/scout.md"),
        "input": "image: (1, H, W, 3) uint8 RGB, any size",
        "output": ("heat: (1, H/8, W/8) rounded up, probability that a face of 9 to 26 px has its centre in the cell"),
        "training_sets": list(settings.sources),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.scout", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of Parquet files")
    parser.add_argument("--out", type=Path, required=True, help="folder for the network and its card")
    parser.add_argument("--steps", type=int, default=ScoutSettings().steps, help="batches")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    return parser


if __name__ == "__main__":
    main()
