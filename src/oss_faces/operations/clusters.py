"""What can be done with clusters of figures over IMM."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oss_faces.audit import Act, Audit, Event
from oss_faces.datasets import ClusterPage, ClusterSpec, DatasetRef, FigureCluster, IndexedFile
from oss_faces.errors import InvalidArgument
from oss_faces.facedb import FaceDatabase
from oss_faces.grants import Permission
from oss_faces.imm_errors import ResourceNotFound
from oss_faces.operations import permission
from oss_faces.request import imm_clusters as requests
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
