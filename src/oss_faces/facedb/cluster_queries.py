"""What a question about clusters means."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from oss_faces.datasets import ClusterQuery, FieldKind, FigureCluster
from oss_faces.facedb.fields import Value

_SORTS: Final[Mapping[str, tuple[FieldKind, Callable[[FigureCluster], Value]]]] = {
    "face_count": (FieldKind.NUMBER, lambda cluster: cluster.facts.face_count),
    "image_count": (FieldKind.NUMBER, lambda cluster: cluster.facts.image_count),
    "name": (FieldKind.TEXT, lambda cluster: cluster.spec.name),
    "created": (FieldKind.TIME, lambda cluster: cluster.created),
    "updated": (FieldKind.TIME, lambda cluster: cluster.updated),
    "lock_version": (FieldKind.NUMBER, lambda cluster: cluster.lock_version),
}


def kind_of(sort: str) -> FieldKind:
    """Tell what the values of a sort field of `ClusterQuery` are."""
    return _SORTS[sort][0]


def sort_value(cluster: FigureCluster, sort: str) -> Value:
    """Read a sort field off a cluster."""
    return _SORTS[sort][1](cluster)


def fits(cluster: FigureCluster, query: ClusterQuery) -> bool:
    """Tell whether a cluster is asked for."""
    return (
        (not query.names or cluster.spec.name in query.names)
        and query.labels.items() <= cluster.spec.custom_labels.items()
        and _is_within(cluster.created, query.created)
        and _is_within(cluster.updated, query.updated)
    )


def _is_within(moment: datetime, bounds: tuple[datetime | None, datetime | None]) -> bool:
    first, end = bounds
    return (first is None or moment >= first) and (end is None or moment < end)
