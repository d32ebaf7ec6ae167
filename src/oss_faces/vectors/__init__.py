"""Search among the vectors of faces, by number; knows nothing of what a number stands for."""

from oss_faces.vectors.base import Changes, Matches, VectorIndex, VectorIndexes

__all__ = ["Changes", "Matches", "VectorIndex", "VectorIndexes"]
