"""What can be done with clusters of figures over IMM."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oss_faces.audit import Act, Audit, Event
from oss_faces.datasets import ClusterPage, ClusterSpec, DatasetRef, Figure, FigureCluster, IndexedFile
from oss_faces.errors import InvalidArgument
from oss_faces.facedb import FaceDatabase, Merge
from oss_faces.grants import Permission
from oss_faces.imm_errors import ResourceAlreadyExists, ResourceNotFound
from oss_faces.operations import permission
from oss_faces.operations.people import People, checked_name
from oss_faces.request import imm_clusters as requests
from oss_faces.request import imm_people as people
from oss_faces.tasks import NewTask, Task, TaskKind, Tasks, subject_of
from oss_faces.values import Principal


@dataclass(frozen=True, slots=True)
class ShownCluster:
    """A cluster, and the file with the face that stands for it; `None` when that has just been removed."""

    cluster: FigureCluster
    cover: IndexedFile | None


@dataclass(frozen=True, slots=True)
class ClusterKeeper:
    """The operations on clusters. A cluster is of no bucket, so what is done with one needs a grant on every bucket.

    Every method raises AccessDenied, and ResourceNotFound when there is no such dataset.
    """

    database: FaceDatabase
    tasks: Tasks
    audit: Audit

    async def cluster(self, principal: Principal, want: requests.ClusterFigures) -> Task:
        """Have the figures of a dataset sorted into clusters (CreateFigureClusteringTask).

        Raises:
            LimitExceeded: too many tasks wait already.
        """
        permission.require(principal, Permission.CREATE_FIGURE_CLUSTERING_TASK)
        await self.database.get_dataset(want.ref)
        task = await self._add(TaskKind.FACE_CLUSTERING, want, requests.clustering_task(want))
        await self._record(Act.CLUSTER, principal, want.ref)
        return task

    async def merge(self, principal: Principal, want: requests.MergeClusters) -> Task:
        """Have one cluster made of several (CreateFigureClustersMergingTask).

        Raises:
            ResourceNotFound: one of them is not there.
            LimitExceeded: too many tasks wait already.
        """
        permission.require(principal, Permission.CREATE_FIGURE_CLUSTERS_MERGING_TASK)
        await self._require(want.ref, (want.into, *want.froms))
        task = await self._add(TaskKind.FIGURE_CLUSTERS_MERGING, want, requests.merge_task(want))
        await self._record(Act.MERGE, principal, want.ref, want.into, *want.froms)
        return task

    async def query(
        self, principal: Principal, want: requests.QueryClusters
    ) -> tuple[ClusterPage, tuple[ShownCluster, ...]]:
        """Find clusters (QueryFigureClusters)."""
        permission.require(principal, Permission.QUERY_FIGURE_CLUSTERS)
        page = await self.database.query_clusters(want.ref, want.query)
        return page, await self._shown(principal, want.ref, page.clusters)

    async def get(self, principal: Principal, want: requests.NamedClusters) -> ShownCluster:
        """Describe a cluster (GetFigureCluster).

        Raises:
            ResourceNotFound: it is not there.
        """
        permission.require(principal, Permission.GET_FIGURE_CLUSTER)
        (cluster,) = await self._require(want.ref, want.cluster_ids)
        return (await self._shown(principal, want.ref, (cluster,)))[0]

    async def get_some(self, principal: Principal, want: requests.NamedClusters) -> tuple[ShownCluster, ...]:
        """Describe clusters; those that are not there are left out (BatchGetFigureCluster)."""
        permission.require(principal, Permission.BATCH_GET_FIGURE_CLUSTER)
        clusters = await self.database.get_clusters(want.ref, want.cluster_ids)
        return await self._shown(principal, want.ref, clusters)

    async def update(self, principal: Principal, want: requests.UpdateCluster) -> None:
        """Change what is said about a cluster (UpdateFigureCluster).

        Raises:
            ResourceNotFound: it is not there.
            ResourceChanged: somebody changed it since the caller read it.
            InvalidArgument: the figure of the cover does not belong to it.
        """
        permission.require(principal, Permission.UPDATE_FIGURE_CLUSTER)
        cover = None if want.cover is None else await self._cover_uri(want.ref, want.cluster_id, want.cover)

        def changed(spec: ClusterSpec) -> ClusterSpec:
            return want.applied(spec, cover)

        await self.database.update_cluster(want.ref, want.cluster_id, changed, want.lock_version)
        await self._record(Act.UPDATE, principal, want.ref, want.cluster_id)

    async def figures(
        self, principal: Principal, want: people.ListFigures
    ) -> tuple[tuple[tuple[Figure, IndexedFile], ...], int]:
        """Give figures of a cluster with their files, and the last number when there are more (ListClusterFigures).

        Raises:
            ResourceNotFound: the cluster is not there.
        """
        permission.require(principal, Permission.LIST_CLUSTER_FIGURES)
        await self._require(want.ref, (want.cluster_id,))
        figures = await self.database.figures(want.ref, want.cluster_id)
        later = [figure for figure in figures if figure.number > want.after]
        page = later[: want.limit]
        uris = sorted({figure.uri for figure in page})
        files = {file.uri: file for file in await self.database.get_files(want.ref, uris)}
        await self._record(Act.READ, principal, want.ref, want.cluster_id)
        # A file that has been deleted in between takes its figures along.
        shown = tuple((figure, files[figure.uri]) for figure in page if figure.uri in files)
        return shown, page[-1].number if len(later) > len(page) else 0

    async def split(self, principal: Principal, want: people.SplitCluster) -> ShownCluster:
        """Make a cluster of its own of some figures, which are pinned to it (SplitFigureCluster).

        A picture that is there twice has its faces twice, under one id; both go.

        Raises:
            ResourceNotFound: the cluster is not there, or one of the figures does not belong to it.
            ResourceAlreadyExists: somebody is called so already.
            InvalidArgument: no figure would be left.
        """
        permission.require(principal, Permission.SPLIT_FIGURE_CLUSTER)
        await self._require(want.ref, (want.cluster_id,))
        name = await self._free_name(want.ref, want.name) if want.name else ""
        figures = await self.database.figures(want.ref, want.cluster_id)
        unknown = set(want.figure_ids) - {figure.figure_id for figure in figures}
        if unknown:
            raise ResourceNotFound(f"The figure {min(unknown)} does not belong to the cluster {want.cluster_id}.")
        moved = [figure.number for figure in figures if figure.figure_id in want.figure_ids]
        if len(moved) == len(figures):
            raise InvalidArgument("These are all figures of the cluster: none would be left.")
        made = await self.database.found_cluster(want.ref, ClusterSpec(name), moved)
        await self._record(Act.SPLIT, principal, want.ref, want.cluster_id, made.cluster_id)
        return (await self._shown(principal, want.ref, (made,)))[0]

    async def undo_merge(self, principal: Principal, want: people.UndoMerge) -> Merge:
        """Bring back the clusters that a merge took in (UndoFigureClustersMerging).

        Raises:
            ResourceNotFound: there was no such merge, it is undone already, or its cluster is gone.
        """
        permission.require(principal, Permission.UNDO_FIGURE_CLUSTERS_MERGING)
        undone = await self.database.undo_merge(want.ref, want.merge_id)
        await self._record(Act.UNDO_MERGE, principal, want.ref, undone.into, *undone.froms)
        return undone

    async def _free_name(self, ref: DatasetRef, name: str) -> str:
        wanted = checked_name(name)
        if await People(self.database, ref).named(wanted) is not None:
            raise ResourceAlreadyExists("Somebody in the dataset is called so already.")
        return wanted

    async def _add(
        self, kind: TaskKind, want: requests.ClusterFigures | requests.MergeClusters, request: Mapping[str, object]
    ) -> Task:
        """Accept a task; those of one dataset are done one after the other."""
        subject = subject_of(want.ref.project, want.ref.name)
        return await self.tasks.add(NewTask(want.ref.project, kind, request, want.user_data, want.tags, subject))

    async def _require(self, ref: DatasetRef, cluster_ids: Sequence[str]) -> tuple[FigureCluster, ...]:
        found = await self.database.get_clusters(ref, cluster_ids)
        missing = set(cluster_ids) - {cluster.cluster_id for cluster in found}
        if missing:
            raise ResourceNotFound(f"The cluster {min(missing)} does not exist.")
        return found

    async def _cover_uri(self, ref: DatasetRef, cluster_id: str, figure_id: str) -> str:
        await self._require(ref, (cluster_id,))
        for figure in await self.database.figures(ref, cluster_id):
            if figure.figure_id == figure_id:
                return figure.uri
        raise InvalidArgument(f"The figure {figure_id} does not belong to the cluster {cluster_id}.")

    async def _shown(
        self, principal: Principal, ref: DatasetRef, clusters: Sequence[FigureCluster]
    ) -> tuple[ShownCluster, ...]:
        uris = {cluster.facts.cover.uri for cluster in clusters}
        files = {file.uri: file for file in await self.database.get_files(ref, sorted(uris))}
        await self._record(Act.READ, principal, ref, *(cluster.cluster_id for cluster in clusters))
        return tuple(ShownCluster(cluster, files.get(cluster.facts.cover.uri)) for cluster in clusters)

    async def _record(self, act: Act, principal: Principal, ref: DatasetRef, *cluster_ids: str) -> None:
        await self.audit.record(Event(act, f"key:{principal.access_key_id}", ref, cluster_ids))
