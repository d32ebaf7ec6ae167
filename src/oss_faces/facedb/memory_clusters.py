"""Clusters of the database in memory."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from uuid import uuid4

from oss_faces.datasets import ClusterPage, ClusterQuery, ClusterSpec, DatasetRef, Figure, FigureCluster
from oss_faces.facedb import refusals
from oss_faces.facedb.base import Erasure, Member, Merge, Placement, Unplaced
from oss_faces.facedb.cluster_queries import fits, kind_of, sort_value
from oss_faces.facedb.memory_gallery import stacked
from oss_faces.facedb.memory_state import KeptCluster, KeptDataset, KeptMerge, MemoryState
from oss_faces.facedb.paging import Place, page, read_token, stored


class MemoryClusters:
    """The methods of `Clusters`, but for merging and erasing."""

    _state: MemoryState

    async def unplaced(self, ref: DatasetRef) -> Unplaced:
        """Give the figures that clustering has not placed; see `Clusters`."""
        kept = self._state.dataset(ref)
        figures = tuple(figure for figure in kept.figures.values() if _is_free(figure))
        return Unplaced(figures, stacked(kept, [figure.number for figure in figures]))

    async def place(self, ref: DatasetRef, placement: Placement) -> tuple[FigureCluster, ...]:
        """Write what a clustering decided; see `Clusters`."""
        kept, now = self._state.dataset(ref), self._state.now()
        for cluster_id, members in placement.joined.items():
            if cluster_id in kept.clusters:
                kept.assign(_free(kept, members), cluster_id, now)
        founded = []
        for members in placement.founded:
            free = _free(kept, members)
            if free:
                cluster_id = new_cluster_id()
                kept.clusters[cluster_id] = KeptCluster(ClusterSpec(), 0, now, now)
                kept.assign(free, cluster_id, now)
                founded.append(cluster_id)
        left_alone = [Member(number, 0.0) for number in placement.left_alone]
        kept.assign(_free(kept, left_alone), "", now)
        return tuple(kept.cluster(ref, cluster_id) for cluster_id in founded)

    async def found_cluster(self, ref: DatasetRef, spec: ClusterSpec, numbers: Sequence[int]) -> FigureCluster:
        """Make a cluster of figures that a person says are one; see `Clusters`."""
        kept, now = self._state.dataset(ref), self._state.now()
        if not numbers:
            raise refusals.no_figure()
        kept.require_figures(numbers)
        cluster_id = new_cluster_id()
        kept.clusters[cluster_id] = KeptCluster(spec, 0, now, now)
        kept.pin(numbers, cluster_id, now)
        return kept.cluster(ref, cluster_id)

    async def pin(self, ref: DatasetRef, cluster_id: str, numbers: Sequence[int]) -> FigureCluster:
        """Add figures to a cluster because a person says so; see `Clusters`."""
        kept = self._state.dataset(ref)
        kept.require_cluster(cluster_id)
        kept.require_figures(numbers)
        kept.pin(numbers, cluster_id, self._state.now())
        return kept.cluster(ref, cluster_id)

    async def leave(self, ref: DatasetRef, numbers: Sequence[int]) -> None:
        """Take figures out of their clusters because a person says so; see `Clusters`."""
        kept = self._state.dataset(ref)
        kept.require_figures(numbers)
        kept.pin(numbers, "", self._state.now())

    async def get_clusters(self, ref: DatasetRef, cluster_ids: Sequence[str]) -> tuple[FigureCluster, ...]:
        """Describe clusters; see `Clusters`."""
        kept = self._state.dataset(ref)
        return tuple(kept.cluster(ref, cluster_id) for cluster_id in cluster_ids if cluster_id in kept.clusters)

    async def query_clusters(self, ref: DatasetRef, query: ClusterQuery) -> ClusterPage:
        """Find clusters; see `Clusters`."""
        kept = self._state.dataset(ref)
        after = read_token(query.after, [kind_of(query.sort)])
        every = (kept.cluster(ref, cluster_id) for cluster_id in kept.clusters)
        hits = [cluster for cluster in every if fits(cluster, query)]
        entries = [(Place((stored(sort_value(hit, query.sort)),), hit.cluster_id), hit) for hit in hits]
        found, next_after = page(entries, [query.descending], after, query.limit)
        return ClusterPage(found, next_after, len(hits) if query.wants_total else None)

    async def update_cluster(
        self, ref: DatasetRef, cluster_id: str, change: Callable[[ClusterSpec], ClusterSpec], lock_version: int | None
    ) -> FigureCluster:
        """Change what a person says about a cluster; see `Clusters`."""
        kept = self._state.dataset(ref)
        old = kept.require_cluster(cluster_id)
        if lock_version not in (None, old.lock_version):
            raise refusals.cluster_changed(cluster_id)
        spec = change(old.spec)
        kept.clusters[cluster_id] = replace(
            old, spec=spec, lock_version=old.lock_version + 1, updated=self._state.now()
        )
        return kept.cluster(ref, cluster_id)


class MemoryMerges:
    """The methods of `Clusters` that merge, take apart and erase."""

    _state: MemoryState

    async def merge(self, ref: DatasetRef, into: str, froms: Sequence[str]) -> Merge:
        """Make one cluster of several; see `Clusters`."""
        kept, now = self._state.dataset(ref), self._state.now()
        others = tuple(dict.fromkeys(cluster_id for cluster_id in froms if cluster_id != into))
        if not others:
            raise refusals.nothing_to_merge()
        kept.require_cluster(into)
        gone = {cluster_id: kept.require_cluster(cluster_id) for cluster_id in others}
        members = {
            cluster_id: {figure.number: figure.cluster_confidence for figure in kept.members(cluster_id)}
            for cluster_id in others
        }
        merge = Merge(uuid4().hex, into, others, now)
        kept.merges[merge.merge_id] = KeptMerge(merge, gone, members)
        for oldest in list(kept.merges)[: -self._state.settings.merges_max]:
            del kept.merges[oldest]
        for numbers in members.values():
            kept.assign(numbers, into, now)
        return merge

    async def merges(self, ref: DatasetRef) -> tuple[Merge, ...]:
        """List merges; see `Clusters`."""
        return tuple(entry.merge for entry in reversed(self._state.dataset(ref).merges.values()))

    async def undo_merge(self, ref: DatasetRef, merge_id: str) -> Merge:
        """Bring back the clusters that a merge took in; see `Clusters`."""
        kept, now = self._state.dataset(ref), self._state.now()
        entry = kept.merges.get(merge_id)
        if entry is None or entry.merge.is_undone or entry.merge.into not in kept.clusters:
            raise refusals.no_merge()
        for cluster_id, members in entry.members.items():
            still = {
                number: confidence
                for number, confidence in members.items()
                if number in kept.figures and kept.figures[number].cluster_id == entry.merge.into
            }
            if still:
                kept.clusters[cluster_id] = entry.clusters[cluster_id]
                kept.assign(still, cluster_id, now)
        undone = replace(entry.merge, is_undone=True)
        # The names are those of living clusters again, and nobody undoes a merge twice.
        kept.merges[merge_id] = KeptMerge(undone, {}, {})
        kept.drop_dead_merges()
        return undone

    async def erase_cluster(self, ref: DatasetRef, cluster_id: str) -> Erasure:
        """Erase a person; see `Clusters`."""
        kept, now = self._state.dataset(ref), self._state.now()
        kept.require_cluster(cluster_id)
        numbers = {figure.number for figure in kept.members(cluster_id)}
        digests = sorted(
            hashlib.sha256(held[number].astype("<f4").tobytes()).hexdigest()
            for held in kept.vectors.values()
            for number in numbers & held.keys()
        )
        touched = [uri for uri, file in kept.files.items() if numbers & set(file.numbers)]
        alone = [uri for uri in touched if set(kept.files[uri].numbers) <= numbers]
        for uri in touched:
            left = tuple(number for number in kept.files[uri].numbers if number not in numbers)
            kept.files[uri] = replace(kept.files[uri], numbers=left, updated=now)
        for uri in alone:
            del kept.files[uri]
            kept.forget_cover(uri)
        kept.remove_figures(numbers, now)
        for merge_id in [name for name, entry in kept.merges.items() if _names(entry.merge, cluster_id)]:
            del kept.merges[merge_id]
        return Erasure(len(numbers), len(alone), 1, tuple(digests), now)


def new_cluster_id() -> str:
    """Make an id as IMM's look."""
    return f"Cluster-{uuid4()}"


def _free(kept: KeptDataset, members: Sequence[Member]) -> Mapping[int, float]:
    """Leave out figures that are gone or were placed meanwhile."""
    return {
        member.number: member.confidence
        for member in members
        if member.number in kept.figures and _is_free(kept.figures[member.number])
    }


def _is_free(figure: Figure) -> bool:
    return not figure.cluster_id and not figure.is_pinned


def _names(merge: Merge, cluster_id: str) -> bool:
    return cluster_id == merge.into or cluster_id in merge.froms
