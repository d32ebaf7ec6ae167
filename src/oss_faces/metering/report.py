"""Counts as somebody asks for them: sums by day, key, bucket or operation, in the terms of a bill."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Final

from oss_faces.metering.base import UsageRow
from oss_faces.metering.usage import Outcome, UsageCounts, UsageKey


class GroupBy(enum.StrEnum):
    """What sums can be taken by."""

    DAY = "day"
    KEY = "key"
    BUCKET = "bucket"
    OPERATION = "operation"

    def of(self, key: UsageKey) -> str:
        """Name the group that a row belongs to; empty for requests of no key, about no bucket, or of no operation."""
        if self is GroupBy.DAY:
            return key.day.isoformat()
        if self is GroupBy.KEY:
            return key.access_key_id
        return key.bucket if self is GroupBy.BUCKET else key.operation


@dataclass(frozen=True, slots=True)
class UsageSum:
    """Sums of one group. The requests of the first seven are those that succeeded, by kind; each is in one of them.

    Attributes:
        get_requests: GetObject, processed pictures, and every other operation that gets something.
        head_requests: HeadObject and GetObjectMeta.
        put_requests: everything that writes, all parts of a multipart upload among it.
        list_requests: of buckets, objects and uploads.
        delete_requests: of buckets, objects and uploads.
        imm_requests: of the IMM service, whatever they do.
        not_modified: 304.
        denied: 401 and 403.
        missing: 404.
        refused: every other 4xx.
        failed: 5xx.
    """

    get_requests: int = 0
    head_requests: int = 0
    put_requests: int = 0
    list_requests: int = 0
    delete_requests: int = 0
    imm_requests: int = 0
    other_requests: int = 0
    not_modified: int = 0
    denied: int = 0
    missing: int = 0
    refused: int = 0
    failed: int = 0
    image_detect: int = 0
    image_compare: int = 0
    cache_hits: int = 0
    bytes_out: int = 0
    source_bytes: int = 0

    def __add__(self, other: "UsageSum") -> "UsageSum":
        return UsageSum(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


@dataclass(frozen=True, slots=True)
class UsageGroup:
    """One line of a report: the name of the group for each thing it was asked by, and its sums."""

    names: tuple[str, ...]
    sums: UsageSum


# The first prefix that fits counts. To a bill POST requests that write are as good as PUT requests.
_KINDS: Final = (
    ("imm:", "imm_requests"),
    ("oss:List", "list_requests"),
    ("oss:Head", "head_requests"),
    ("oss:GetObjectMeta", "head_requests"),
    ("oss:Get", "get_requests"),
    ("oss:ProcessImage", "get_requests"),
    ("oss:Delete", "delete_requests"),
    ("oss:Abort", "delete_requests"),
    *(
        (f"oss:{verb}", "put_requests")
        for verb in ("Put", "Copy", "Append", "Initiate", "Upload", "Complete", "Process")
    ),
)


def kind_of(operation: str) -> str:
    """Name the field of `UsageSum` in which a successful request of this operation counts."""
    return next((kind for prefix, kind in _KINDS if operation.startswith(prefix)), "other_requests")


def summed(rows: Iterable[UsageRow], by: Sequence[GroupBy]) -> tuple[UsageGroup, ...]:
    """Sum rows into groups, in the order of their names."""
    groups: dict[tuple[str, ...], UsageSum] = {}
    for key, counts in rows:
        names = tuple(part.of(key) for part in by)
        groups[names] = groups.get(names, UsageSum()) + _sum_of(key, counts)
    return tuple(UsageGroup(names, groups[names]) for names in sorted(groups))


def _sum_of(key: UsageKey, counts: UsageCounts) -> UsageSum:
    field = kind_of(key.operation) if key.outcome is Outcome.SUCCEEDED else key.outcome.value
    work = UsageSum(
        image_detect=counts.image_detect,
        image_compare=counts.image_compare,
        cache_hits=counts.cache_hits,
        bytes_out=counts.bytes_out,
        source_bytes=counts.source_bytes,
    )
    return work + UsageSum(**{field: counts.requests})
