from oss_faces.recognition.embedder import VECTOR_SIZE, Embedder, NetworkEmbedder
from oss_faces.recognition.fixed import FixedEmbedder
from oss_faces.recognition.settings import RecognitionSettings
from oss_faces.recognition.similarity import distance_of, similarity

__all__ = [
    "VECTOR_SIZE",
    "Embedder",
    "FixedEmbedder",
    "NetworkEmbedder",
    "RecognitionSettings",
    "distance_of",
    "similarity",
]
