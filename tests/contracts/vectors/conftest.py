"""Every implementation of `VectorIndexes`, and vectors to fill them with."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from oss_faces.geometry import FloatArray
from oss_faces.inference import IntegerProducts
from oss_faces.vectors import (
    Changes,
    FileVectorIndexes,
    MemoryVectorIndexes,
    VectorIndexes,
    VectorSettings,
    open_vector_indexes,
)

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


def file_indexes(folder: Path, codes_rows_min: int = 0) -> FileVectorIndexes:
    """Small blocks, so that a few vectors fill several."""
    return FileVectorIndexes(folder, VectorSettings(codes_rows_min=codes_rows_min, block_scores=1024))


@pytest.fixture(params=["memory", "files", "codes", "codes_by_engine", "milvus"])
def indexes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorIndexes]:
    made: VectorIndexes
    match request.param:
        case "memory":
            made = MemoryVectorIndexes()
        case "files":
            made = file_indexes(tmp_path, codes_rows_min=10**6)
        case "codes":
            made = file_indexes(tmp_path)
        case "milvus":
            pytest.importorskip("milvus_lite", reason="needs Milvus Lite, which pip installs with the extra test")
            settings = VectorSettings(engine="milvus", milvus_uri=str(tmp_path / "milvus.db"))
            made = open_vector_indexes(settings, tmp_path, {})
        case _:
            settings = VectorSettings(codes_rows_min=0, block_scores=4096)
            made = FileVectorIndexes(tmp_path, settings, IntegerProducts())
    yield made
    made.close()
