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
    "read_facts",
]
