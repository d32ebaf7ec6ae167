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
from oss_faces.inference.fetching import FetchLimits, fetch, require_digest
from oss_faces.inference.probe import Probe
from oss_faces.inference.products import IntegerProducts
from oss_faces.inference.settings import BFLOAT16, FLOAT32, INT8, RECORD_FILE, InferenceSettings, ModelSettings

__all__ = [
    "BFLOAT16",
    "CENTERFACE",
    "CHIPS",
    "DLIB_RECOGNITION",
    "FLOAT32",
    "INT8",
    "RECORD_FILE",
    "REDUCED_FLOATS",
    "WHOLE_NUMBERS",
    "Cards",
    "FetchLimits",
    "InferenceSettings",
    "IntegerProducts",
    "ModelSettings",
    "ModelSpec",
    "Probe",
    "Session",
    "attributes_spec",
    "fetch",
    "list_models",
    "read_cards",
    "read_model",
    "require_digest",
    "running_name",
    "scout_spec",
]
