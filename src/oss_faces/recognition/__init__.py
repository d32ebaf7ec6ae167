from oss_faces.recognition.calibration import DLIB_CALIBRATION, SAME_SIMILARITY, Calibration
from oss_faces.recognition.decision import DecisionSettings, Verdict, judge
from oss_faces.recognition.embedder import Embedder, NetworkEmbedder
from oss_faces.recognition.fitness import ADVICE, FitnessSettings, Flaw, flaws
from oss_faces.recognition.fixed import FixedEmbedder
from oss_faces.recognition.settings import RecognitionSettings
from oss_faces.recognition.tracking import Tracker

__all__ = [
    "ADVICE",
    "DLIB_CALIBRATION",
    "SAME_SIMILARITY",
    "Calibration",
    "DecisionSettings",
    "Embedder",
    "FitnessSettings",
    "FixedEmbedder",
    "Flaw",
    "NetworkEmbedder",
    "RecognitionSettings",
    "Tracker",
    "Verdict",
    "flaws",
    "judge",
]
