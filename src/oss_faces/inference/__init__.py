from oss_faces.inference.catalogue import (
    CENTERFACE,
    ModelSettings,
    ModelSpec,
    attributes_spec,
    list_models,
    read_model,
    scout_spec,
)
from oss_faces.inference.preparation import prepare_centerface
from oss_faces.inference.session import OnnxSession, Session

__all__ = [
    "CENTERFACE",
    "ModelSettings",
    "ModelSpec",
    "OnnxSession",
    "Session",
    "attributes_spec",
    "list_models",
    "prepare_centerface",
    "read_model",
    "scout_spec",
]
