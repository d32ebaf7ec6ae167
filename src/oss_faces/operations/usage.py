"""What was used, for whoever may know it of all keys."""

from dataclasses import dataclass, field
from functools import partial

import anyio
import anyio.to_thread

from oss_faces.errors import InvalidArgument
from oss_faces.grants import Permission
from oss_faces.metering import GroupBy, UsageGroup, UsageReader, UsageSum, summed
from oss_faces.operations import permission
from oss_faces.request.server import ReadUsage
from oss_faces.values import Principal


def _one_at_a_time() -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(1)


@dataclass(frozen=True, slots=True)
class Usage:
    """Sums by groups, and all of them together."""

    by: tuple[GroupBy, ...]
    groups: tuple[UsageGroup, ...]
    total: UsageSum


@dataclass(frozen=True, slots=True)
class UsageTeller:
    """Reads the counts, one question at a time. `groups_max`: rows of an answer."""

    reader: UsageReader
    groups_max: int = 20_000
    limiter: anyio.CapacityLimiter = field(default_factory=_one_at_a_time)

    async def tell(self, principal: Principal, want: ReadUsage) -> Usage:
        """Sum what was used (GetUsage).

        Raises:
            AccessDenied: the caller lacks the grant.
            InvalidArgument: the answer would have too many rows.
            MeteringUnavailable: the counts cannot be read.
        """
        permission.require(principal, Permission.GET_USAGE)
        return await anyio.to_thread.run_sync(partial(self._sum, want), limiter=self.limiter)

    def _sum(self, want: ReadUsage) -> Usage:
        by = tuple(map(GroupBy, want.by))
        rows = [
            (key, counts)
            for key, counts in self.reader.rows(want.first, want.last)
            if want.access_key_id in ("", key.access_key_id) and want.bucket in ("", key.bucket)
        ]
        groups = summed(rows, by)
        if len(groups) > self.groups_max:
            raise InvalidArgument(f"More than {self.groups_max} rows: ask for fewer days, or by less.")
        return Usage(by, groups, sum((group.sums for group in groups), UsageSum()))
