"""ForgetFigureCluster and ListErasures, operations of ours: a person erased over the wire, and the log of it."""

from dataclasses import dataclass, field, replace
from typing import Final

import anyio

from oss_faces.audit import Act, Audit, AuditQuery, Entry
from oss_faces.facedb import FaceDatabase
from oss_faces.grants import Permission
from oss_faces.imm_errors import ResourceNotFound
from oss_faces.operations import permission
from oss_faces.operations.people import Eraser, Forgotten, People, TraceFinder
from oss_faces.request import imm_people as requests
from oss_faces.tasks import Tasks
from oss_faces.values import Principal

_ERASURES: Final = (Act.ERASE, Act.EXPIRE)
_ENTRIES_AT_ONCE: Final = 1000
_LOOKS_MAX: Final = 10
"""Pages of the log that one answer looks through; entries of other datasets are passed over."""


def _one_at_a_time() -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(1)


@dataclass(frozen=True, slots=True)
class PersonForgetter:
    """Everything that erasure over the wire needs.

    Attributes:
        find_traces: looks for the erased vectors afterwards, in the whole data folder.
        outside: see `Receipt.outside`.
    """

    database: FaceDatabase
    audit: Audit
    tasks: Tasks
    find_traces: TraceFinder
    outside: str = ""
    limiter: anyio.CapacityLimiter = field(default_factory=_one_at_a_time)

    async def forget(self, principal: Principal, want: requests.NamedCluster) -> Forgotten:
        """Erase a person, and prove it (ForgetFigureCluster).

        Raises:
            AccessDenied.
            ResourceNotFound: there is no such cluster.
            StorageUnavailable: nothing was erased; or it was, and its bytes are not gone from the disk yet.
        """
        permission.require(principal, Permission.FORGET_FIGURE_CLUSTER)
        async with self.limiter:
            found = await self.database.get_clusters(want.ref, [want.cluster_id])
            if not found:
                raise ResourceNotFound(f"The cluster {want.cluster_id} does not exist.")
            people, actor = People(self.database, want.ref), f"key:{principal.access_key_id}"
            eraser = Eraser(people, self.audit, actor, self.tasks, self.outside)
            return await eraser.forget_person(found[0], self.find_traces)

    async def erasures(self, principal: Principal, want: requests.ListErasures) -> tuple[tuple[Entry, ...], int]:
        """Give what the log has about erasures in a dataset, and the last number when there may be more (ListErasures).

        Raises:
            AccessDenied.
            ResourceNotFound: there is no such dataset.
        """
        permission.require(principal, Permission.LIST_ERASURES)
        await self.database.get_dataset(want.ref)
        query = AuditQuery(want.after, acts=_ERASURES, limit=_ENTRIES_AT_ONCE)
        found: list[Entry] = []
        for _ in range(_LOOKS_MAX):
            page = await self.audit.entries(query)
            found += [entry for entry in page.entries if entry.event.ref == want.ref]
            if len(found) > want.limit:
                return tuple(found[: want.limit]), found[want.limit - 1].number
            if not page.next_after:
                return tuple(found), 0
            query = replace(query, after=page.next_after)
        return tuple(found), query.after
