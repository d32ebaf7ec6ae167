"""The spellings of time on the wire, read without a locale and without a clock."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_YEARS: Final = range(1970, 9999)
"""Outside of these, sums of dates and durations could leave what a datetime holds."""

_OFFSET_HOURS_MAX: Final = 23

_BASIC: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", re.ASCII)
_NANO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
_HTTP: Final = re.compile(
    rf"(?:{'|'.join(_DAYS)}), (\d\d) ({'|'.join(_MONTHS)}) (\d{{4}}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII
)


def parse_basic_date(text: str) -> datetime | None:
    """Read `20261122T185403Z` (ISO 8601 basic form, UTC), or give None."""
    match = _BASIC.fullmatch(text)
    return _utc(*map(int, match.groups())) if match else None


def parse_iso_date(text: str) -> datetime | None:
    """Read `2026-11-22T18:54:03Z` (ISO 8601 extended form, UTC), or give None."""
    match = _ISO.fullmatch(text)
    return _utc(*map(int, match.groups())) if match else None


def parse_nano_date(text: str) -> datetime | None:
    """Read `2021-06-29T14:50:13.011643661+08:00` (RFC 3339), or give None. What is below a microsecond is dropped."""
    match = _NANO.fullmatch(text)
    if match is None:
        return None
    *parts, fraction, sign, hours, minutes = match.groups()
    local = _utc(*map(int, parts))
    if local is None or int(hours or 0) > _OFFSET_HOURS_MAX or int(minutes or 0) >= 60:
        return None
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return local.replace(microsecond=int((fraction or "")[:6].ljust(6, "0"))) - (-offset if sign == "-" else offset)


def parse_http_date(text: str) -> datetime | None:
    """Read `Sun, 22 Nov 2026 18:54:03 GMT` (RFC 9110 section 5.6.7, preferred form), or give None.

    The name of the day is not compared with the date: the signature covers the text as it stands.
    """
    match = _HTTP.fullmatch(text)
    if match is None:
        return None
    day, month, year, *clock = match.groups()
    return _utc(int(year), _MONTHS.index(month) + 1, int(day), *map(int, clock))


def format_http_date(moment: datetime) -> str:
    """Write an aware moment as `Sun, 22 Nov 2026 18:54:03 GMT`; another form makes the Java SDK refuse an answer."""
    utc = moment.astimezone(UTC)
    month = _MONTHS[utc.month - 1]
    return f"{_DAYS[utc.weekday()]}, {utc.day:02d} {month} {utc.year:04d} {utc:%H:%M:%S} GMT"


def format_xml_date(moment: datetime) -> str:
    """Write an aware moment as `2026-11-22T18:54:03.000Z`, the only form that the Python SDK reads."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def format_nano_date(moment: datetime) -> str:
    """Write an aware moment as `2026-11-22T18:54:03.123456Z` (RFC 3339 with fractions), as IMM writes times."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _utc(*parts: int) -> datetime | None:
    year, month, day, hour, minute, second = parts
    if year not in _YEARS:
        return None
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
