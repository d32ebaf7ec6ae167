"""The face database: what is known of the faces in pictures, and who is who."""

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
    Unplaced,
)

__all__ = [
    "Clusters",
    "Datasets",
    "Erasure",
    "FaceDatabase",
    "Files",
    "Gallery",
    "Member",
    "Merge",
    "Placement",
    "Unplaced",
]
