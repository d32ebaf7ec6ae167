from oss_faces.recognition.embedder import Embedder, NetworkEmbedder
from oss_faces.recognition.fixed import FixedEmbedder
from oss_faces.recognition.settings import RecognitionSettings
from oss_faces.recognition.similarity import similarity

__all__ = ["Embedder", "FixedEmbedder", "NetworkEmbedder", "RecognitionSettings", "similarity"]
