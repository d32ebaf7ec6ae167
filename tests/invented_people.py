"""Invented persons: directions that are far apart, and faces scattered around them."""

from collections.abc import Sequence

import numpy as np

from oss_faces.clustering import NewFaces
from oss_faces.geometry import FloatArray

DIMENSIONS = 128
# Root mean square distance of two faces of one person; that of two persons is about 0.6.
SCATTER = 0.25


def faces_of(counts: Sequence[int], seed: int = 0, scatter: float = SCATTER) -> tuple[FloatArray, np.ndarray]:
    """Invent so many faces of each person: vectors (N, D) of length 1, and whose they are."""
    random = np.random.default_rng(seed)
    middle = np.full(DIMENSIONS, 3.0) + random.normal(size=(len(counts), DIMENSIONS)) * 1.4
    whose = np.repeat(np.arange(len(counts)), counts)
    people = middle / np.linalg.norm(middle, axis=1, keepdims=True)
    vectors = people[whose] + random.normal(size=(len(whose), DIMENSIONS)) * (scatter / np.sqrt(2 * DIMENSIONS))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), whose


def new_faces(
    vectors: FloatArray,
    *,
    pictures: Sequence[str] = (),
    contents: Sequence[str] = (),
    weak: Sequence[int] = (),
    unfit: Sequence[int] = (),
    crowding: Sequence[float] | None = None,
    first: int = 1,
) -> NewFaces:
    """Make new faces, numbered from `first`; each on a picture of its own, and good, unless said otherwise.

    Args:
        weak: places of those that may only join.
        unfit: places of those that may not even do that.
    """
    count = len(vectors)
    numbers = np.arange(first, first + count)
    own = [str(number) for number in numbers]
    places = np.arange(count)
    return NewFaces(
        numbers,
        vectors,
        list(pictures) or own,
        list(contents) or own,
        np.zeros(count) if crowding is None else np.asarray(crowding, np.float64),
        ~np.isin(places, [*weak, *unfit]),
        ~np.isin(places, unfit),
    )
