from oss_faces.audit.base import AuditPage, AuditQuery, Clock, Entry, Event, Finding
from oss_faces.audit.chain import NOTHING_BEFORE, chained, columns_of, followed


class MemoryAudit:
    """A log held in memory: for tests, and the model of what every implementation does."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._entries: list[Entry] = []

    async def record(self, event: Event) -> Entry:
        """Add an entry; see `Audit.record`."""
        before = self._entries[-1].digest if self._entries else NOTHING_BEFORE
        entry = chained(len(self._entries) + 1, self._now(), event, before)
        self._entries.append(entry)
        return entry

    async def entries(self, query: AuditQuery) -> AuditPage:
        """Give one page of entries; see `Audit.entries`."""
        found = [entry for entry in self._entries if entry.number > query.after and _fits(entry, query)]
        page = tuple(found[: query.limit])
        return AuditPage(page, page[-1].number if len(found) > query.limit else 0)

    async def check(self) -> Finding:
        """Follow the chain; see `Audit.check`."""
        return followed(
            (columns_of(entry.number, entry.recorded, entry.event), entry.digest) for entry in self._entries
        )


def _fits(entry: Entry, query: AuditQuery) -> bool:
    return (
        (not query.subject or query.subject in entry.event.subjects)
        and (not query.acts or entry.event.act in query.acts)
        and (query.since is None or entry.recorded >= query.since)
    )
