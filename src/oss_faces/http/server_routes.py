"""Handlers of what is asked about the server itself: operations of ours, signed like all others."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from oss_faces.grants import Permission
from oss_faces.http.answers import Answer
from oss_faces.http.call import Call
from oss_faces.http.readiness import Readiness, is_ready
from oss_faces.metering import ServerMetrics, csv_text, records
from oss_faces.operations import UsageTeller, permission
from oss_faces.protocol.dates import format_xml_date
from oss_faces.rendering import server_documents as documents
from oss_faces.request.server import parse_read_usage
from oss_faces.values import WireResponse
from oss_faces.workers import Workers


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What is the same for as long as the server runs.

    Attributes:
        started: aware UTC.
        others: further parts of the document by their names, nothing secret among them; see `http/server_facts.py`.
    """

    version: str
    started: datetime
    others: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServerRoutes:
    """One method for each action on the server itself."""

    teller: UsageTeller
    facts: ServerFacts
    readiness: Readiness
    metrics: ServerMetrics
    workers: Workers
    now: Callable[[], datetime]

    async def usage(self, call: Call) -> Answer:
        """Answer GetUsage."""
        want = parse_read_usage(call.query, self.now().date())
        used = await self.teller.tell(call.principal, want)
        if want.form == "csv":
            return _text(documents.CSV_TYPE, csv_text(used.groups, used.by).encode())
        rows = records(used.groups, used.by)
        body = documents.usage_document((want.first, want.last), want.by, rows, asdict(used.total))
        return _text(documents.JSON_TYPE, body)

    async def system(self, call: Call) -> Answer:
        """Answer GetSystem."""
        permission.require(call.principal, Permission.GET_SYSTEM)
        found = await self.readiness.findings()
        errors = self.metrics.errors()
        operations = [
            {**asdict(timing), "errors": errors.get(timing.name, 0)} for timing in self.metrics.request_timings()
        ]
        document = {
            "version": self.facts.version,
            "started": format_xml_date(self.facts.started),
            "uptime_s": round((self.now() - self.facts.started).total_seconds(), 3),
            "health": {"ready": is_ready(found), "checks": found},
            "pictures": {"running": self.workers.running, "waiting": self.workers.waiting},
            **self.facts.others,
            "stages": [asdict(timing) for timing in self.metrics.stage_timings()],
            "operations": operations,
        }
        return _text(documents.JSON_TYPE, documents.as_json(document))


def _text(content_type: str, body: bytes) -> Answer:
    # What a key may know is nobody else's to keep.
    return WireResponse(200, (("Content-Type", content_type), ("Cache-Control", "no-store")), body)
