"""What dlib itself says about the pictures of a set: its own detector, its own points, its own alignment and network.

It runs in an environment of its own (`make reference`), imports nothing of this project, and computes no figure: it
writes vectors, which `python -m evaluation --reports identity --reference FILE` judges by the same rules as ours.

Its detector is blind to many tight crops, so dlib is asked twice: with the boxes of its own detector, and with ours.
dlib frames a face otherwise than our detector, and its points are trained on its own frames: our boxes are moved and
scaled by the median difference over the pictures in which both found a face. The vector of a variant is dlib's own
descriptor; `mirrored` adds that of the mirrored chip, as our embedder does.

dlib's wheel takes 70 ms for a look. With `--network` the looks go through the ONNX copy of its network instead, all but
those at every fortieth picture, which go through both: where they differ by more than a trifle the program ends.
"""

import argparse
import importlib.util
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import dlib
import numpy as np
import onnxruntime
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]
# dlib ships no type information.
_DLIB: Final[Any] = dlib
_PARQUET: Final[Any] = pq
_ONNX: Final[Any] = onnxruntime
_MODELS: Final = "face_recognition_models"
_NETWORK: Final = "dlib_face_recognition_resnet_model_v1.dat"
_POINTS: Final = {5: "shape_predictor_5_face_landmarks.dat", 68: "shape_predictor_68_face_landmarks.dat"}
_CHIP_SIDE: Final = 150
_CHIP_PADDING: Final = 0.25
_DIMENSIONS: Final = 128
# The detector sees faces of 80 pixels and more; one doubling shows it those of 40.
_DOUBLINGS: Final = 1
_BATCH_ROWS: Final = 64
_CHECKED_EVERY: Final = 40
# Of numbers that lie between -1 and 1.
_TOLERANCE: Final = 1e-4
# Name, whose boxes, and by how many points faces are aligned.
_VARIANTS: Final = (("own_boxes", "own_boxes", 5), ("our_boxes", "our_boxes", 5), ("68_points", "our_boxes", 68))


@dataclass(frozen=True, slots=True)
class Engine:
    """dlib's parts: detector, points by their number, network."""

    detector: Any
    points: dict[int, Any]
    network: Any
    copy: Any

    @classmethod
    def load(cls, copy: Path | None) -> "Engine":
        """Load them from the package that carries the files, of which no code is run.

        Args:
            copy: the network as ONNX file, if most looks may go through it.
        """
        found = importlib.util.find_spec(_MODELS)
        assert found is not None, f"{_MODELS} is not installed"
        folder = Path(next(iter(found.submodule_search_locations or ()))) / "models"
        points = {count: _DLIB.shape_predictor(str(folder / file)) for count, file in _POINTS.items()}
        network = _DLIB.face_recognition_model_v1(str(folder / _NETWORK))
        return cls(_DLIB.get_frontal_face_detector(), points, network, _session(copy) if copy else None)

    def find(self, picture: Array) -> Array:
        """Find the largest face: (4,) left, top, right, bottom, or nan."""
        boxes = self.detector(picture, _DOUBLINGS)
        if not boxes:
            return np.full(4, np.nan)
        box = max(boxes, key=lambda each: each.area())
        return np.array([box.left(), box.top(), box.right(), box.bottom()], float)

    def describe(self, boxes: Array, points: int, picture: Array, place: int) -> tuple[Array, Array]:
        """Return the descriptor of the face in a box, and the mean of it and of that of its mirror picture."""
        box = boxes[place]
        if not np.isfinite(box).all():
            nothing = np.full(_DIMENSIONS, np.nan)
            return nothing, nothing
        shape = self.points[points](picture, _DLIB.rectangle(*(round(float(edge)) for edge in box)))
        chip = _DLIB.get_face_chip(picture, shape, _CHIP_SIDE, _CHIP_PADDING)
        plain, mirrored = self._embed(np.stack([chip, chip[:, ::-1]]), place)
        both = plain / np.linalg.norm(plain) + mirrored / np.linalg.norm(mirrored)
        return plain, both / np.linalg.norm(both)

    def _embed(self, chips: Array, place: int) -> Array:
        if self.copy is not None:
            [copied] = self.copy.run(None, {"chips": chips})
            if place % _CHECKED_EVERY:
                return np.asarray(copied)
        own = np.stack([np.array(self.network.compute_face_descriptor(chip)) for chip in chips])
        if self.copy is not None:
            difference = float(np.abs(own - copied).max())
            assert difference < _TOLERANCE, f"the copy of the network differs by {difference} at picture {place}"
        return own


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a set: the file, their ids, and who is shown."""

    file: Path
    ids: list[str]
    identities: list[str]

    @classmethod
    def open(cls, file: Path) -> "Pictures":
        """Read who is on the pictures."""
        columns = _PARQUET.read_table(file, columns=["id", "identity"]).to_pydict()
        return cls(file, [str(each) for each in columns["id"]], [str(each) for each in columns["identity"]])

    def each(self, name: str, work: Callable[[Array, int], Any]) -> list[Any]:
        """Do something with every picture and its place, in the order of the ids."""
        done: list[Any] = []
        for batch in _PARQUET.ParquetFile(self.file).iter_batches(_BATCH_ROWS, columns=["image"]):
            for row in batch.to_pylist():
                picture = np.asarray(Image.open(io.BytesIO(row["image"])).convert("RGB"))
                done.append(work(picture, len(done)))
            print(f"{name}: {len(done)} of {len(self.ids)}", flush=True)
        return done


def main() -> None:
    """Ask dlib about every picture and write what it says; what an earlier run wrote is kept."""
    options = _parser().parse_args()
    pictures, engine = Pictures.open(options.data), Engine.load(options.network)
    said: dict[str, Array] = {}
    if options.out.is_file():
        with np.load(options.out) as before:
            said = {name: before[name] for name in before}
    if "own_boxes_found" not in said:
        said["own_boxes_found"] = np.stack(pictures.each("boxes", lambda picture, _: engine.find(picture)))
        _write(options.out, pictures, said)
    sources = {"own_boxes": said["own_boxes_found"]}
    if options.faces is not None:
        with np.load(options.faces) as ours:
            assert ours["ids"].tolist() == pictures.ids, f"{options.faces} holds other pictures than {options.data}"
            sources["our_boxes"] = framed(ours["boxes"], sources["own_boxes"])
    for name, source, points in _VARIANTS:
        if source in sources and name not in said:
            describe = partial(engine.describe, sources[source], points)
            both = zip(*pictures.each(name, describe), strict=True)
            said[name], said[f"{name},mirrored"] = (np.stack(part) for part in both)
            _write(options.out, pictures, said)


def _write(file: Path, pictures: "Pictures", said: dict[str, Array]) -> None:
    variants = [name + more for name, _, _ in _VARIANTS for more in ("", ",mirrored") if name in said]
    columns: dict[str, Any] = said | {"ids": np.array(pictures.ids), "identities": np.array(pictures.identities)}
    np.savez(file, **columns | {"variants": np.array(variants)})


def _session(file: Path) -> Any:
    options = _ONNX.SessionOptions()
    options.intra_op_num_threads = 1
    return _ONNX.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def framed(boxes: Array, own: Array) -> Array:
    """Move and scale our boxes to how dlib frames faces: squares, by the median over the faces that both found."""
    center, height = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 3] - boxes[:, 1]
    own_center, own_side = (own[:, :2] + own[:, 2:]) / 2, own[:, 3] - own[:, 1]
    shift = np.nanmedian((own_center - center) / height[:, None], axis=0)
    half = np.nanmedian(own_side / height) * height[:, None] / 2
    moved = center + shift * height[:, None]
    return np.hstack([moved - half, moved + half])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="Parquet file of the pictures")
    parser.add_argument(
        "--faces", type=Path, help="what `python -m evaluation --vectors DIR` kept of them, for our boxes"
    )
    parser.add_argument("--network", type=Path, help="ONNX copy of dlib's network, for speed; checked against it")
    parser.add_argument("--out", type=Path, required=True, help="file to write, or to add to (.npz)")
    return parser


if __name__ == "__main__":
    main()
