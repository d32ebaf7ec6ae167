from oss_faces.facedb.base import (
    Clusters,
    Datasets,
    Erasure,
    FaceDatabase,
    Files,
    Gallery,
    Member,
    Merge,
    Placement,
    Reembedding,
    Unplaced,
)
from oss_faces.facedb.memory import MemoryFaceDatabase
from oss_faces.facedb.settings import FaceDbSettings
from oss_faces.facedb.sql import SqlFaceDatabase

__all__ = [
    "Clusters",
    "Datasets",
    "Erasure",
    "FaceDatabase",
    "FaceDbSettings",
    "Files",
    "Gallery",
    "Member",
    "MemoryFaceDatabase",
    "Merge",
    "Placement",
    "Reembedding",
    "SqlFaceDatabase",
    "Unplaced",
]
