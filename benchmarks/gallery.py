"""A gallery of vectors for the benchmark of searching: random ones, some of them spread like real ones, and real ones.

Vectors of faces lie in a narrow part of the sphere. There a nearest neighbour is much harder to tell from the next than
among vectors that point anywhere, so half of the random ones are drawn like the real ones are spread.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FloatArray
from oss_faces.vectors import Changes, VectorIndex

DIMENSIONS: Final = 128
SPACE: Final = "benchmark@1"
PROBES: Final = 200
_SEED: Final = 1
_BLOCK_ROWS: Final = 50_000


@dataclass(frozen=True, slots=True)
class Gallery:
    """What is searched, and what for.

    Attributes:
        vectors: (N, DIMENSIONS) float32 of length 1; the number of each is its row.
        probes: (PROBES, DIMENSIONS) float32 of length 1; none of them is in the gallery.
    """

    vectors: FloatArray
    probes: FloatArray


def make_gallery(count: int, folder: Path | None) -> Gallery:
    """Make a gallery.

    Args:
        folder: with real vectors, as `python -m evaluation --vectors` keeps them; without, all point anywhere.
    """
    generator = np.random.default_rng(_SEED)
    if folder is None:
        drawn = generator.standard_normal((count + PROBES, DIMENSIONS), dtype=np.float32)
        return Gallery(_unit(drawn[PROBES:]), _unit(drawn[:PROBES]))
    real = generator.permutation(_read(folder))
    centre, spread = real.mean(axis=0), np.linalg.cholesky(np.cov(real.T) + 1e-9 * np.eye(DIMENSIONS))
    vectors = generator.standard_normal((count, DIMENSIONS), dtype=np.float32)
    vectors[: count // 2] = vectors[: count // 2] @ spread.T.astype(np.float32) + centre
    kept = real[PROBES // 2 : count // 2]
    vectors[generator.choice(count, len(kept), replace=False)] = kept
    like_real = generator.standard_normal((PROBES - PROBES // 2, DIMENSIONS)) @ spread.T + centre
    return Gallery(_unit(vectors), _unit(np.concatenate([real[: PROBES // 2], like_real])))


def fill(index: VectorIndex, vectors: FloatArray) -> None:
    """Bring vectors into an index, in as many changes as it takes."""
    for begin in range(index.mark, len(vectors), _BLOCK_ROWS):
        rows = np.arange(begin, min(begin + _BLOCK_ROWS, len(vectors)))
        index.apply(Changes(int(rows[-1]) + 1, rows, vectors[rows], np.empty(0, np.int64)))


def nearest(gallery: Gallery, count: int, block_rows: int = _BLOCK_ROWS) -> NDArray[np.int64]:
    """Find the nearest of each probe by its product with every vector: (PROBES, count) rows, plainly and in float64."""
    probes = gallery.probes.astype(np.float64)
    rows = np.empty((len(probes), 0), np.int64)
    scores = np.empty((len(probes), 0))
    for begin in range(0, len(gallery.vectors), block_rows):
        block = gallery.vectors[begin : begin + block_rows].astype(np.float64)
        fresh = np.broadcast_to(np.arange(begin, begin + len(block)), (len(probes), len(block)))
        rows = np.concatenate([rows, fresh], axis=1)
        scores = np.concatenate([scores, probes @ block.T], axis=1)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :count]
        rows, scores = np.take_along_axis(rows, best, 1), np.take_along_axis(scores, best, 1)
    return rows


def _read(folder: Path) -> FloatArray:
    found = [np.load(path)["vectors"] for path in sorted(folder.glob("*.npz"))]
    vectors = np.concatenate(found).astype(np.float32)
    return vectors[np.isfinite(vectors).all(axis=1)]


def _unit(vectors: NDArray[Any]) -> FloatArray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, np.float32)
