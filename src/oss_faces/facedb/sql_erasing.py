"""What has to be in no file any more when somebody is erased: the bytes of it, as they lie on the disk."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from oss_faces.facedb.sql_state import batches
from oss_faces.facedb.tables import FIGURES, VECTORS

# A shorter text may be anywhere by chance, and says little.
_TEXT_BYTES_MIN: Final = 6


def vectors_of(connection: Connection, numbers: Sequence[int]) -> list[bytes]:
    """Read the vectors of figures in all spaces."""
    return [
        vector
        for batch in batches(numbers)
        for vector in connection.scalars(select(VECTORS.c.vector).where(VECTORS.c.figure.in_(batch)))
    ]


def file_needles(connection: Connection, file: Row[Any]) -> list[bytes]:
    """Tell what is looked for after a file was removed."""
    numbers = connection.scalars(select(FIGURES.c.number).where(FIGURES.c.file == file.number)).all()
    said = [file.custom_id or "", *file.custom_labels.values(), *file.texts.values(), *file.user_meta.values()]
    return [*vectors_of(connection, numbers), *text_needles([file.uri, *said])]


def text_needles(texts: Iterable[str]) -> list[bytes]:
    """Write texts as they lie in columns of text and in columns of JSON."""
    forms = {form for text in texts for form in (text.encode(), json.dumps(text)[1:-1].encode())}
    return [form for form in forms if len(form) >= _TEXT_BYTES_MIN]
