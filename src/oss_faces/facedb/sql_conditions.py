"""Conditions as SQL. What they mean is in `conditions`, and the contract tests hold both against each other.

Every comparison asks for a value first: SQL's NULL would make a NOT around it unknown instead of true.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, not_, or_, select

from oss_faces.datasets import FILE_FIELDS, Comparing, Condition, Conditions, Joining
from oss_faces.facedb import fields
from oss_faces.facedb.fields import Value
from oss_faces.facedb.paging import stored
from oss_faces.facedb.sql_rows import FIGURE_COLUMNS, FILE_COLUMNS
from oss_faces.facedb.tables import FIGURES, FILES, LABELS

_OPERATORS: Final[Mapping[Comparing, Callable[[Any, Any], Any]]] = {
    Comparing.EQ: operator.eq,
    Comparing.GT: operator.gt,
    Comparing.GTE: operator.ge,
    Comparing.LT: operator.lt,
    Comparing.LTE: operator.le,
}


def file_clause(where: Condition | Conditions, dataset: int) -> ColumnElement[bool]:
    """Write a condition on rows of files of a dataset."""
    if isinstance(where, Condition):
        return _file_condition(where, dataset)
    if where.nested:
        return _has_figure(_figure_clause(where), dataset)
    return _joined(where, [file_clause(part, dataset) for part in where.parts])


def _joined(where: Conditions, parts: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    if where.joining is Joining.AND:
        return and_(*parts)
    return or_(*parts) if where.joining is Joining.OR else not_(or_(*parts))


def _figure_clause(where: Condition | Conditions) -> ColumnElement[bool]:
    if isinstance(where, Conditions):
        return _joined(where, [_figure_clause(part) for part in where.parts])
    return _compared(FIGURE_COLUMNS[fields.figure_field(where.field)], where.comparing, where.value)


def _file_condition(where: Condition, dataset: int) -> ColumnElement[bool]:
    if fields.figure_field(where.field):
        return _has_figure(_figure_clause(where), dataset)
    if where.field in FILE_FIELDS:
        return _compared(FILE_COLUMNS[where.field], where.comparing, where.value)
    name, key = fields.label_key(where.field)
    wanted = _compared(LABELS.c.value, where.comparing, fields.label_text(name, where.value))
    held = select(LABELS.c.file).where(LABELS.c.dataset == dataset, LABELS.c.field == name, LABELS.c.key == key)
    return FILES.c.number.in_(held.where(wanted))


def _has_figure(clause: ColumnElement[bool], dataset: int) -> ColumnElement[bool]:
    # Not correlated: one look at the index of figures by cluster answers the most frequent question.
    return FILES.c.number.in_(select(FIGURES.c.file).where(FIGURES.c.dataset == dataset, clause))


def _compared(column: ColumnElement[Any], comparing: Comparing, value: Value) -> ColumnElement[bool]:
    wanted = stored(value)
    if comparing is Comparing.EXIST:
        return column.is_not(None)
    if comparing is Comparing.PREFIX:
        # LIKE would not tell upper case from lower on every engine; the bound lets an index narrow it down.
        begins = func.substr(column, 1, len(str(wanted))) == str(wanted)
        return and_(column.is_not(None), column >= str(wanted), begins)
    return and_(column.is_not(None), _OPERATORS[comparing](column, wanted))
