from oss_faces.audit.base import TEXT_MAX, Act, Audit, AuditPage, AuditQuery, Clock, Entry, Event, Finding
from oss_faces.audit.memory import MemoryAudit
from oss_faces.audit.sql import SqlAudit
from oss_faces.audit.traces import Traces, find_traces, find_traces_apart

__all__ = [
    "TEXT_MAX",
    "Act",
    "Audit",
    "AuditPage",
    "AuditQuery",
    "Clock",
    "Entry",
    "Event",
    "Finding",
    "MemoryAudit",
    "SqlAudit",
    "Traces",
    "find_traces",
    "find_traces_apart",
]
