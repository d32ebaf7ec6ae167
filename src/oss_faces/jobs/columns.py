"""The columns of the results: those of every picture, and behind them those of a face."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from oss_faces.jobs.items import Outcome
from oss_faces.jobs.recipe import Operation
from oss_faces.rendering import EXPRESSION_COLUMNS, FACE_COLUMNS, VECTOR_COLUMNS, Columns, Kind

KEY: Final = "Key"
ETAG: Final = "ETag"
RECIPE: Final = "Recipe"
IS_FINAL: Final = "IsFinal"
FACE_COUNT: Final = "FaceCount"
FACE_INDEX: Final = "FaceIndex"
ERROR_NAME: Final = "ErrorName"

PICTURE_COLUMNS: Final[Columns] = {
    KEY: Kind.TEXT,
    ETAG: Kind.TEXT,
    "SizeBytes": Kind.WHOLE,
    RECIPE: Kind.TEXT,
    "ImageWidth": Kind.WHOLE,
    "ImageHeight": Kind.WHOLE,
    IS_FINAL: Kind.FLAG,
    ERROR_NAME: Kind.TEXT,
    "ErrorCode": Kind.TEXT,
    "ErrorMessage": Kind.TEXT,
    FACE_COUNT: Kind.WHOLE,
    FACE_INDEX: Kind.WHOLE,
}
_OF_OPERATION: Final[Mapping[Operation, Columns]] = {
    "faces": FACE_COLUMNS,
    "expressions": EXPRESSION_COLUMNS,
    "index": VECTOR_COLUMNS,
}


def columns_of(operation: Operation) -> Columns:
    """Name all columns of an operation's results, in order."""
    return {**PICTURE_COLUMNS, **_OF_OPERATION[operation]}


def rows_of(outcome: Outcome, recipe: str) -> Iterator[dict[str, Any]]:
    """Give a row for each face, or the one row of a picture without a face or with an error.

    Args:
        recipe: its name.
    """
    item, size, failure = outcome.item, outcome.size, outcome.failure
    picture: dict[str, Any] = {
        KEY: item.key,
        ETAG: item.etag,
        "SizeBytes": item.size_bytes,
        RECIPE: recipe,
        "ImageWidth": size.width if size else None,
        "ImageHeight": size.height if size else None,
        IS_FINAL: outcome.is_final,
        ERROR_NAME: failure.name if failure else None,
        "ErrorCode": failure.code if failure else None,
        "ErrorMessage": failure.message if failure else None,
        FACE_COUNT: None if failure else len(outcome.faces),
        FACE_INDEX: None,
    }
    if not outcome.faces:
        yield picture
    for index, face in enumerate(outcome.faces):
        yield {**picture, FACE_INDEX: index, **face}
