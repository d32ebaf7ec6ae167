"""Measure the ranges of the detector's tensors: `python -m training.detector_ranges --data DIR --out FILE`.

Writes `centerface_ranges.json`, from which the detector is turned into whole numbers where it runs. About 70 s of one
processor.
"""

import argparse
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from PIL import Image as Pillow

from evaluation.detection import FACE_SETS
from evaluation.sets import SetFolder
from oss_faces.detection.levels import Levels
from oss_faces.detection.views import Window, view_part, view_whole
from oss_faces.inference import CENTERFACE, ModelSettings, OnnxSession, prepare_centerface, read_model
from oss_faces.values import ImageSize

SEED: Final = 0
SPLIT: Final = "train"
# Pictures of each set. Those that the detector is judged on are left out, also where they bear the name of training.
PICTURES: Final = {"celeba_wild": 60, "mask_chandrikadeb": 60, "utkface": 30, "fer2013": 30}
SINGLE: Final = {"celeba_wild": 40, "mask_chandrikadeb": 30, "utkface": 10, "fer2013": 10}
CROWDED: Final = ("celeba_wild", "mask_chandrikadeb", "utkface")
# Heights of the pictures that crowds are put together from, in pixels.
CROWD_SIDES: Final = (40, 60, 90, 130, 200, 320)
CROWDS: Final = 5
WINDOWS: Final = 8
WINDOW_SIDE: Final = 48
WINDOW_ZOOM: Final = 4.0
# The range is that of the canvases but the most extreme ones: a single outlier must not make all steps coarse.
EXTREME_PERCENT: Final = 5.0
# Between these the picture is still large: in floating point they cost no more, and they matter most.
IN_FLOATING_POINT: Final = frozenset({"365", "368", "369", "373"})
HEADS: Final = frozenset({"536", "538", "539", "540"})
DIGITS: Final = 6


def main() -> None:
    """Look at the pictures and write the ranges."""
    parser = argparse.ArgumentParser(prog="python -m training.detector_ranges", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of Parquet files")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    options = parser.parse_args()
    ranges = measure(draw_canvases(SetFolder(options.data)))
    card = {
        "network": CENTERFACE.sha256,
        "made_by": "python -m training.detector_ranges",
        "pictures": PICTURES,
        "ranges": ranges,
    }
    options.out.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def measure(canvases: Iterator[NDArray[np.uint8]]) -> dict[str, tuple[float, float]]:
    """Run the network in floating point and give the range of each tensor that may become bytes."""
    model = onnx.load_from_string(prepare_centerface(read_model(CENTERFACE, ModelSettings()), {}))
    names = _names(model.graph)
    del model.graph.output[:]
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = OnnxSession(model.SerializeToString())
    lows, highs = [], []
    for canvas in canvases:
        values = session.run({"image": canvas[None]})
        lows.append([float(value.min()) for value in values])
        highs.append([float(value.max()) for value in values])
    low = np.percentile(lows, EXTREME_PERCENT, axis=0)
    high = np.percentile(highs, 100 - EXTREME_PERCENT, axis=0)
    return {name: (_short(low[place]), _short(high[place])) for place, name in enumerate(names)}


def draw_canvases(sets: SetFolder) -> Iterator[NDArray[np.uint8]]:
    """Draw what the detector sees when it serves: whole pictures near and from afar, and windows of crowds."""
    random = np.random.default_rng(SEED)
    pictures = {name: _read(sets, name, count) for name, count in PICTURES.items()}
    for name, count in SINGLE.items():
        for picture in pictures[name][:count]:
            yield from _looks(Levels(np.asarray(picture)), ImageSize(picture.width, picture.height))
    tiles = [picture for name in CROWDED for picture in pictures[name]]
    for side in CROWD_SIDES:
        for _ in range(CROWDS):
            size = ImageSize(int(random.integers(600, 1200)), int(random.integers(400, 900)))
            crowd = Levels(np.asarray(_crowd(tiles, size, side, random)))
            yield from _looks(crowd, size)
            for _ in range(WINDOWS):
                left = int(random.integers(0, size.width - WINDOW_SIDE))
                top = int(random.integers(0, size.height - WINDOW_SIDE))
                yield view_part(size, Window(left, top, WINDOW_SIDE, WINDOW_SIDE), WINDOW_ZOOM).draw(crowd)


def _looks(levels: Levels, size: ImageSize) -> Iterator[NDArray[np.uint8]]:
    yield view_whole(size, 640, 3.0).draw(levels)
    yield view_whole(size, 192, 2.0, margin=32).draw(levels)


def _read(sets: SetFolder, name: str, count: int) -> list[Pillow.Image]:
    judged = {row["id"] for row in sets.rows(name, [], FACE_SETS[name])} if name in FACE_SETS else set()
    pictures: list[Pillow.Image] = []
    for row in sets.rows(name, ["image"], split=SPLIT):
        if len(pictures) == count:
            break
        if row["id"] not in judged:
            pictures.append(Pillow.open(io.BytesIO(row["image"])).convert("RGB"))
    return pictures


def _crowd(tiles: Sequence[Pillow.Image], size: ImageSize, side: int, random: np.random.Generator) -> Pillow.Image:
    """Hang pictures side by side, at about this height."""
    crowd = Pillow.new("RGB", (size.width, size.height))
    for top in range(0, size.height, int(side * 0.9)):
        left = 0
        while left < size.width:
            tile = tiles[int(random.integers(len(tiles)))]
            zoom = side / max(tile.size) * random.uniform(0.7, 1.3)
            small = tile.resize((max(8, int(tile.width * zoom)), max(8, int(tile.height * zoom))))
            crowd.paste(small, (left, top))
            left += small.width
    return crowd


def _names(graph: Any) -> list[str]:
    rectified = {node.input[0] for node in graph.node if node.op_type == "Relu"}
    sorted_ = {node.input[0] for node in graph.node if node.op_type == "DepthToSpace"}
    return [
        node.output[0]
        for node in graph.node
        if node.op_type in ("Conv", "Relu", "Add", "DepthToSpace")
        and node.output[0] not in rectified | sorted_ | IN_FLOATING_POINT | HEADS
    ]


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


if __name__ == "__main__":
    main()
