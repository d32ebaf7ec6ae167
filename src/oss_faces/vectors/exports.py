from oss_faces.vectors.base import Changes, Matches, NumberArray, VectorIndex, VectorIndexes
from oss_faces.vectors.codes import CodeArray, IntegerProduct, multiply
from oss_faces.vectors.files import FileVectorIndexes
from oss_faces.vectors.memory import MemoryVectorIndex, MemoryVectorIndexes
from oss_faces.vectors.opening import VECTORS_FOLDER, open_vector_indexes
from oss_faces.vectors.ranking import nobody
from oss_faces.vectors.settings import VectorSettings

__all__ = [
    "VECTORS_FOLDER",
    "Changes",
    "CodeArray",
    "FileVectorIndexes",
    "IntegerProduct",
    "Matches",
    "MemoryVectorIndex",
    "MemoryVectorIndexes",
    "NumberArray",
    "VectorIndex",
    "VectorIndexes",
    "VectorSettings",
    "multiply",
    "nobody",
    "open_vector_indexes",
]
