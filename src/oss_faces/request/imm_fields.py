"""Reading the parameters of IMM, whichever client wrote them.

The official clients send scalars as text and everything else as JSON in one parameter; others flatten lists and
records into names (`ObjectIds.1`, `Tag.2.Key`). Python's client writes `True`, others `true`. An empty text, list or
record is an absent one: some clients send empty lists that their user never set.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn

from oss_faces.errors import InvalidArgument
from oss_faces.imm_errors import MissingParameter
from oss_faces.protocol import Query

DEPTH_MAX: Final = 8
"""Levels of a flattened name. The deepest known, of a stored search, has five."""

ENTRIES_MAX: Final = 1000
"""Entries of a flattened list; the operations set narrower limits."""

_WHOLE: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_UNKEEPABLE: Final = re.compile("[\0\ud800-\udfff]")
"""Halves of characters, which JSON can write, and what ends a text; no database takes both."""

_FLAGS: Final = {"true": True, "false": False}


class Fields:
    """Parameters, or the fields of one record among them, read by name and by kind."""

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self._values = values
        self._path = path

    @classmethod
    def of(cls, query: Query) -> "Fields":
        """Sort flattened names into records and lists.

        Raises:
            InvalidArgument: a name is given twice, or as a value and as a record.
        """
        tree: dict[str, Any] = {}
        for name, value in query.pairs:
            _insert(tree, name, value)
        return cls(tree)

    def text(self, name: str, length_max: int, default: str = "") -> str:
        """Read a text of at most so many characters; an empty one is the default."""
        value = self._scalar(name)
        if value is None:
            return default
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if len(text) > length_max:
            self._refuse(name, f"is longer than {length_max} characters")
        if _UNKEEPABLE.search(text):
            self._refuse(name, "has a character that cannot be kept")
        return text or default

    def required(self, name: str, length_max: int) -> str:
        """Read a text that must be there.

        Raises:
            MissingParameter: it is not.
        """
        text = self.text(name, length_max)
        if not text:
            raise MissingParameter(self._path + name)
        return text

    def whole(self, name: str, low: int, high: int, default: int) -> int:
        """Read a whole number within limits; no text is the default."""
        value = self._scalar(name)
        text = "" if value is None else str(value)
        if not text:
            return default
        if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
            self._refuse(name, f"must be a whole number from {low} to {high}")
        return int(text)

    def flag(self, name: str) -> bool:
        """Read true or false, however it is capitalised; no text is false."""
        text = self.text(name, 5).lower()
        if text and text not in _FLAGS:
            self._refuse(name, "must be true or false")
        return _FLAGS.get(text, False)

    def names(self, count_max: int, length_max: int) -> tuple[str, ...]:
        """Give the names of all that was sent, where a caller chooses them: each of 1 to so many characters."""
        if len(self._values) > count_max:
            raise InvalidArgument(f"The parameter {self._path[:-1]} has more than {count_max} entries.")
        if not all(1 <= len(name) <= length_max and not _UNKEEPABLE.search(name) for name in self._values):
            raise InvalidArgument(f"The parameter {self._path[:-1]} has a name that is empty, too long or no text.")
        return tuple(self._values)

    def has(self, name: str) -> bool:
        """Tell whether something was sent under this name that is not empty."""
        return self._values.get(name) not in (None, "", [], {}, "[]", "{}")

    def require(self, name: str) -> None:
        """Refuse when nothing was sent under this name, or something empty.

        Raises:
            MissingParameter.
        """
        if not self.has(name):
            raise MissingParameter(self._path + name)

    def record(self, name: str) -> "Fields":
        """Read a record, from JSON or from flattened names; an absent one has no fields."""
        value = self._structure(name)
        if value in (None, []):
            return Fields({}, f"{self._path}{name}.")
        if not isinstance(value, dict):
            self._refuse(name, "must be a JSON object")
        return Fields(value, f"{self._path}{name}.")

    def records(self, name: str, count_max: int) -> tuple["Fields", ...]:
        """Read a list of records."""
        entries = self._entries(name, count_max)
        if not all(isinstance(entry, dict) for entry in entries):
            self._refuse(name, "must be a list of JSON objects")
        return tuple(Fields(entry, f"{self._path}{name}.{place}.") for place, entry in enumerate(entries, 1))

    def texts(self, name: str, count_max: int, length_max: int) -> tuple[str, ...]:
        """Read a list of texts."""
        entries = self._entries(name, count_max)
        numbered = Fields({str(place): entry for place, entry in enumerate(entries, 1)}, f"{self._path}{name}.")
        return tuple(numbered.required(str(place), length_max) for place in range(1, len(entries) + 1))

    def _entries(self, name: str, count_max: int) -> Sequence[Any]:
        value = self._structure(name)
        if value is None:
            return ()
        entries = _in_order(value) if isinstance(value, dict) else value
        if not isinstance(entries, list):
            self._refuse(name, "must be a JSON list")
        if len(entries) > count_max:
            self._refuse(name, f"has more than {count_max} entries")
        return entries

    def _scalar(self, name: str) -> str | int | float | bool | None:
        value = self._values.get(name)
        if isinstance(value, dict | list):
            self._refuse(name, "must be a single value")
        return value

    def _structure(self, name: str) -> Any:
        """Give what stands under a name; text is read as JSON."""
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        return _parse_json(value, self._path + name) if value else None

    def _refuse(self, name: str, why: str) -> NoReturn:
        raise InvalidArgument(f"The parameter {self._path}{name} {why}.")


def _insert(tree: dict[str, Any], name: str, value: str) -> None:
    first, *others = name.split(".")
    if len(others) >= DEPTH_MAX:
        raise InvalidArgument("The name of a parameter has too many parts.")
    place, last = tree, first
    for part in others:
        place = place.setdefault(last, {})
        if not isinstance(place, dict):
            raise InvalidArgument(f"The parameter {name[:64]} contradicts another one.")
        last = part
    if last in place:
        raise InvalidArgument(f"The parameter {name[:64]} is given more than once, or contradicts another one.")
    place[last] = value


def _in_order(numbered: Mapping[str, Any]) -> Any:
    """Turn `{"1": a, "2": b}` into `[a, b]`; what is numbered otherwise stays as it is, and is no list."""
    if len(numbered) > ENTRIES_MAX or set(numbered) != {str(place) for place in range(1, len(numbered) + 1)}:
        return numbered
    return [numbered[str(place)] for place in range(1, len(numbered) + 1)]


def _parse_json(text: str, name: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_record, parse_constant=_no_number)
    except (ValueError, RecursionError) as exc:
        raise InvalidArgument(f"The parameter {name} is not valid JSON.") from exc


def _record(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Make a record; a name that stands in it twice could mean two things."""
    listed = list(pairs)
    record = dict(listed)
    if len(record) < len(listed):
        raise ValueError("a name stands twice in one object")
    return record


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")
