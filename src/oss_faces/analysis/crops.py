"""Cut faces out of a picture: the one code path for training and for serving.

A crop is a square around the face, turned so that the eyes lie level, with room for hats and beards. What lies
outside the picture is filled with grey, never with the picture's own edge.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import CropFrame, FloatArray, fit_rotation
from oss_faces.sampling import cut
from oss_faces.values import Detections, Image

CROP_SIDE: Final = 112
# Edge of the crop as a multiple of the box's longer edge: measured advice, hats and beards still fit.
CROP_FACTOR: Final = 1.6


@dataclass(frozen=True, slots=True)
class FaceCrops:
    """Crops of all faces of one picture.

    Attributes:
        pixels: (N, side, side, 3) uint8 RGB.
        frames: where each crop lies in the picture, in source pixels.
    """

    pixels: NDArray[np.uint8]
    frames: tuple[CropFrame, ...]


def frame_of(box: FloatArray, landmarks: FloatArray) -> CropFrame:
    """Place the crop of one face.

    Args:
        box: (4,) float32, xyxy, source pixels.
        landmarks: (5, 2) float32, source pixels.
    """
    left, top, right, bottom = (float(edge) for edge in box)
    side = CROP_FACTOR * max(right - left, bottom - top, 1.0)
    return CropFrame((left + right) / 2, (top + bottom) / 2, side, fit_rotation(landmarks))


def cut_faces(image: Image, detections: Detections) -> FaceCrops:
    """Cut every face of a picture, in the order of the detections."""
    frames = tuple(
        frame_of(box, landmarks) for box, landmarks in zip(detections.boxes, detections.landmarks, strict=True)
    )
    pixels = np.empty((len(frames), CROP_SIDE, CROP_SIDE, 3), np.uint8)
    for place, frame in enumerate(frames):
        pixels[place] = cut(image, frame, CROP_SIDE)
    return FaceCrops(pixels, frames)
