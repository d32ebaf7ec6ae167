"""What is asked about the server itself: operations of ours on the level of the service."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from oss_faces.errors import InvalidArgument
from oss_faces.protocol import Query
from oss_faces.request.fields import key_text

USAGE_DAYS_MAX: Final = 400
"""Days of one question; counts are kept for no longer unless a setting says so."""

USAGE_PARTS: Final = ("day", "key", "bucket", "operation")

_DAYS: Final = 30
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_FORMS: Final = ("json", "csv")


@dataclass(frozen=True, slots=True)
class ReadUsage:
    """GetUsage.

    Attributes:
        first, last: days in UTC, both included.
        by: of `USAGE_PARTS`, each once; what sums are taken by.
        access_key_id, bucket: only these; empty for all.
        form: `json` or `csv`.
    """

    first: date
    last: date
    by: tuple[str, ...]
    access_key_id: str
    bucket: str
    form: str


def parse_read_usage(query: Query, today: date) -> ReadUsage:
    """Read GetUsage.

    Args:
        today: in UTC; the last day when none is named.
    """
    last = _day(query, "to") or today
    # From the first day that there is, when the last is one of the first.
    first = _day(query, "from") or date.fromordinal(max(last.toordinal() - _DAYS + 1, 1))
    if not timedelta() <= last - first < timedelta(days=USAGE_DAYS_MAX):
        raise InvalidArgument(f"from must not be behind to, and together they must span at most {USAGE_DAYS_MAX} days.")
    by = tuple((query.get("by") or USAGE_PARTS[0]).split(","))
    if not set(by) <= set(USAGE_PARTS) or len(set(by)) < len(by):
        raise InvalidArgument(f"by must name some of {', '.join(USAGE_PARTS)}, with commas and each once.")
    form = query.get("format") or _FORMS[0]
    if form not in _FORMS:
        raise InvalidArgument(f"format must be one of {', '.join(_FORMS)}.")
    return ReadUsage(first, last, by, key_text(query, "key"), key_text(query, "bucket"), form)


def _day(query: Query, name: str) -> date | None:
    text = query.get(name)
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InvalidArgument(f"{name} must be a day such as 2026-11-29.")
