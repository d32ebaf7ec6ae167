from oss_faces.recognition.calibration import DLIB_CALIBRATION, SAME_SIMILARITY, Calibration
from oss_faces.recognition.embedder import Embedder, NetworkEmbedder
from oss_faces.recognition.fixed import FixedEmbedder
from oss_faces.recognition.settings import RecognitionSettings

__all__ = [
    "DLIB_CALIBRATION",
    "SAME_SIMILARITY",
    "Calibration",
    "Embedder",
    "FixedEmbedder",
    "NetworkEmbedder",
    "RecognitionSettings",
]
