"""Sorted pages in SQL: the order of `paging`, and what lies behind a place in it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, or_

from oss_faces.facedb.paging import Place, Stored

Keys = Sequence[tuple[ColumnElement[Any], bool]]


def ordering(keys: Keys, entry_id: ColumnElement[str]) -> list[ColumnElement[Any]]:
    """Sort by columns, each with whether it descends; missing values last, ties by id."""
    terms: list[ColumnElement[Any]] = []
    for column, descends in keys:
        terms += [case((column.is_(None), 1), else_=0), column.desc() if descends else column.asc()]
    return [*terms, entry_id.asc()]


def behind(keys: Keys, entry_id: ColumnElement[str], place: Place) -> ColumnElement[bool]:
    """Leave out everything up to a place."""
    tied: list[ColumnElement[bool]] = []
    ways: list[ColumnElement[bool]] = []
    for (column, descends), value in zip(keys, place.values, strict=True):
        ways.append(and_(*tied, _beyond(column, value, descends=descends)))
        tied.append(column.is_(None) if value is None else column == value)
    return or_(*ways, and_(*tied, entry_id > place.entry_id))


def _beyond(column: ColumnElement[Any], value: Stored | None, *, descends: bool) -> ColumnElement[bool]:
    if value is None:
        return false()
    return or_(column.is_(None), column < value if descends else column > value)
