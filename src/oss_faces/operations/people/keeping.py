"""What a person says about who is who: names, two that are one, one that is two; and how long faces are kept."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from oss_faces.audit import Act, Audit, Event
from oss_faces.datasets import ClusterSpec, DatasetSpec, Figure, FigureCluster
from oss_faces.errors import InvalidArgument
from oss_faces.facedb import Merge
from oss_faces.imm_errors import ResourceAlreadyExists, ResourceNotFound
from oss_faces.operations.people.gallery import People, checked_name

RETENTION_DAYS_MAX = 36_500


@dataclass(frozen=True, slots=True)
class Keeper:
    """Everything that keeping people in order needs; `actor`: see `Event.actor`."""

    people: People
    audit: Audit
    actor: str

    async def list(self) -> AsyncIterator[FigureCluster]:
        """Give all people by name."""
        await self._record(Act.READ)
        async for person in self.people.everybody():
            yield person

    async def show(self, who: str) -> tuple[FigureCluster, tuple[Figure, ...]]:
        """Give a person with the faces that are kept.

        Raises:
            ResourceNotFound: nobody is called so.
        """
        person = await self.people.find(who)
        await self._record(Act.READ, person.cluster_id)
        return person, await self.people.database.figures(self.people.ref, person.cluster_id)

    async def rename(self, who: str, name: str) -> FigureCluster:
        """Call a person something else.

        Raises:
            ResourceNotFound: nobody is called so.
            ResourceAlreadyExists: somebody else has the new name.
        """
        person = await self.people.find(who)
        wanted = await self._free(name, person)

        def renamed(spec: ClusterSpec) -> ClusterSpec:
            return replace(spec, name=wanted)

        changed = await self.people.database.update_cluster(self.people.ref, person.cluster_id, renamed, None)
        await self._record(Act.UPDATE, person.cluster_id)
        return changed

    async def merge(self, into: str, froms: Sequence[str]) -> Merge:
        """Make one person of several; the first keeps the name.

        Raises:
            ResourceNotFound: nobody is called so.
            InvalidArgument: somebody is to be merged with himself.
        """
        kept = (await self.people.find(into)).cluster_id
        gone = [(await self.people.find(who)).cluster_id for who in froms]
        if kept in gone or len(set(gone)) < len(gone):
            raise InvalidArgument("each person is named once")
        merged = await self.people.database.merge(self.people.ref, kept, gone)
        await self._record(Act.MERGE, kept, *gone)
        return merged

    async def undo_merge(self, merge_id: str = "") -> Merge:
        """Take a merge back: the one with this id, or the last one that can be.

        Raises:
            ResourceNotFound: there is none.
        """
        if not merge_id:
            open_ones = [merge for merge in await self.people.database.merges(self.people.ref) if not merge.is_undone]
            if not open_ones:
                raise ResourceNotFound("no merge can be undone")
            merge_id = open_ones[0].merge_id
        undone = await self.people.database.undo_merge(self.people.ref, merge_id)
        await self._record(Act.UNDO_MERGE, undone.into, *undone.froms)
        return undone

    async def split(self, who: str, figure_ids: Sequence[str], name: str) -> FigureCluster:
        """Make a person of their own of some of a person's faces.

        Raises:
            ResourceNotFound: nobody is called so, or one of the faces is none of theirs.
            ResourceAlreadyExists: somebody has the new name.
            InvalidArgument: no face would be left.
        """
        person = await self.people.find(who)
        wanted = await self._free(name, None)
        figures = await self.people.database.figures(self.people.ref, person.cluster_id)
        numbers = {figure.figure_id: figure.number for figure in figures}
        unknown = [figure_id for figure_id in figure_ids if figure_id not in numbers]
        if unknown:
            raise ResourceNotFound(f"{who} has no face {unknown[0]}")
        moved = [numbers[figure_id] for figure_id in dict.fromkeys(figure_ids)]
        if len(moved) == len(figures):
            raise InvalidArgument("these are all of the faces: rename the person instead")
        made = await self.people.database.found_cluster(self.people.ref, ClusterSpec(wanted), moved)
        await self._record(Act.SPLIT, person.cluster_id, made.cluster_id)
        return made

    async def retain(self, days: int) -> None:
        """Say how long faces are kept after they came; 0 keeps them until somebody erases them.

        Raises:
            ResourceNotFound: there is no such dataset.
            InvalidArgument: so many days are not possible.
        """
        if not 0 <= days <= RETENTION_DAYS_MAX:
            raise InvalidArgument(f"from 0 to {RETENTION_DAYS_MAX} days")

        def changed(spec: DatasetSpec) -> DatasetSpec:
            return replace(spec, retention_days=days)

        await self.people.database.update_dataset(self.people.ref, changed)
        await self.audit.record(Event(Act.UPDATE, self.actor, self.people.ref, counts={"retention_days": days}))

    async def retention_days(self) -> int:
        """Tell how long faces are kept; 0: until somebody erases them."""
        return (await self.people.database.get_dataset(self.people.ref)).spec.retention_days

    async def _free(self, name: str, owner: FigureCluster | None) -> str:
        """Give a name that nobody else has."""
        wanted = checked_name(name)
        holder = await self.people.named(wanted)
        if holder is not None and (owner is None or holder.cluster_id != owner.cluster_id):
            raise ResourceAlreadyExists(f"somebody is called {wanted} already; to make one of two, merge them")
        return wanted

    async def _record(self, act: Act, *cluster_ids: str) -> None:
        await self.audit.record(Event(act, self.actor, self.people.ref, cluster_ids))
