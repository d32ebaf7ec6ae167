"""The chain of digests: pure, and the same for every log."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from oss_faces.audit.base import Entry, Event, Finding

NOTHING_BEFORE: Final = ""
_FORM: Final = "oss-faces-audit-1"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def chained(number: int, recorded: datetime, event: Event, before: str) -> Entry:
    """Make the entry of an event that comes behind the entry with the digest `before`."""
    return Entry(number, recorded, event, digest_of(columns_of(number, recorded, event), before))


def columns_of(number: int, recorded: datetime, event: Event) -> dict[str, Any]:
    """Give an entry without its digest as plain values, which are what the digest covers and what is stored."""
    return {
        "number": number,
        "recorded_us": microseconds(recorded),
        "act": event.act.value,
        "actor": event.actor,
        "project": event.ref.project if event.ref else None,
        "dataset": event.ref.name if event.ref else None,
        "subjects": list(event.subjects),
        "counts": dict(event.counts),
    }


def digest_of(columns: dict[str, Any], before: str) -> str:
    """Tell the digest of an entry; stored values that are none of ours have one too, and it is another."""
    text = json.dumps([_FORM, before, columns], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def followed(entries: Iterable[tuple[dict[str, Any], str]]) -> Finding:
    """Check entries and their digests from the first on, in the order of their numbers."""
    before, looked_at = NOTHING_BEFORE, 0
    for columns, digest in entries:
        looked_at += 1
        if columns["number"] != looked_at or digest != digest_of(columns, before):
            return Finding(looked_at, before, looked_at)
        before = digest
    return Finding(looked_at, before)


def microseconds(moment: datetime) -> int:
    """Write a time as it is stored."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(stored: int) -> datetime:
    """Read a stored time."""
    return _EPOCH + stored * _MICROSECOND
