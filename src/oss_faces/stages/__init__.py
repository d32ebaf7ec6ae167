"""What works on pictures: what it can be asked, how it is loaded, and what is known of it without that.

The networks are loaded by workers, so what loads them is imported on first use: see `oss_faces.inference`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from oss_faces.stages.calls import (
    Call,
    DescribeFaces,
    DescribeFile,
    EditFile,
    EmbedFaces,
    EmbedLargest,
    FindFaces,
    Stages,
)
from oss_faces.stages.editor import PictureEditor
from oss_faces.stages.facts import read_facts
from oss_faces.stages.settings import StageSettings

if TYPE_CHECKING:
    from oss_faces.stages.loading import load_embedder, load_pipeline, load_stages

__all__ = [
    "Call",
    "DescribeFaces",
    "DescribeFile",
    "EditFile",
    "EmbedFaces",
    "EmbedLargest",
    "FindFaces",
    "PictureEditor",
    "StageSettings",
    "Stages",
    "load_embedder",
    "load_pipeline",
    "load_stages",
    "read_facts",
]

_LATE = frozenset({"load_embedder", "load_pipeline", "load_stages"})


def __getattr__(name: str) -> Any:
    """Import on first use."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.loading"), name)
