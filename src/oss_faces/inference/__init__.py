"""Networks: which there are, and what runs them.

Engines, and the library that rewrites networks, are imported on first use: the process that takes requests runs none,
and would wait for them at each start.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from oss_faces.inference.base import CHIPS, Session
from oss_faces.inference.cards import Cards, read_cards
from oss_faces.inference.catalogue import (
    CENTERFACE,
    DLIB_RECOGNITION,
    REDUCED_FLOATS,
    WHOLE_NUMBERS,
    ModelSettings,
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
from oss_faces.inference.settings import BFLOAT16, FLOAT32, INT8, RECORD_FILE, InferenceSettings

if TYPE_CHECKING:
    from oss_faces.inference.arcface_graph import prepare_arcface
    from oss_faces.inference.dlib_graph import prepare_dlib_recognition
    from oss_faces.inference.engines import Engines, native_bfloat16
    from oss_faces.inference.openvino_session import OpenVinoSession
    from oss_faces.inference.preparation import Ranges, prepare_centerface, prepare_scout
    from oss_faces.inference.ranges import centerface_ranges
    from oss_faces.inference.session import OnnxSession
    from oss_faces.inference.trials import Trial, read_trials

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

_HOMES = {
    "Engines": "engines",
    "OnnxSession": "session",
    "OpenVinoSession": "openvino_session",
    "Ranges": "preparation",
    "Trial": "trials",
    "centerface_ranges": "ranges",
    "native_bfloat16": "engines",
    "prepare_arcface": "arcface_graph",
    "prepare_centerface": "preparation",
    "prepare_dlib_recognition": "dlib_graph",
    "prepare_scout": "preparation",
    "read_trials": "trials",
}


def __getattr__(name: str) -> Any:
    """Import on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
