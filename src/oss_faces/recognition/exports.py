from oss_faces.recognition.calibration import DLIB_CALIBRATION, DLIB_DIMENSIONS, SAME_RATE, Calibration
from oss_faces.recognition.chips import ARCFACE_ALIGNMENT, DLIB_ALIGNMENT, Alignment
from oss_faces.recognition.decision import Verdict, judge
from oss_faces.recognition.embedder import Embedder, NetworkEmbedder
from oss_faces.recognition.fitness import ADVICE, Flaw, flaws
from oss_faces.recognition.fixed import FixedEmbedder
from oss_faces.recognition.pack_library import PackLibrary
from oss_faces.recognition.pack_network import load_pack
from oss_faces.recognition.packs import PackInput, PackSpec
from oss_faces.recognition.settings import SAME_SIMILARITY, DecisionSettings, FitnessSettings, RecognitionSettings
from oss_faces.recognition.space import Space, VectorSpace
from oss_faces.recognition.strangers import Strangers, compare_strangers, genuine_pairs
from oss_faces.recognition.tracking import Tracker

__all__ = [
    "ADVICE",
    "ARCFACE_ALIGNMENT",
    "DLIB_ALIGNMENT",
    "DLIB_CALIBRATION",
    "DLIB_DIMENSIONS",
    "SAME_RATE",
    "SAME_SIMILARITY",
    "Alignment",
    "Calibration",
    "DecisionSettings",
    "Embedder",
    "FitnessSettings",
    "FixedEmbedder",
    "Flaw",
    "NetworkEmbedder",
    "PackInput",
    "PackLibrary",
    "PackSpec",
    "RecognitionSettings",
    "Space",
    "Strangers",
    "Tracker",
    "VectorSpace",
    "Verdict",
    "compare_strangers",
    "flaws",
    "genuine_pairs",
    "judge",
    "load_pack",
]
