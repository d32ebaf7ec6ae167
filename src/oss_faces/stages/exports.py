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
from oss_faces.stages.loading import load_embedder, load_pipeline, load_stages
from oss_faces.stages.settings import StageSettings
from oss_faces.stages.warming import warm_up

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
    "warm_up",
]
