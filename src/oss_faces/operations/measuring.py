"""Measure how near strangers come to each other in a space, on the pictures of whoever runs it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from oss_faces.errors import ConfigurationError, ImageError
from oss_faces.geometry import FloatArray
from oss_faces.pipeline import RecognitionPipeline
from oss_faces.recognition import SAME_RATE, SAME_SIMILARITY, Calibration, compare_strangers, genuine_pairs

PICTURES_MAX: Final = 10_000
# A rate is told when so many pairs of strangers are behind it.
_PAIRS_MIN: Final = 10
_RATES: Final = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured.

    Attributes:
        without_face: pictures that show no face, or are none.
        strangers, genuine: pairs of two persons, and of one.
        found: share of the pairs of one person with a similarity of 0.8 or more; nan when there is no such pair.
    """

    calibration: Calibration
    persons: int
    faces: int
    without_face: int
    strangers: int
    genuine: int
    found: float


def people_of(folder: Path) -> Mapping[str, Sequence[Path]]:
    """Read a folder that has a folder for each person.

    Raises:
        ConfigurationError: there are not two persons, or too many pictures.
    """
    people = {place.name: sorted(_files(place)) for place in sorted(folder.iterdir()) if place.is_dir()}
    if len(people) < 2:
        raise ConfigurationError(f"{folder} has to have a folder for each person, of two persons at least")
    count = sum(len(files) for files in people.values())
    if count > PICTURES_MAX:
        raise ConfigurationError(f"{folder} has {count} pictures; at most {PICTURES_MAX} can be measured at once")
    return people


def measure(pipeline: RecognitionPipeline, people: Mapping[str, Sequence[Path]]) -> Measurement:
    """Compare the largest face of every picture with those of all other persons.

    Raises:
        ConfigurationError: there are too few pairs of strangers for a rate of one in a thousand.
    """
    vectors: list[FloatArray] = []
    who: list[str] = []
    without_face = 0
    for name, files in people.items():
        for file in files:
            vector = _embed(pipeline, file)
            if vector is None:
                without_face += 1
            else:
                vectors.append(vector)
                who.append(name)
    identities = np.array(who)
    needed = round(_PAIRS_MIN / SAME_RATE)
    pairs = _pairs_of_strangers(identities)
    if pairs < needed:
        raise ConfigurationError(f"{pairs} pairs of two persons are too few for one in a thousand; {needed} are needed")
    stacked = np.stack(vectors)
    strangers = compare_strangers(stacked, identities)
    calibration = Calibration(
        tuple((rate, strangers.distance(rate)) for rate in _RATES if rate * strangers.count >= _PAIRS_MIN)
    )
    calibration.validate()
    first, second = genuine_pairs(identities)
    near = np.linalg.norm(stacked[first] - stacked[second], axis=1) < calibration.distance_of(SAME_SIMILARITY)
    found = float(near.mean()) if len(near) else float("nan")
    return Measurement(calibration, len(set(who)), len(who), without_face, strangers.count, len(first), found)


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _embed(pipeline: RecognitionPipeline, file: Path) -> FloatArray | None:
    try:
        return pipeline.embed_largest(file.read_bytes()).vector
    except ImageError:
        return None


def _pairs_of_strangers(identities: np.ndarray[tuple[int, ...], np.dtype[np.str_]]) -> int:
    _, counts = np.unique(identities, return_counts=True)
    return int((len(identities) ** 2 - (counts**2).sum()) // 2)
