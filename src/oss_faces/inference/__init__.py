from oss_faces.inference.arcface_graph import prepare_arcface
from oss_faces.inference.cards import Cards, read_cards
from oss_faces.inference.catalogue import (
    CENTERFACE,
    DLIB_RECOGNITION,
    WHOLE_NUMBERS,
    ModelSettings,
    ModelSpec,
    attributes_spec,
    list_models,
    read_model,
    scout_spec,
)
from oss_faces.inference.dlib_graph import CHIPS, prepare_dlib_recognition
from oss_faces.inference.engines import RECORD_FILE, Engines, InferenceSettings, Trial, read_trials
from oss_faces.inference.fetching import FetchLimits, fetch, require_digest
from oss_faces.inference.openvino_session import OpenVinoSession
from oss_faces.inference.preparation import Ranges, prepare_centerface, prepare_scout
from oss_faces.inference.products import IntegerProducts
from oss_faces.inference.ranges import centerface_ranges
from oss_faces.inference.session import OnnxSession, Session

__all__ = [
    "CENTERFACE",
    "CHIPS",
    "DLIB_RECOGNITION",
    "RECORD_FILE",
    "WHOLE_NUMBERS",
    "Cards",
    "Engines",
    "FetchLimits",
    "InferenceSettings",
    "IntegerProducts",
    "ModelSettings",
    "ModelSpec",
    "OnnxSession",
    "OpenVinoSession",
    "Ranges",
    "Session",
    "Trial",
    "attributes_spec",
    "centerface_ranges",
    "fetch",
    "list_models",
    "prepare_arcface",
    "prepare_centerface",
    "prepare_dlib_recognition",
    "prepare_scout",
    "read_cards",
    "read_model",
    "read_trials",
    "require_digest",
    "scout_spec",
]
