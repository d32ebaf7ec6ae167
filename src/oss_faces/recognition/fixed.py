import zlib
from dataclasses import dataclass

import numpy as np

from oss_faces.geometry import FloatArray
from oss_faces.recognition.calibration import DLIB_CALIBRATION, Calibration
from oss_faces.values import Image


@dataclass(frozen=True, slots=True)
class FixedEmbedder:
    """An embedder for tests of what comes after it: the same pixels give the same vector, others another."""

    space: str = "fixed@1"
    dimensions: int = 128
    calibration: Calibration = DLIB_CALIBRATION

    def embed(self, image: Image, landmarks: FloatArray) -> FloatArray:
        """Turn every face of a picture into a vector; see `Embedder.embed`."""
        random = np.random.default_rng(zlib.crc32(image.pixels.tobytes()))
        vectors = random.standard_normal((len(landmarks), self.dimensions))
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
