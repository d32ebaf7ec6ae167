"""SimpleQuery: conditions, sort fields and aggregations. Parameter names are those of the IMM API reference 2020-09-30.

Every value arrives as text and leaves as what the field holds. A field that nobody knows, and a comparison that its
kind does not have, are refused by name: an answer without hits would hide the mistake.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NoReturn

from oss_faces.datasets import (
    FIGURE_FIELDS,
    FIGURES,
    FILE_FIELDS,
    LABEL_FIELDS,
    TEXT_FIELDS,
    Aggregation,
    Comparing,
    Condition,
    Conditions,
    DatasetRef,
    FieldKind,
    FileQuery,
    Joining,
)
from oss_faces.errors import InvalidArgument
from oss_faces.protocol.dates import parse_nano_date
from oss_faces.request.imm import dataset_ref
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_files import parse_with_fields
from oss_faces.request.imm_paging import page_limit, read_after

# Limits of IMM's page "SimpleQuery".
_FILES_MAX: Final = 100
_GROUPS_MAX: Final = 2000
_CONDITIONS_MAX: Final = 100
_DEPTH_MAX: Final = 5
_SORTS_MAX: Final = 5

_AGGREGATIONS_MAX: Final = 20
_FIELD_LENGTH_MAX: Final = 256
_VALUE_LENGTH_MAX: Final = 2048
_LIST_LENGTH_MAX: Final = 1024
_NESTED: Final = "nested"
_FIGURE_PREFIX: Final = f"{FIGURES}."
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
_OF_TEXTS: Final = frozenset({"group", "count", "distinct"})
_OF_NUMBERS: Final = frozenset({*_OF_TEXTS, "sum", "min", "max", "average"})
_DESCENDS: Final = {"asc": False, "desc": True}


@dataclass(frozen=True, slots=True)
class SimpleQuery:
    """SimpleQuery.

    Attributes:
        fields: the only ones of a file that the answer has; empty for all.
        question: what the token of the next page belongs to.
    """

    ref: DatasetRef
    query: FileQuery
    fields: tuple[str, ...]
    question: tuple[str, ...]


def parse_simple_query(fields: Fields) -> SimpleQuery:
    """Read SimpleQuery."""
    ref = dataset_ref(fields)
    where = _Reader().read(fields.record("Query"), "", 1) if fields.has("Query") else None
    aggregations = _aggregations(fields)
    sort = _sort(fields)
    question = (ref.project, ref.name, repr(where), repr(sort))
    query = FileQuery(
        where,
        sort,
        read_after(fields, *question),
        page_limit(fields, _GROUPS_MAX if aggregations else _FILES_MAX),
        aggregations,
        not fields.flag("WithoutTotalHits"),
    )
    return SimpleQuery(ref, query, parse_with_fields(fields), question)


class _Reader:
    """Reads a tree of conditions, and counts them."""

    def __init__(self) -> None:
        self._count = 0

    def read(self, entry: Fields, nested: str, depth: int) -> Condition | Conditions:
        """Read a condition or what is joined.

        Args:
            nested: the field inside which everything has to be; empty for no such field.
            depth: levels so far, this one included.
        """
        self._count += 1
        if self._count > _CONDITIONS_MAX:
            raise InvalidArgument(f"The parameter Query has more than {_CONDITIONS_MAX} conditions.")
        if depth > _DEPTH_MAX:
            raise InvalidArgument(f"The parameter Query is nested more than {_DEPTH_MAX} levels deep.")
        operation = entry.required("Operation", _FIELD_LENGTH_MAX)
        if operation == _NESTED:
            return self._nested(entry, nested, depth)
        if operation in set(Joining):
            return Conditions(Joining(operation), self._parts(entry, nested, depth))
        if operation in set(Comparing):
            return _compared(entry, Comparing(operation), nested)
        raise InvalidArgument(f"The operation {operation} of the parameter Query is not supported.")

    def _nested(self, entry: Fields, nested: str, depth: int) -> Conditions:
        field = entry.text("Field", _FIELD_LENGTH_MAX) or FIGURES
        if nested or field != FIGURES:
            raise InvalidArgument(f"The operation nested of the parameter Query is for {FIGURES}, and once.")
        return Conditions(Joining.AND, self._parts(entry, FIGURES, depth), FIGURES)

    def _parts(self, entry: Fields, nested: str, depth: int) -> tuple[Condition | Conditions, ...]:
        entry.require("SubQueries")
        return tuple(self.read(part, nested, depth + 1) for part in entry.records("SubQueries", _CONDITIONS_MAX))


def _compared(entry: Fields, comparing: Comparing, nested: str) -> Condition:
    field = entry.required("Field", _FIELD_LENGTH_MAX)
    kind = _kind(field, "Query")
    if nested and not field.startswith(f"{nested}."):
        raise InvalidArgument(f"The field {field} of the parameter Query is none of {nested}, as nested wants it.")
    if comparing is Comparing.EXIST:
        return Condition(field, comparing)
    if comparing is Comparing.PREFIX and kind is not FieldKind.TEXT:
        raise InvalidArgument(f"The field {field} of the parameter Query is no text, so it has no prefix.")
    return Condition(field, comparing, _VALUES[kind](entry.required("Value", _VALUE_LENGTH_MAX), field))


def _kind(field: str, parameter: str) -> FieldKind:
    """Tell what a field holds; a field that is not known is refused."""
    own = field.removeprefix(_FIGURE_PREFIX)
    if own != field:
        known: Mapping[str, FieldKind] = FIGURE_FIELDS
    else:
        known = FILE_FIELDS
        name, _, key = field.partition(".")
        if field in TEXT_FIELDS or (name in LABEL_FIELDS and key):
            return FieldKind.TEXT
    if own not in known:
        raise InvalidArgument(f"The field {field} of the parameter {parameter} cannot be asked for.")
    return known[own]


def _sort(fields: Fields) -> tuple[tuple[str, bool], ...]:
    """Read the sort fields; as documented, one without an order descends."""
    names = _listed(fields.text("Sort", _LIST_LENGTH_MAX))
    orders = _listed(fields.text("Order", _LIST_LENGTH_MAX))
    if len(names) > _SORTS_MAX or len(set(names)) < len(names):
        raise InvalidArgument(f"The parameter Sort must have at most {_SORTS_MAX} fields, each once.")
    if len(orders) > len(names) or not set(orders) <= set(_DESCENDS):
        raise InvalidArgument("The parameter Order must be asc or desc for each field of Sort, and for no other.")
    for name in names:
        if name not in FILE_FIELDS:
            raise InvalidArgument(f"The field {name} of the parameter Sort cannot be sorted by.")
    descends = [_DESCENDS[order] for order in orders] + [True] * (len(names) - len(orders))
    return tuple(zip(names, descends, strict=True))


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")] if text else []


def _aggregations(fields: Fields) -> tuple[Aggregation, ...]:
    return tuple(_aggregation(entry) for entry in fields.records("Aggregations", _AGGREGATIONS_MAX))


def _aggregation(entry: Fields) -> Aggregation:
    field, operation = (entry.required(name, _FIELD_LENGTH_MAX) for name in ("Field", "Operation"))
    kind = _kind(field, "Aggregations")
    if not field.startswith(_FIGURE_PREFIX) and field not in FILE_FIELDS:
        raise InvalidArgument(f"The field {field} of the parameter Aggregations cannot be counted.")
    if operation not in (_OF_NUMBERS if kind is FieldKind.NUMBER else _OF_TEXTS):
        raise InvalidArgument(f"The operation {operation} of the parameter Aggregations is not there for {field}.")
    return Aggregation(field, operation)


def _text(value: str, field: str) -> str:
    """ETags are quoted in answers, and may be in questions."""
    return value.strip('"') if field == "ETag" else value


def _number(value: str, field: str) -> float:
    if not _NUMBER.fullmatch(value) or not math.isfinite(number := float(value)):
        _refuse(field, "a number")
    return number


def _moment(value: str, field: str) -> datetime:
    moment = parse_nano_date(value)
    if moment is None:
        _refuse(field, "a time such as 2021-06-29T14:50:13+08:00")
    return moment


def _refuse(field: str, what: str) -> NoReturn:
    raise InvalidArgument(f"The field {field} of the parameter Query must be compared with {what}.")


_VALUES: Final[Mapping[FieldKind, Callable[[str, str], str | float | datetime]]] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.TIME: _moment,
}
