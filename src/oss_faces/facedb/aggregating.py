"""Numbers over files: what each aggregation means."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from oss_faces.datasets import Aggregated, Aggregation, IndexedFile
from oss_faces.facedb import fields
from oss_faces.facedb.fields import Value
from oss_faces.facedb.paging import stored

GROUP: Final = "group"
COUNT: Final = "count"
DISTINCT: Final = "distinct"


def aggregate(what: Aggregation, files: Sequence[IndexedFile], groups_max: int) -> Aggregated:
    """Work out an aggregation over all hits."""
    values = _values(what.field, files)
    if what.operation == GROUP:
        return Aggregated(what, groups=_groups(values, groups_max))
    if what.operation in (COUNT, DISTINCT):
        return Aggregated(what, float(len(values if what.operation == COUNT else set(values))))
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    if not numbers:
        return Aggregated(what)
    found = {"sum": sum(numbers), "min": min(numbers), "max": max(numbers), "average": sum(numbers) / len(numbers)}
    return Aggregated(what, found[what.operation])


def _values(field: str, files: Sequence[IndexedFile]) -> list[Value]:
    of_figure = fields.figure_field(field)
    if of_figure:
        read = (fields.figure_value(figure, of_figure) for file in files for figure in file.figures)
    else:
        read = (fields.FILE_READERS[field](file) for file in files)
    return [value for value in read if value is not None]


def _groups(values: Sequence[Value], groups_max: int) -> tuple[tuple[str, int], ...]:
    counts = Counter(values)
    # One group's values are all of one kind, so that they have an order; mypy cannot know it.
    ordered = sorted(counts, key=lambda value: (-counts[value], _as_key(value)))
    return tuple((fields.group_text(value), counts[value]) for value in ordered[:groups_max])


def _as_key(value: Value) -> tuple[str, float]:
    kept = stored(value)
    return (kept, 0.0) if isinstance(kept, str) else ("", float(kept or 0.0))
