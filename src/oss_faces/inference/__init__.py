from oss_faces.inference.arcface_graph import prepare_arcface
from oss_faces.inference.cards import Cards, read_cards
from oss_faces.inference.catalogue import (
    CENTERFACE,
    DLIB_RECOGNITION,
    ModelSettings,
    ModelSpec,
    attributes_spec,
    list_models,
    read_model,
    scout_spec,
)
from oss_faces.inference.dlib_graph import CHIPS, prepare_dlib_recognition
from oss_faces.inference.fetching import FetchLimits, fetch, require_digest
from oss_faces.inference.preparation import prepare_centerface
from oss_faces.inference.products import IntegerProducts
from oss_faces.inference.session import OnnxSession, Session

__all__ = [
    "CENTERFACE",
    "CHIPS",
    "DLIB_RECOGNITION",
    "Cards",
    "FetchLimits",
    "IntegerProducts",
    "ModelSettings",
    "ModelSpec",
    "OnnxSession",
    "Session",
    "attributes_spec",
    "fetch",
    "list_models",
    "prepare_arcface",
    "prepare_centerface",
    "prepare_dlib_recognition",
    "read_cards",
    "read_model",
    "require_digest",
    "scout_spec",
]
