"""One byte for each component of a vector, and how far the product of two such may be from the truth.

The scale depends on the number of dimensions only, never on the vectors: what was written stays right, whatever comes
later. Components of a vector of length 1 spread like 1 / sqrt(D); those beyond `REACH` times that are clipped, which
counts as a loss like any other.

Stored codes are unsigned, those of probes signed and no larger than 64: products of the two are then exact on every
processor, also where pairs of them are first added in 16 bits.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FloatArray

CodeArray: TypeAlias = NDArray[np.uint8]
# Takes (N, D) uint8 and (Q, D) int8, gives the exact products of all rows of both: (N, Q) int32.
IntegerProduct: TypeAlias = Callable[[CodeArray, NDArray[np.int8]], NDArray[np.int32]]

REACH: Final = 6.0
ZERO: Final = 128
_LEVELS: Final = 127
_PROBE_LEVELS: Final = 64
# Sums of products of codes stay whole in float32 up to this many dimensions: 255 * 64 * 1024 < 2**24.
_FLOAT_DIMENSIONS_MAX: Final = 1024
_BLOCK_ROWS: Final = 4096


def step_of(dimensions: int) -> float:
    """Tell what one step of a stored code is worth."""
    return min(1.0, REACH / math.sqrt(dimensions)) / _LEVELS


@dataclass(frozen=True, slots=True)
class Loss:
    """What codes have lost, at the worst, over all vectors.

    Attributes:
        residual: largest distance between a vector and what its code stands for.
        shortest: smallest square of the length of what a code stands for.
    """

    residual: float = 0.0
    shortest: float = 1.0

    def with_more(self, other: "Loss") -> "Loss":
        """Give the loss of these and other codes together."""
        return Loss(max(self.residual, other.residual), min(self.shortest, other.shortest))


def encode(vectors: FloatArray) -> tuple[CodeArray, Loss]:
    """Make the codes of (N, D) vectors, and tell what they lose."""
    step = step_of(vectors.shape[1])
    levels = np.clip(np.rint(vectors / step), -_LEVELS, _LEVELS)
    residuals = np.linalg.norm(vectors - levels * step, axis=1)
    squares = np.einsum("nd,nd->n", levels, levels, dtype=np.float64) * step**2
    loss = Loss(float(residuals.max(initial=0.0)), float(squares.min(initial=1.0)))
    return (levels + ZERO).astype(np.uint8), loss


@dataclass(frozen=True, slots=True)
class CodedProbes:
    """Probes as codes.

    Attributes:
        codes: (Q, D) int8, each probe on a scale of its own.
        worth: (Q,) float64, what one step of a product of codes is worth.
        offset: (Q,) float64, product with the codes of a vector of zeros.
        residual: (Q,) float64, distance between a probe and what its code stands for.
        square: (Q,) float64, square of the length of what its code stands for.
    """

    codes: NDArray[np.int8]
    worth: NDArray[np.float64]
    offset: NDArray[np.float64]
    residual: NDArray[np.float64]
    square: NDArray[np.float64]


def encode_probes(probes: FloatArray) -> CodedProbes:
    """Make the codes of (Q, D) probes."""
    exact = probes.astype(np.float64)
    steps = np.maximum(np.abs(exact).max(axis=1, keepdims=True), np.finfo(np.float32).tiny) / _PROBE_LEVELS
    levels = np.rint(exact / steps)
    return CodedProbes(
        codes=levels.astype(np.int8),
        worth=steps[:, 0] * step_of(probes.shape[1]),
        offset=ZERO * levels.sum(axis=1),
        residual=np.linalg.norm(exact - levels * steps, axis=1),
        square=np.square(levels * steps).sum(axis=1),
    )


def multiply(codes: CodeArray, probes: NDArray[np.int8]) -> NDArray[np.int32]:
    """Multiply codes with NumPy alone, which has no fast product of integers: exact, by way of floating point."""
    kind: type[np.floating[Any]] = np.float32 if codes.shape[1] <= _FLOAT_DIMENSIONS_MAX else np.float64
    columns = probes.T.astype(kind)
    products = np.empty((len(codes), len(probes)), np.int32)
    for begin in range(0, len(codes), _BLOCK_ROWS):
        part = slice(begin, begin + _BLOCK_ROWS)
        products[part] = codes[part].astype(kind) @ columns
    return products
