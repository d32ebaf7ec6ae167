"""Clusters of figures over IMM. Parameter names are those of the IMM API reference 2020-09-30."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from oss_faces.datasets import ClusterQuery, ClusterSpec, DatasetRef
from oss_faces.errors import InvalidArgument
from oss_faces.request.imm import dataset_ref
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_files import custom_labels
from oss_faces.request.imm_paging import page_limit, read_after
from oss_faces.request.imm_tasks import one_of, time_span, user_data

CLUSTERS_MAX: Final = 100
"""Clusters of one merge, or of one BatchGetFigureCluster. Source: IMM "CreateFigureClustersMergingTask"."""

_PAGE_MAX: Final = 100
_ID_LENGTH_MAX: Final = 128
_TEXT_LENGTH_MAX: Final = 1024
_VERSION_MAX: Final = 2**62
_TAGS_MAX: Final = 20
_TAG_LENGTH_MAX: Final = 128
# Name on the wire -> name in `ClusterQuery`. The first one is the default.
_SORTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CreateTime": "created",
        "UpdateTime": "updated",
        "Name": "name",
        "FaceCount": "face_count",
        "ImageCount": "image_count",
        "MetaLockVersion": "lock_version",
    }
)


@dataclass(frozen=True, slots=True)
class ClusterFigures:
    """CreateFigureClusteringTask."""

    ref: DatasetRef
    user_data: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MergeClusters:
    """CreateFigureClustersMergingTask: make one cluster of several. No cluster is named twice."""

    ref: DatasetRef
    into: str
    froms: tuple[str, ...]
    user_data: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueryClusters:
    """QueryFigureClusters.

    Attributes:
        question: what has to be the same when the next page is asked for.
    """

    ref: DatasetRef
    query: ClusterQuery
    question: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedClusters:
    """GetFigureCluster and BatchGetFigureCluster."""

    ref: DatasetRef
    cluster_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UpdateCluster:
    """UpdateFigureCluster: what it names is replaced, the rest stays. `None` means not named.

    Attributes:
        cover: id of the figure that is to stand for the cluster.
        lock_version: the version that the caller saw.
    """

    ref: DatasetRef
    cluster_id: str
    name: str | None = None
    custom_id: str | None = None
    custom_labels: Mapping[str, str] | None = None
    cover: str | None = None
    lock_version: int | None = None

    def applied(self, spec: ClusterSpec, cover_uri: str | None) -> ClusterSpec:
        """Give what is said about the cluster after the update."""
        return ClusterSpec(
            spec.name if self.name is None else self.name,
            spec.custom_id if self.custom_id is None else self.custom_id,
            spec.custom_labels if self.custom_labels is None else self.custom_labels,
            spec.cover_uri if cover_uri is None else cover_uri,
        )


def parse_cluster_figures(fields: Fields) -> ClusterFigures:
    """Read CreateFigureClusteringTask. `Notification` is not read: the server sends no messages."""
    return ClusterFigures(dataset_ref(fields), user_data(fields), _tags(fields))


def parse_merge_clusters(fields: Fields) -> MergeClusters:
    """Read CreateFigureClustersMergingTask; `Notification` as above."""
    ref, into = dataset_ref(fields), fields.required("To", _ID_LENGTH_MAX)
    if fields.has("From") == fields.has("Froms"):
        raise InvalidArgument("Either the parameter From or the parameter Froms must be given, and not both.")
    one = fields.text("From", _ID_LENGTH_MAX)
    froms = (one,) if one else fields.texts("Froms", CLUSTERS_MAX, _ID_LENGTH_MAX)
    if len({into, *froms}) <= len(froms):
        raise InvalidArgument("A cluster must be named only once in the parameters To, From and Froms.")
    return MergeClusters(ref, into, froms, user_data(fields), _tags(fields))


def parse_query_clusters(fields: Fields) -> QueryClusters:
    """Read QueryFigureClusters."""
    ref = dataset_ref(fields)
    sort, order = one_of(fields, "Sort", tuple(_SORTS)), one_of(fields, "Order", ("asc", "desc"))
    labels = custom_labels(fields)
    created, updated = time_span(fields, "CreateTimeRange"), time_span(fields, "UpdateTimeRange")
    question = (ref.project, ref.name, sort, order, json.dumps(dict(labels)), repr(created), repr(updated))
    query = ClusterQuery(
        _SORTS[sort],
        order == "desc",
        labels=labels,
        created=created,
        updated=updated,
        after=read_after(fields, *question),
        limit=page_limit(fields, _PAGE_MAX),
        wants_total=fields.flag("WithTotalCount"),
    )
    return QueryClusters(ref, query, question)


def parse_get_cluster(fields: Fields) -> NamedClusters:
    """Read GetFigureCluster."""
    return NamedClusters(dataset_ref(fields), (fields.required("ObjectId", _ID_LENGTH_MAX),))


def parse_get_clusters(fields: Fields) -> NamedClusters:
    """Read BatchGetFigureCluster."""
    ref = dataset_ref(fields)
    fields.require("ObjectIds")
    return NamedClusters(ref, fields.texts("ObjectIds", CLUSTERS_MAX, _ID_LENGTH_MAX))


def parse_update_cluster(fields: Fields) -> UpdateCluster:
    """Read UpdateFigureCluster."""
    ref = dataset_ref(fields)
    fields.require("FigureCluster")
    cluster = fields.record("FigureCluster")
    version = cluster.whole("MetaLockVersion", 0, _VERSION_MAX, -1)
    return UpdateCluster(
        ref,
        cluster.required("ObjectId", _ID_LENGTH_MAX),
        cluster.text("Name", _TEXT_LENGTH_MAX) or None,
        cluster.text("CustomId", _TEXT_LENGTH_MAX) or None,
        custom_labels(cluster) if cluster.has("CustomLabels") else None,
        _cover(cluster),
        None if version < 0 else version,
    )


def merge_task(want: MergeClusters) -> Mapping[str, object]:
    """Write what a merge is to do, by the names of the wire."""
    return {
        "ProjectName": want.ref.project,
        "DatasetName": want.ref.name,
        "To": want.into,
        "Froms": list(want.froms),
        "UserData": want.user_data,
    }


def clustering_task(want: ClusterFigures) -> Mapping[str, object]:
    """Write what a clustering is to do, by the names of the wire."""
    return {"ProjectName": want.ref.project, "DatasetName": want.ref.name, "UserData": want.user_data}


def read_task_dataset(request: Mapping[str, Any]) -> DatasetRef:
    """Read in which dataset a task of either kind works."""
    return DatasetRef(request["ProjectName"], request["DatasetName"])


def _cover(cluster: Fields) -> str | None:
    figures = cluster.record("Cover").records("Figures", 1)
    return figures[0].required("FigureId", _ID_LENGTH_MAX) if figures else None


def _tags(fields: Fields) -> Mapping[str, str]:
    tags = fields.record("Tags")
    return {name: tags.text(name, _TAG_LENGTH_MAX) for name in tags.names(_TAGS_MAX, _TAG_LENGTH_MAX)}
