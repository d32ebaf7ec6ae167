"""Boxes and similarity transforms: pure numpy, float32, no knowledge of any model."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

# Five points of an upright frontal face in a unit square around the face box, only used to find the in-plane
# rotation; shape as in the 5-point template in general use for alignment, fitted here to CenterFace points
# (shared measurements, template B of the recognition chip).
FRONTAL_POINTS: Final = np.array(
    [[0.3141, 0.3189], [0.6872, 0.3098], [0.4986, 0.5256], [0.3420, 0.6949], [0.6520, 0.6872]], np.float32
)


def box_areas(boxes: FloatArray) -> FloatArray:
    """Areas of (N, 4) xyxy boxes; a box turned inside out has area 0."""
    extent = np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0)
    areas: FloatArray = (extent[:, 0] * extent[:, 1]).astype(np.float32)
    return areas


def pairwise_iou(first: FloatArray, second: FloatArray) -> FloatArray:
    """Intersection over union of every box of `first` (N, 4) with every box of `second` (M, 4): (N, M)."""
    intersection = _pairwise_intersection(first, second)
    union = box_areas(first)[:, None] + box_areas(second)[None, :] - intersection
    overlap: FloatArray = np.divide(intersection, union, out=np.zeros_like(union), where=union > 0)
    return overlap


def pairwise_containment(first: FloatArray, second: FloatArray) -> FloatArray:
    """Intersection over the smaller area of every box of `first` (N, 4) with every box of `second` (M, 4): (N, M)."""
    smaller = np.minimum(box_areas(first)[:, None], box_areas(second)[None, :])
    shared = _pairwise_intersection(first, second)
    containment: FloatArray = np.divide(shared, smaller, out=np.zeros_like(smaller), where=smaller > 0)
    return containment


def _pairwise_intersection(first: FloatArray, second: FloatArray) -> FloatArray:
    top_left = np.maximum(first[:, None, :2], second[None, :, :2])
    bottom_right = np.minimum(first[:, None, 2:], second[None, :, 2:])
    extent = np.maximum(bottom_right - top_left, 0.0)
    intersection: FloatArray = (extent[..., 0] * extent[..., 1]).astype(np.float32)
    return intersection


def suppress(boxes: FloatArray, scores: FloatArray, iou_threshold: float) -> NDArray[np.intp]:
    """Greedy non-maximum suppression: places of the kept boxes, by descending score."""
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        overlap = pairwise_iou(boxes[best : best + 1], boxes[rest])[0]
        order = rest[overlap < iou_threshold]
    return np.array(kept, np.intp)


def fit_rotation(landmarks: FloatArray) -> float:
    """In-plane rotation of a face in radians, clockwise positive (y points down).

    Least-squares similarity of the five points (5, 2) onto `FRONTAL_POINTS`, of which only the angle is used.
    """
    source = FRONTAL_POINTS - FRONTAL_POINTS.mean(axis=0)
    target = landmarks - landmarks.mean(axis=0)
    cosine = float(np.sum(source * target))
    sine = float(np.sum(source[:, 0] * target[:, 1] - source[:, 1] * target[:, 0]))
    return float(np.arctan2(sine, cosine))


@dataclass(frozen=True, slots=True)
class CropFrame:
    """A square cut out of the picture, possibly rotated.

    Attributes:
        center_x, center_y: centre of the square in source pixels.
        side: edge length in source pixels.
        angle: clockwise rotation of the square's axes against the picture's, in radians.
    """

    center_x: float
    center_y: float
    side: float
    angle: float

    def to_source(self, crop_side: int) -> NDArray[np.float64]:
        """Affine matrix (2, 3) from crop coordinates (0..crop_side) to source coordinates."""
        step = self.side / crop_side
        cosine, sine = np.cos(self.angle) * step, np.sin(self.angle) * step
        half = crop_side / 2
        return np.array(
            [
                [cosine, -sine, self.center_x - cosine * half + sine * half],
                [sine, cosine, self.center_y - sine * half - cosine * half],
            ]
        )


def align_square(landmarks: FloatArray, template: FloatArray) -> CropFrame:
    """Place a square so that five points of a face come to lie as near as they can to where the template has them.

    Args:
        landmarks: (5, 2) float32, source pixels.
        template: (5, 2) float32, in units of the square.
    """
    source, wanted = _complex(landmarks), _complex(template)
    spread = wanted - wanted.mean()
    turn = np.vdot(spread, source - source.mean()) / np.vdot(spread, spread)
    center = source.mean() + turn * (complex(0.5, 0.5) - wanted.mean())
    return CropFrame(float(center.real), float(center.imag), max(float(abs(turn)), 1.0), float(np.angle(turn)))


def _complex(points: FloatArray) -> NDArray[np.complex128]:
    """Points as complex numbers: a product turns and scales at once."""
    return np.asarray(points[:, 0] + 1j * points[:, 1].astype(np.float64))
