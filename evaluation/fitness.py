"""From where on a face is better refused: how recognition fails as faces become small, blurred, dark or turned.

Two pictures of each person; the second is made worse step by step. Each look falls into a band by what the pipeline
itself measures on it, as it would on a picture from outside. In every band: how often the person is not recognised at
similarity 0.8, and how often a stranger is taken for one.
"""

import heapq
import io
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageFilter

from evaluation.rows import Row, interval
from evaluation.task import Task
from oss_faces.pipeline import RecognitionPipeline
from oss_faces.recognition import SAME_SIMILARITY
from oss_faces.values import Face

Array = NDArray[Any]
SET: Final = "celeba10k"
WHAT: Final = "fitness"
PERSONS: Final = 120
PERSONS_QUICK: Final = 12
SHRUNK: Final = (0.7, 0.5, 0.4, 0.3, 0.22)
BLURRED: Final = (1, 2, 3, 4, 6)
DARKENED: Final = (0.3, 0.15, 0.08, 0.04)
# Of a sensor in the dark, in 1/255.
_NOISE: Final = 3.0
_RESAMPLES: Final = 300


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that is measured on a face.

    Attributes:
        kinds: which ways of making pictures worse are looked at; `plain` always is.
        edges: of the bands.
    """

    of: Callable[[Face], float]
    kinds: frozenset[str]
    edges: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A face of a person in a picture that was made worse in some way."""

    person: int
    kind: str
    face: Face
    vector: Array


MEASURES: Final[Mapping[str, Measure]] = {
    "side": Measure(
        lambda face: min(face.box.width, face.box.height), frozenset({"shrunk"}), (0, 14, 18, 24, 30, 40, 1000)
    ),
    "sharpness": Measure(
        lambda face: face.sharpness or 0.0, frozenset({"shrunk", "blurred"}), (0, 0.2, 0.3, 0.4, 0.6, 0.8, 1.01)
    ),
    "quality": Measure(
        lambda face: face.quality or 0.0,
        frozenset({"shrunk", "blurred", "darkened"}),
        (0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.01),
    ),
    "yaw": Measure(lambda face: abs(face.pose.yaw) if face.pose else math.nan, frozenset(), (0, 15, 30, 45, 180)),
    "pitch": Measure(lambda face: abs(face.pose.pitch) if face.pose else math.nan, frozenset(), (0, 15, 30, 180)),
}


def evaluate_fitness(task: Task) -> list[Row]:
    """Judge what refusing faces is worth."""
    if not task.sets.has(SET):
        return []
    embedder = task.build_embedder(task.settings)
    known, looks = _look(task, RecognitionPipeline(task.build(task.settings), embedder))
    if not known or not looks:
        return []
    persons = np.array(sorted(known))
    gallery = np.stack([known[person] for person in persons])
    near = embedder.calibration.distance_of(SAME_SIMILARITY)
    distances = np.linalg.norm(np.stack([look.vector for look in looks])[:, None] - gallery, axis=2)
    own = np.array([look.person for look in looks])[:, None] == persons
    matched = distances <= near
    rows: list[Row] = []
    for name, measure in MEASURES.items():
        values = np.array([measure.of(look.face) for look in looks])
        counted = np.array([look.kind == "plain" or look.kind in measure.kinds for look in looks])
        for low, high in pairwise(measure.edges):
            here = np.flatnonzero(counted & (values >= low) & (values < high))
            if len(here):
                rows += _rows(f"{name}={low:g}..{high:g}", matched[here], own[here])
    return rows


def _rows(band: str, matched: Array, own: Array) -> list[Row]:
    """Give the two figures of a band."""
    missed = 1.0 - matched[own].astype(float)
    strangers = (matched & ~own).sum(1) / np.maximum((~own).sum(1), 1)
    return [
        _row(f"false_non_match[{band}]", missed),
        _row(f"false_match[{band}]", strangers),
    ]


def _row(metric: str, values: Array) -> Row:
    low, high = interval(len(values), lambda places: float(values[places].mean()), _RESAMPLES)
    return Row(WHAT, SET, metric, float(values.mean()), low, high, len(values), "fraction")


def _look(task: Task, pipeline: RecognitionPipeline) -> tuple[dict[int, Array], list[Look]]:
    """Look at the first picture of each person as it is, and at the second one in every way."""
    pairs = _pairs(task)
    wanted = {picture: (person, place) for person, both in pairs.items() for place, picture in enumerate(both)}

    def work(row: dict[str, Any]) -> list[tuple[str, Face, Array]]:
        place = wanted[str(row["id"])][1]
        if place == 0:
            return list(_seen(pipeline, {"plain": [row["image"]]}))
        picture = Pillow.open(io.BytesIO(row["image"])).convert("RGB")
        return list(_seen(pipeline, _worsened(picture)))

    known: dict[int, Array] = {}
    looks: list[Look] = []
    rows = (row for row in task.pictures(SET, ["image"]) if str(row["id"]) in wanted)
    for row, seen in task.each(rows, work):
        person, place = wanted[str(row["id"])]
        for kind, face, vector in seen:
            if place == 0:
                known[person] = vector
            else:
                looks.append(Look(person, kind, face, vector))
    return known, [look for look in looks if look.person in known]


def _pairs(task: Task) -> dict[int, tuple[str, str]]:
    """Choose persons, and two pictures of each: the same on every run."""
    pictures: dict[int, list[str]] = {}
    for row in task.sets.table(SET, ("id", "identity")):
        pictures.setdefault(int(row["identity"]), []).append(str(row["id"]))
    several = sorted(person for person, ids in pictures.items() if len(ids) > 1)
    most = PERSONS_QUICK if task.sets.quick else PERSONS
    chosen = several[:: max(len(several) // most, 1)][:most]
    two = {person: heapq.nsmallest(2, pictures[person]) for person in chosen}
    return {person: (first, second) for person, (first, second) in two.items()}


def _seen(pipeline: RecognitionPipeline, pictures: Mapping[str, list[bytes]]) -> Iterator[tuple[str, Face, Array]]:
    """Give the largest face of every picture that shows one."""
    for kind, contents in pictures.items():
        for content in contents:
            described = pipeline.describe(content)
            if described.result.faces:
                yield kind, described.result.faces[0], described.vectors[0]


def _worsened(picture: Pillow.Image) -> dict[str, list[bytes]]:
    """Make a picture worse in every way, and leave it as it is once."""
    width, height = picture.size
    shrunk = [picture.resize((round(width * part), round(height * part)), Pillow.Resampling.LANCZOS) for part in SHRUNK]
    blurred = [picture.filter(ImageFilter.GaussianBlur(radius)) for radius in BLURRED]
    darkened = [_darkened(picture, part) for part in DARKENED]
    ways = {"plain": [picture], "shrunk": shrunk, "blurred": blurred, "darkened": darkened}
    return {kind: [_png(made) for made in pictures] for kind, pictures in ways.items()}


def _darkened(picture: Pillow.Image, part: float) -> Pillow.Image:
    """Leave a part of the light, and the noise of the sensor."""
    noise = np.random.default_rng(0).normal(0, _NOISE, (picture.height, picture.width, 3))
    return Pillow.fromarray(np.clip(np.asarray(picture) * part + noise, 0, 255).astype(np.uint8))


def _png(picture: Pillow.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
