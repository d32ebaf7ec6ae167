"""Every implementation of `VectorIndexes`, and vectors to fill them with."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from oss_faces.geometry import FloatArray
from oss_faces.vectors import Changes, MemoryVectorIndexes, VectorIndexes

SPACE = "dlib-recognition@1"
DIMENSIONS = 128


def unit_vectors(count: int, seed: int = 1, dimensions: int = DIMENSIONS) -> FloatArray:
    random = np.random.default_rng(seed).standard_normal((count, dimensions))
    return np.asarray(random / np.linalg.norm(random, axis=1, keepdims=True), np.float32)


def changes(
    mark: int, added: Sequence[int] = (), vectors: FloatArray | None = None, removed: Sequence[int] = ()
) -> Changes:
    made = np.empty((0, DIMENSIONS), np.float32) if vectors is None else vectors
    return Changes(mark, np.array(added, np.int64), made, np.array(removed, np.int64))


@pytest.fixture(params=["memory"])
def indexes(request: pytest.FixtureRequest) -> Iterator[VectorIndexes]:
    made = MemoryVectorIndexes()
    yield made
    made.close()
