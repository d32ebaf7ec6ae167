"""Handlers of IMM's operations on clusters of figures."""

from collections.abc import Mapping
from dataclasses import dataclass

from oss_faces.http.imm_service import ImmHandler, ImmResult, plain
from oss_faces.operations import ClusterKeeper, ShownCluster
from oss_faces.protocol import ImmAction
from oss_faces.rendering.imm_clusters import ClusterWriter
from oss_faces.rendering.imm_tasks import accepted_fields
from oss_faces.request import imm_clusters
from oss_faces.request.imm_paging import next_token
from oss_faces.values import Principal


@dataclass(frozen=True, slots=True)
class ImmClusterRoutes:
    """Operations on clusters."""

    keeper: ClusterKeeper
    writer: ClusterWriter

    async def cluster(self, principal: Principal, want: imm_clusters.ClusterFigures) -> ImmResult:
        """Answer CreateFigureClusteringTask."""
        task = await self.keeper.cluster(principal, want)
        return ImmResult(accepted_fields(task.task_id, task.event_id))

    async def merge(self, principal: Principal, want: imm_clusters.MergeClusters) -> ImmResult:
        """Answer CreateFigureClustersMergingTask."""
        task = await self.keeper.merge(principal, want)
        return ImmResult(accepted_fields(task.task_id, task.event_id))

    async def query(self, principal: Principal, want: imm_clusters.QueryClusters) -> ImmResult:
        """Answer QueryFigureClusters."""
        page, shown = await self.keeper.query(principal, want)
        total = {} if page.total is None else {"TotalCount": page.total}
        token = next_token(page.next_after, *want.question)
        return ImmResult({"FigureClusters": list(map(self._cluster, shown)), "NextToken": token, **total})

    async def get(self, principal: Principal, want: imm_clusters.NamedClusters) -> ImmResult:
        """Answer GetFigureCluster."""
        return ImmResult({"FigureCluster": self._cluster(await self.keeper.get(principal, want))})

    async def get_some(self, principal: Principal, want: imm_clusters.NamedClusters) -> ImmResult:
        """Answer BatchGetFigureCluster."""
        shown = await self.keeper.get_some(principal, want)
        return ImmResult({"FigureClusters": list(map(self._cluster, shown))})

    async def update(self, principal: Principal, want: imm_clusters.UpdateCluster) -> ImmResult:
        """Answer UpdateFigureCluster."""
        await self.keeper.update(principal, want)
        return ImmResult()

    def _cluster(self, shown: ShownCluster) -> Mapping[str, object]:
        return self.writer.cluster(shown.cluster, shown.cover)


def cluster_handlers(clusters: ImmClusterRoutes) -> Mapping[ImmAction, ImmHandler]:
    """Bind the operations on clusters to what reads them and to what does them."""
    return {
        ImmAction.CREATE_FIGURE_CLUSTERING_TASK: plain(imm_clusters.parse_cluster_figures, clusters.cluster),
        ImmAction.CREATE_FIGURE_CLUSTERS_MERGING_TASK: plain(imm_clusters.parse_merge_clusters, clusters.merge),
        ImmAction.QUERY_FIGURE_CLUSTERS: plain(imm_clusters.parse_query_clusters, clusters.query),
        ImmAction.GET_FIGURE_CLUSTER: plain(imm_clusters.parse_get_cluster, clusters.get),
        ImmAction.BATCH_GET_FIGURE_CLUSTER: plain(imm_clusters.parse_get_clusters, clusters.get_some),
        ImmAction.UPDATE_FIGURE_CLUSTER: plain(imm_clusters.parse_update_cluster, clusters.update),
    }
