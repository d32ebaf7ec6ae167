"""Sums of use for programs: records with a name for each number, and CSV. All numbers are exact."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from types import MappingProxyType
from typing import Final

from oss_faces.metering.report import GroupBy, UsageGroup, UsageSum

_FIELD_NAMES: Final[Mapping[GroupBy, str]] = MappingProxyType({GroupBy.KEY: "access_key_id"})


def records(groups: Sequence[UsageGroup], by: Sequence[GroupBy]) -> list[dict[str, object]]:
    """Give a record for each group: the names that it was asked by, then every count."""
    names = [_name(part) for part in by]
    return [{**dict(zip(names, group.names, strict=True)), **asdict(group.sums)} for group in groups]


def csv_text(groups: Sequence[UsageGroup], by: Sequence[GroupBy]) -> str:
    """Write CSV (RFC 4180) with a head."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [*map(_name, by), *(field.name for field in fields(UsageSum))])
    writer.writeheader()
    writer.writerows(records(groups, by))
    return out.getvalue()


def _name(part: GroupBy) -> str:
    return _FIELD_NAMES.get(part, part.value)
