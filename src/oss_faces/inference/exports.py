from oss_faces.inference.arcface_graph import prepare_arcface
from oss_faces.inference.attributes_graph import prepare_attributes
from oss_faces.inference.base import CHIPS, Session
from oss_faces.inference.cards import Cards, read_cards
from oss_faces.inference.catalogue import (
    CENTERFACE,
    DLIB_RECOGNITION,
    REDUCED_FLOATS,
    WHOLE_NUMBERS,
    ModelSpec,
    attributes_spec,
    list_models,
    read_model,
    running_name,
    scout_spec,
)
from oss_faces.inference.dlib_graph import prepare_dlib_recognition
from oss_faces.inference.engines import Engines, native_bfloat16
from oss_faces.inference.fetching import FetchLimits, fetch, require_digest
from oss_faces.inference.openvino_session import OpenVinoSession
from oss_faces.inference.preparation import Ranges, prepare_centerface, prepare_scout
from oss_faces.inference.probe import Probe
from oss_faces.inference.products import IntegerProducts
from oss_faces.inference.ranges import centerface_ranges
from oss_faces.inference.session import OnnxSession
from oss_faces.inference.settings import (
    BFLOAT16,
    FLOAT32,
    INT8,
    ONNXRUNTIME,
    OPENVINO,
    RECORD_FILE,
    InferenceSettings,
    ModelSettings,
)
from oss_faces.inference.trials import Trial, read_trials

__all__ = [
    "BFLOAT16",
    "CENTERFACE",
    "CHIPS",
    "DLIB_RECOGNITION",
    "FLOAT32",
    "INT8",
    "ONNXRUNTIME",
    "OPENVINO",
    "RECORD_FILE",
    "REDUCED_FLOATS",
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
    "Probe",
    "Ranges",
    "Session",
    "Trial",
    "attributes_spec",
    "centerface_ranges",
    "fetch",
    "list_models",
    "native_bfloat16",
    "prepare_arcface",
    "prepare_attributes",
    "prepare_centerface",
    "prepare_dlib_recognition",
    "prepare_scout",
    "read_cards",
    "read_model",
    "read_trials",
    "require_digest",
    "running_name",
    "scout_spec",
]
