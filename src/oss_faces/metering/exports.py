from oss_faces.metering.base import UsageReader, UsageRow, UsageStore
from oss_faces.metering.database_store import DatabaseUsageStore
from oss_faces.metering.memory import MemoryUsageStore
from oss_faces.metering.meter import Meter
from oss_faces.metering.metrics import Observation, ServerMetrics
from oss_faces.metering.report import GroupBy, UsageGroup, UsageSum, kind_of, summed
from oss_faces.metering.settings import MeteringSettings
from oss_faces.metering.usage import Outcome, UsageCounts, UsageKey, Use
from oss_faces.metering.writing import csv_text, records

__all__ = [
    "DatabaseUsageStore",
    "GroupBy",
    "MemoryUsageStore",
    "Meter",
    "MeteringSettings",
    "Observation",
    "Outcome",
    "ServerMetrics",
    "UsageCounts",
    "UsageGroup",
    "UsageKey",
    "UsageReader",
    "UsageRow",
    "UsageStore",
    "UsageSum",
    "Use",
    "csv_text",
    "kind_of",
    "records",
    "summed",
]
