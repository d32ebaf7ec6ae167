"""Search among the vectors of faces, by number; knows nothing of what a number stands for."""

from oss_faces.vectors.base import Changes, Matches, NumberArray, VectorIndex, VectorIndexes
from oss_faces.vectors.memory import MemoryVectorIndex, MemoryVectorIndexes

__all__ = [
    "Changes",
    "Matches",
    "MemoryVectorIndex",
    "MemoryVectorIndexes",
    "NumberArray",
    "VectorIndex",
    "VectorIndexes",
]
