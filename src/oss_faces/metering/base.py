"""Where counts are kept. All of it blocks; the meter calls it from a thread of its own.

Rules for every store, checked by tests/contracts/metering:

- `add` has happened, whole, when it returns, and outlasts the end of the process; one that raised has added nothing.
- Adding is exact, also when several processes add to the same store.
- Anyone may read at any time, and sees whole additions only.

Every method may raise MeteringUnavailable.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol, TypeAlias

from oss_faces.metering.usage import UsageCounts, UsageKey

UsageRow: TypeAlias = tuple[UsageKey, UsageCounts]


class UsageReader(Protocol):
    """Reading what was counted."""

    def rows(self, first: date | None = None, last: date | None = None) -> Sequence[UsageRow]:
        """Give the counts of these days, both included, by their keys in order; None leaves that end open."""
        ...


class UsageStore(UsageReader, Protocol):
    """Keeping counts."""

    def add(self, batch: Mapping[UsageKey, UsageCounts]) -> None:
        """Add to what is there, all of it or nothing."""
        ...

    def buckets(self) -> frozenset[str]:
        """Name every bucket for which anything is kept."""
        ...

    def forget_before(self, day: date) -> int:
        """Remove the counts of all earlier days; return how many rows that were."""
        ...

    def check(self) -> None:
        """Find out whether `add` would work, by writing something that counts nothing."""
        ...
