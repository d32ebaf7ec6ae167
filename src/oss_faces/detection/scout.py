"""The scout: a tiny network of ours that says where in a picture a small face may be.

It looks at every pixel, for about a tenth of what CenterFace costs, and is allowed to be wrong: CenterFace then looks
closer at the places it names. Only this file knows its input and output.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FloatArray
from oss_faces.inference import Session

STRIDE: Final = 8
# Face sizes (longer side, pixels of the level looked at) that the scout was trained to see.
SMALLEST_FACE: Final = 9.0
LARGEST_FACE: Final = 26.0

# Large levels are looked at in bands of so many rows, so that memory stays small; each sees so many rows beyond its
# edges, more than the 15 that the network looks around.
_BAND_ROWS: Final = 512
_BAND_OVERLAP: Final = 32


@dataclass(frozen=True, slots=True)
class Hints:
    """Places where a small face may be, the likeliest first.

    Attributes:
        centers: (N, 2) float32, xy, pixels of the level looked at.
        scores: (N,) float32 in [0, 1].
    """

    centers: FloatArray
    scores: FloatArray


def find_hints(session: Session, level: NDArray[np.uint8], threshold: float) -> Hints:
    """Return every cell above the threshold.

    Args:
        session: the scout network: `image` (1, H, W, 3) uint8 RGB to (1, H/8, W/8) probabilities, rounded up.
        level: (H, W, 3) uint8 RGB, the whole picture at one scale.
        threshold: cells at or below it are no hints.
    """
    heat = _look(session, level)
    rows, columns = np.nonzero(heat > threshold)
    scores = heat[rows, columns]
    order = np.argsort(-scores, kind="stable")
    centers = (np.stack([columns[order], rows[order]], axis=1) + np.float32(0.5)) * STRIDE
    return Hints(centers.astype(np.float32), scores[order].astype(np.float32))


def _look(session: Session, level: NDArray[np.uint8]) -> FloatArray:
    """Run the network band by band: (ceil(H / 8), ceil(W / 8))."""
    bands = []
    for start in range(0, len(level), _BAND_ROWS):
        top = max(0, start - _BAND_OVERLAP)
        band = level[top : start + _BAND_ROWS + _BAND_OVERLAP]
        first = (start - top) // STRIDE
        bands.append(session.run({"image": band[None]})[0][0][first : first + _BAND_ROWS // STRIDE])
    return np.concatenate(bands)
