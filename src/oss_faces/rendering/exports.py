from oss_faces.rendering.documents import Identity
from oss_faces.rendering.rows import (
    EXPRESSION_COLUMNS,
    FACE_COLUMNS,
    VECTOR_COLUMNS,
    Columns,
    Kind,
    expression_rows,
    face_rows,
    vector_rows,
)
from oss_faces.rendering.settings import RenderingSettings

__all__ = [
    "EXPRESSION_COLUMNS",
    "FACE_COLUMNS",
    "VECTOR_COLUMNS",
    "Columns",
    "Identity",
    "Kind",
    "RenderingSettings",
    "expression_rows",
    "face_rows",
    "vector_rows",
]
