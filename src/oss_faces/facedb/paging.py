"""Places in a sorted list: what the token of the next page says, and which of two entries comes first.

An entry's place is its sort values and its id. A value that is missing comes last, whichever way its field is sorted.
"""

import base64
import binascii
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cmp_to_key
from typing import Any, Final, TypeAlias, TypeVar

from oss_faces.datasets import FieldKind
from oss_faces.facedb import refusals
from oss_faces.facedb.fields import Value

Entry = TypeVar("Entry")
# A text, a number, or microseconds since 1970.
Stored: TypeAlias = str | float

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_PLACE_CHARACTERS_MAX: Final = 16_384
_WHOLE_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands."""

    values: tuple[Stored | None, ...]
    entry_id: str


def micros(moment: datetime) -> int:
    """Write a time as microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(stored: int) -> datetime:
    """Read a time from microseconds since 1970."""
    return _EPOCH + stored * _MICROSECOND


def stored(value: Value | None) -> Stored | None:
    """Write a value as it is kept and compared."""
    return micros(value) if isinstance(value, datetime) else value


def token(place: Place) -> str:
    """Write a place for the caller to bring back."""
    text = json.dumps([*place.values, place.entry_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_token(text: str, kinds: Sequence[FieldKind]) -> Place | None:
    """Read the place behind which a page begins; an empty text is the beginning.

    Raises:
        InvalidArgument: it was not given out for these sort fields.
    """
    if not text:
        return None
    if len(text) > _PLACE_CHARACTERS_MAX:
        raise refusals.bad_place()
    *values, entry_id = _parts(text)
    if len(values) != len(kinds) or not all(_is_of_kind(*both) for both in zip(values, kinds, strict=True)):
        raise refusals.bad_place()
    if entry_id is None or not _is_of_kind(entry_id, FieldKind.TEXT):
        raise refusals.bad_place()
    return Place(tuple(values), entry_id)


def page(
    entries: Sequence[tuple[Place, Entry]], descends: Sequence[bool], after: Place | None, limit: int
) -> tuple[tuple[Entry, ...], str]:
    """Sort entries and give the first of those behind a place, and the token of the next page or an empty text."""

    def compare(one: tuple[Place, Entry], other: tuple[Place, Entry]) -> int:
        return _compare(one[0], other[0], descends)

    behind = [entry for entry in entries if after is None or _compare(entry[0], after, descends) > 0]
    ordered = sorted(behind, key=cmp_to_key(compare))
    chosen = ordered[:limit]
    next_after = token(chosen[-1][0]) if chosen and len(ordered) > limit else ""
    return tuple(entry for _, entry in chosen), next_after


def _compare(one: Place, other: Place, descends: Sequence[bool]) -> int:
    for value, than, is_descending in zip(one.values, other.values, descends, strict=True):
        if value != than:
            if value is None or than is None:
                return 1 if value is None else -1
            return _order(value, than) * (-1 if is_descending else 1)
    return _order(one.entry_id, other.entry_id)


def _order(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)


def _parts(text: str) -> list[Any]:
    try:
        written = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        parts = json.loads(written, parse_constant=_refuse_constant)
    except (binascii.Error, ValueError, RecursionError) as exc:
        raise refusals.bad_place() from exc
    if not isinstance(parts, list) or not parts:
        raise refusals.bad_place()
    return parts


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _is_of_kind(part: object, kind: FieldKind) -> bool:
    """Tell whether a value can be compared with those of a field; what no database takes is of no kind."""
    if part is None:
        return True
    if kind is FieldKind.TEXT:
        return isinstance(part, str) and not any("\ud800" <= character <= "\udfff" for character in part)
    if isinstance(part, bool):
        return False
    if kind is FieldKind.NUMBER and isinstance(part, float):
        return math.isfinite(part)
    return isinstance(part, int) and abs(part) <= _WHOLE_MAX
