"""Counts in memory: for tests, and for a server whose use nobody needs to know after its end."""

from collections.abc import Mapping, Sequence
from datetime import date

from oss_faces.metering.base import UsageRow
from oss_faces.metering.usage import UsageCounts, UsageKey


class MemoryUsageStore:
    """A store that forgets with the process. One thread adds at a time, as the meter does."""

    def __init__(self) -> None:
        self._counts: dict[UsageKey, UsageCounts] = {}

    def add(self, batch: Mapping[UsageKey, UsageCounts]) -> None:
        """Add to what is there."""
        added = {key: self._counts.get(key, UsageCounts()) + counts for key, counts in batch.items()}
        self._counts = {**self._counts, **added}

    def rows(self, first: date | None = None, last: date | None = None) -> Sequence[UsageRow]:
        """Give the counts of these days."""
        wanted = [
            (key, counts)
            for key, counts in self._counts.items()
            if (first is None or first <= key.day) and (last is None or key.day <= last)
        ]
        return sorted(wanted, key=lambda row: row[0])

    def buckets(self) -> frozenset[str]:
        """Name every bucket with a count."""
        return frozenset(key.bucket for key in self._counts) - {""}

    def forget_before(self, day: date) -> int:
        """Remove earlier days."""
        kept = {key: counts for key, counts in self._counts.items() if key.day >= day}
        removed = len(self._counts) - len(kept)
        self._counts = kept
        return removed

    def check(self) -> None:
        """Memory can always be written."""
