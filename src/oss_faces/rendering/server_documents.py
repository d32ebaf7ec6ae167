"""What is told about the server itself, as JSON. All names are ours."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

JSON_TYPE: Final = "application/json"
CSV_TYPE: Final = "text/csv; charset=utf-8"


def usage_document(
    days: tuple[date, date], by: Sequence[str], rows: Sequence[Mapping[str, object]], total: Mapping[str, object]
) -> bytes:
    """Write the answer of GetUsage.

    Args:
        days: the first and the last, both included.
    """
    first, last = (day.isoformat() for day in days)
    return as_json({"from": first, "to": last, "by": list(by), "rows": list(rows), "total": dict(total)})


def as_json(document: Mapping[str, object]) -> bytes:
    """Write a document that holds nothing but what JSON knows."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
