"""Whether a file fulfils conditions: their meaning, which databases that translate them have to keep."""

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from oss_faces.datasets import (
    FIGURE_FIELDS,
    FILE_FIELDS,
    Comparing,
    Condition,
    Conditions,
    Figure,
    IndexedFile,
    Joining,
)
from oss_faces.facedb import fields
from oss_faces.facedb.fields import Value

# Both sides are of the field's kind: the caller checked it.
_COMPARED: Final[Mapping[Comparing, Callable[[Any, Any], bool]]] = {
    Comparing.EQ: operator.eq,
    Comparing.GT: operator.gt,
    Comparing.GTE: operator.ge,
    Comparing.LT: operator.lt,
    Comparing.LTE: operator.le,
    Comparing.PREFIX: lambda held, wanted: str(held).startswith(str(wanted)),
    Comparing.EXIST: lambda _held, _wanted: True,
}


def holds(where: Condition | Conditions, file: IndexedFile) -> bool:
    """Tell whether a file fulfils conditions."""
    if isinstance(where, Condition):
        return _file_fulfils(where, file)
    if where.nested:
        return any(_figure_fulfils(where, figure) for figure in file.figures)
    return _joined(where, lambda part: holds(part, file))


def _joined(where: Conditions, is_fulfilled: Callable[[Condition | Conditions], bool]) -> bool:
    outcomes: Iterable[bool] = (is_fulfilled(part) for part in where.parts)
    if where.joining is Joining.AND:
        return all(outcomes)
    return any(outcomes) if where.joining is Joining.OR else not any(outcomes)


def _figure_fulfils(where: Condition | Conditions, figure: Figure) -> bool:
    if isinstance(where, Conditions):
        return _joined(where, lambda part: _figure_fulfils(part, figure))
    field = fields.figure_field(where.field)
    assert field in FIGURE_FIELDS, f"{where.field} is no field of a figure"
    return _compared(where, fields.figure_value(figure, field))


def _file_fulfils(where: Condition, file: IndexedFile) -> bool:
    if fields.figure_field(where.field):
        return any(_figure_fulfils(where, figure) for figure in file.figures)
    if where.field in FILE_FIELDS:
        return _compared(where, fields.FILE_READERS[where.field](file))
    name, key = fields.label_key(where.field)
    wanted = Condition(where.field, where.comparing, fields.label_text(name, where.value))
    held = (value for field, own_key, value in fields.labels(file) if (field, own_key) == (name, key))
    return any(_compared(wanted, value) for value in held)


def _compared(where: Condition, held: Value | None) -> bool:
    return held is not None and _COMPARED[where.comparing](held, where.value)
