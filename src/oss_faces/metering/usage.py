"""What is counted, and for whom."""

import enum
from dataclasses import dataclass, field
from datetime import date

from oss_faces.values import Work


class Outcome(enum.StrEnum):
    """How a request ended. The 4xx are told apart, since some services are billed for some of them."""

    SUCCEEDED = "succeeded"
    NOT_MODIFIED = "not_modified"
    DENIED = "denied"
    MISSING = "missing"
    REFUSED = "refused"
    FAILED = "failed"

    @classmethod
    def of_status(cls, status: int) -> "Outcome":
        """Classify an HTTP status: 2xx, 304, 401 and 403, 404, any other 4xx, 5xx."""
        if status == 304:
            return cls.NOT_MODIFIED
        if status < 400:
            return cls.SUCCEEDED
        if status in (401, 403):
            return cls.DENIED
        if status == 404:
            return cls.MISSING
        return cls.REFUSED if status < 500 else cls.FAILED


@dataclass(frozen=True, slots=True)
class Use:
    """One answered request, as it is to be counted.

    Attributes:
        access_key_id: the lasting key of who signed; empty when nobody did, or when the signature was refused.
        bucket: empty when the request is about none.
        operation: service and name, for instance `oss:GetObject`; empty when it was refused before that was known.
        status: of the answer; one that broke off through a fault of ours counts as 500.
        bytes_out: of the body, as far as the client took it.
    """

    access_key_id: str
    bucket: str
    operation: str
    status: int
    bytes_out: int
    work: Work = field(default_factory=Work)


@dataclass(frozen=True, slots=True, order=True)
class UsageKey:
    """What is counted apart. `day` is a day in UTC: that on which the answer ended."""

    day: date
    access_key_id: str
    bucket: str
    operation: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class UsageCounts:
    """Sums over requests. Bytes read and the work done count for requests that succeeded."""

    requests: int = 0
    bytes_out: int = 0
    source_bytes: int = 0
    image_detect: int = 0
    image_compare: int = 0
    cache_hits: int = 0

    @classmethod
    def of(cls, use: Use) -> "UsageCounts":
        """Count one request."""
        work = use.work if Outcome.of_status(use.status) is Outcome.SUCCEEDED else Work()
        return cls(1, use.bytes_out, work.source_bytes, work.image_detect, work.image_compare, int(work.is_cached))

    def __add__(self, other: "UsageCounts") -> "UsageCounts":
        return UsageCounts(
            self.requests + other.requests,
            self.bytes_out + other.bytes_out,
            self.source_bytes + other.source_bytes,
            self.image_detect + other.image_detect,
            self.image_compare + other.image_compare,
            self.cache_hits + other.cache_hits,
        )
