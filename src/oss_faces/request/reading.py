"""GetObject and HeadObject: conditions, ranges, header overrides."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from oss_faces.protocol import Query
from oss_faces.request.fields import check_object
from oss_faces.values import Address, WireRequest

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_OVERRIDES: Final = {
    "response-content-type": "content-type",
    "response-content-language": "content-language",
    "response-cache-control": "cache-control",
    "response-content-disposition": "content-disposition",
    "response-content-encoding": "content-encoding",
    "response-expires": "expires",
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """Preconditions on the stored object. ETags without quotes, upper case; `*` matches any."""

    if_match: tuple[str, ...] = ()
    if_none_match: tuple[str, ...] = ()
    if_modified_since: datetime | None = None
    if_unmodified_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class WantedRange:
    """One range of bytes: `first` alone reads to the end, `last` alone reads the last so many bytes."""

    first: int | None
    last: int | None

    def resolve(self, size_bytes: int) -> tuple[int, int] | None:
        """Return (start, end exclusive) within an object of that size, or `None` when nothing is covered."""
        if self.first is None:
            assert self.last is not None, "a range has at least one edge"
            start, end = max(size_bytes - self.last, 0), size_bytes
        else:
            start = self.first
            end = size_bytes if self.last is None else min(self.last + 1, size_bytes)
        return (start, end) if start < end else None


@dataclass(frozen=True, slots=True)
class ReadObject:
    """GetObject and HeadObject.

    Attributes:
        strict_range: answer 416 to a range that covers nothing; OSS by default then sends the whole object.
        overrides: response headers that the caller wants in place of the stored ones.
    """

    address: Address
    conditions: Conditions
    range: WantedRange | None = None
    strict_range: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)


def parse_read(request: WireRequest, query: Query, address: Address) -> ReadObject:
    """Read GetObject or HeadObject."""
    return ReadObject(
        check_object(address),
        parse_conditions(request),
        parse_range(request.header("range")),
        (request.header("x-oss-range-behavior") or "").lower() == "standard",
        {header: _as_header(value) for name, header in _OVERRIDES.items() if (value := query.get(name))},
    )


def _as_header(text: str) -> str:
    """Header values are bytes in latin-1 text everywhere; a value out of the query is UTF-8 until here."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def parse_conditions(request: WireRequest, prefix: str = "") -> Conditions:
    """Read the four conditional headers; `prefix` is `x-oss-copy-source-` for a copy."""
    return Conditions(
        _etags(request.header(f"{prefix}if-match")),
        _etags(request.header(f"{prefix}if-none-match")),
        _http_date(request.header(f"{prefix}if-modified-since")),
        _http_date(request.header(f"{prefix}if-unmodified-since")),
    )


def parse_range(text: str | None) -> WantedRange | None:
    """Read a Range header. Like OSS, several ranges or anything malformed means the whole object."""
    match = _RANGE.fullmatch(text.strip()) if text else None
    if match is None or not (match[1] or match[2]):
        return None
    first = int(match[1]) if match[1] else None
    last = int(match[2]) if match[2] else None
    if first is not None and last is not None and last < first:
        return None
    return WantedRange(first, last)


def _etags(text: str | None) -> tuple[str, ...]:
    if not text:
        return ()
    return tuple(part.strip().removeprefix("W/").strip('"').upper() for part in text.split(",") if part.strip())


def _http_date(text: str | None) -> datetime | None:
    """A date that cannot be read is no condition, as HTTP has it."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
