"""The methods of `Clusters` in SQL, but for merging and erasing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from oss_faces.datasets import ClusterPage, ClusterQuery, ClusterSpec, DatasetRef, FigureCluster
from oss_faces.facedb import refusals
from oss_faces.facedb.base import Member, Placement, Unplaced
from oss_faces.facedb.cluster_queries import kind_of
from oss_faces.facedb.paging import Place, micros, read_token, token
from oss_faces.facedb.sql_figures import (
    assign,
    figures_by_number,
    load_figures,
    refresh_clusters,
    require_figures,
    set_pinned,
)
from oss_faces.facedb.sql_gallery import load_vectors
from oss_faces.facedb.sql_pages import behind, ordering
from oss_faces.facedb.sql_rows import NO_CLUSTER, cluster_columns, to_cluster, to_cluster_spec
from oss_faces.facedb.sql_state import SqlState, batches, find_dataset
from oss_faces.facedb.tables import CLUSTER_LABELS, CLUSTERS, FIGURES

_SORTS: Final[Mapping[str, ColumnElement[Any]]] = {
    "face_count": CLUSTERS.c.face_count,
    "image_count": CLUSTERS.c.image_count,
    "name": CLUSTERS.c.name,
    "created": CLUSTERS.c.created_us,
    "updated": CLUSTERS.c.updated_us,
    "lock_version": CLUSTERS.c.lock_version,
}


class SqlClusters:
    """The methods of `Clusters` that place figures, and ask for and name clusters."""

    _state: SqlState

    async def unplaced(self, ref: DatasetRef) -> Unplaced:
        """Give the figures that clustering has not placed; see `Clusters`."""

        def work(connection: Connection) -> Unplaced:
            dataset = find_dataset(connection, ref)
            figures = load_figures(connection, FIGURES.c.dataset == dataset.number, *_FREE)
            return Unplaced(tuple(figures), load_vectors(connection, dataset, [figure.number for figure in figures]))

        return await self._state.read(work)

    async def place(self, ref: DatasetRef, placement: Placement) -> tuple[FigureCluster, ...]:
        """Write what a clustering decided; see `Clusters`."""
        now_us = micros(self._state.now())

        def work(connection: Connection) -> tuple[FigureCluster, ...]:
            dataset = find_dataset(connection, ref, locks=True).number
            touched: set[str] = set()
            for cluster_id in clusters_there(connection, dataset, placement.joined):
                free = _free(connection, dataset, placement.joined[cluster_id])
                touched |= assign(connection, dataset, free, cluster_id)
            founded = []
            for members in placement.founded:
                free = _free(connection, dataset, members)
                if free:
                    founded.append(make_cluster(connection, dataset, ClusterSpec(), now_us))
                    touched |= assign(connection, dataset, free, founded[-1])
            left_alone = _free(connection, dataset, [Member(number, 0.0) for number in placement.left_alone])
            assign(connection, dataset, left_alone, "")
            refresh_clusters(connection, dataset, touched, now_us)
            return load_clusters(connection, ref, dataset, founded)

        return await self._state.write(work)

    async def found_cluster(self, ref: DatasetRef, spec: ClusterSpec, numbers: Sequence[int]) -> FigureCluster:
        """Make a cluster of figures that a person says are one; see `Clusters`."""
        now_us = micros(self._state.now())

        def work(connection: Connection) -> FigureCluster:
            dataset = find_dataset(connection, ref, locks=True).number
            if not numbers:
                raise refusals.no_figure()
            require_figures(connection, dataset, numbers)
            cluster_id = make_cluster(connection, dataset, spec, now_us)
            _pin(connection, dataset, numbers, cluster_id, now_us)
            return load_clusters(connection, ref, dataset, [cluster_id])[0]

        return await self._state.write(work)

    async def pin(self, ref: DatasetRef, cluster_id: str, numbers: Sequence[int]) -> FigureCluster:
        """Add figures to a cluster because a person says so; see `Clusters`."""
        now_us = micros(self._state.now())

        def work(connection: Connection) -> FigureCluster:
            dataset = find_dataset(connection, ref, locks=True).number
            require_cluster(connection, dataset, cluster_id)
            require_figures(connection, dataset, numbers)
            _pin(connection, dataset, numbers, cluster_id, now_us)
            return load_clusters(connection, ref, dataset, [cluster_id])[0]

        return await self._state.write(work)

    async def leave(self, ref: DatasetRef, numbers: Sequence[int]) -> None:
        """Take figures out of their clusters because a person says so; see `Clusters`."""
        now_us = micros(self._state.now())

        def work(connection: Connection) -> None:
            dataset = find_dataset(connection, ref, locks=True).number
            require_figures(connection, dataset, numbers)
            _pin(connection, dataset, numbers, "", now_us)

        await self._state.write(work)

    async def get_clusters(self, ref: DatasetRef, cluster_ids: Sequence[str]) -> tuple[FigureCluster, ...]:
        """Describe clusters; see `Clusters`."""
        return await self._state.read(
            lambda connection: load_clusters(connection, ref, find_dataset(connection, ref).number, cluster_ids)
        )

    async def query_clusters(self, ref: DatasetRef, query: ClusterQuery) -> ClusterPage:
        """Find clusters; see `Clusters`."""
        after = read_token(query.after, [kind_of(query.sort)])
        return await self._state.read(lambda connection: _find(connection, ref, query, after))

    async def update_cluster(
        self, ref: DatasetRef, cluster_id: str, change: Callable[[ClusterSpec], ClusterSpec], lock_version: int | None
    ) -> FigureCluster:
        """Change what a person says about a cluster; see `Clusters`."""
        now_us = micros(self._state.now())

        def work(connection: Connection) -> FigureCluster:
            dataset = find_dataset(connection, ref, locks=True).number
            old = require_cluster(connection, dataset, cluster_id)
            if lock_version not in (None, old.lock_version):
                raise refusals.cluster_changed(cluster_id)
            spec = change(to_cluster_spec(old))
            mine = update(CLUSTERS).where(CLUSTERS.c.cluster_id == cluster_id)
            said = {**cluster_columns(spec), "lock_version": old.lock_version + 1, "updated_us": now_us}
            connection.execute(mine.values(said))
            _write_labels(connection, cluster_id, spec)
            refresh_clusters(connection, dataset, [cluster_id], now_us)
            return load_clusters(connection, ref, dataset, [cluster_id])[0]

        return await self._state.write(work)


# Neither placed nor said by a person to be nobody.
_FREE: Final = (FIGURES.c.cluster.in_(NO_CLUSTER), FIGURES.c.is_pinned.is_(False))


def make_cluster(connection: Connection, dataset: int, spec: ClusterSpec, now_us: int) -> str:
    """Make a cluster that has no figures yet, and give its id."""
    cluster_id = f"Cluster-{uuid4()}"
    write_cluster(
        connection, dataset, cluster_id, spec, {"lock_version": 0, "created_us": now_us, "updated_us": now_us}
    )
    return cluster_id


def write_cluster(
    connection: Connection, dataset: int, cluster_id: str, spec: ClusterSpec, columns: Mapping[str, int]
) -> None:
    """Write a cluster; what follows from its figures is filled in when they are there."""
    empty = {"face_count": 0, "image_count": 0, "gender": "", "cover": 0}
    own = {"cluster_id": cluster_id, "dataset": dataset}
    connection.execute(insert(CLUSTERS).values({**own, **cluster_columns(spec), **empty, **columns}))
    _write_labels(connection, cluster_id, spec)


def require_cluster(connection: Connection, dataset: int, cluster_id: str) -> Row[Any]:
    """Give a cluster's row.

    Raises:
        ResourceNotFound: there is no such cluster.
    """
    wanted = select(CLUSTERS).where(CLUSTERS.c.dataset == dataset, CLUSTERS.c.cluster_id == cluster_id)
    row = connection.execute(wanted).first()
    if row is None:
        raise refusals.no_cluster(cluster_id)
    return row


def clusters_there(connection: Connection, dataset: int, cluster_ids: Collection[str]) -> list[str]:
    """Leave out clusters that are gone; in the order of the others."""
    found: set[str] = set()
    for batch in batches(list(cluster_ids)):
        own = select(CLUSTERS.c.cluster_id).where(CLUSTERS.c.dataset == dataset)
        found.update(connection.scalars(own.where(CLUSTERS.c.cluster_id.in_(batch))))
    return [cluster_id for cluster_id in cluster_ids if cluster_id in found]


def load_clusters(
    connection: Connection, ref: DatasetRef, dataset: int, cluster_ids: Sequence[str]
) -> tuple[FigureCluster, ...]:
    """Read clusters in this order; those that are not there are left out."""
    rows: list[Row[Any]] = []
    for batch in batches(sorted(set(cluster_ids))):
        own = select(CLUSTERS).where(CLUSTERS.c.dataset == dataset)
        rows += connection.execute(own.where(CLUSTERS.c.cluster_id.in_(batch))).all()
    found = {cluster.cluster_id: cluster for cluster in _with_covers(connection, ref, dataset, rows)}
    return tuple(found[cluster_id] for cluster_id in cluster_ids if cluster_id in found)


def _with_covers(
    connection: Connection, ref: DatasetRef, dataset: int, rows: Sequence[Row[Any]]
) -> tuple[FigureCluster, ...]:
    covers = figures_by_number(connection, dataset, [row.cover for row in rows])
    return tuple(to_cluster(row, ref, covers[row.cover]) for row in rows)


def _find(connection: Connection, ref: DatasetRef, query: ClusterQuery, after: Place | None) -> ClusterPage:
    dataset = find_dataset(connection, ref).number
    hits = [CLUSTERS.c.dataset == dataset, *_clauses(query)]
    total = None
    if query.wants_total:
        total = int(connection.execute(select(func.count()).select_from(CLUSTERS).where(*hits)).scalar_one())
    column = _SORTS[query.sort]
    keys = [(column, query.descending)]
    wanted = select(CLUSTERS).where(*hits).order_by(*ordering(keys, CLUSTERS.c.cluster_id))
    if after is not None:
        wanted = wanted.where(behind(keys, CLUSTERS.c.cluster_id, after))
    rows = connection.execute(wanted.limit(query.limit + 1)).all()
    page, next_after = rows[: query.limit], ""
    if page and len(rows) > query.limit:
        last = page[-1]._mapping  # noqa: SLF001  public, by its docs
        next_after = token(Place((last[column],), page[-1].cluster_id))
    return ClusterPage(_with_covers(connection, ref, dataset, page), next_after, total)


def _clauses(query: ClusterQuery) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [CLUSTERS.c.name.in_(query.names)] if query.names else []
    for key, value in query.labels.items():
        labelled = select(CLUSTER_LABELS.c.cluster_id).where(
            CLUSTER_LABELS.c.key == key, CLUSTER_LABELS.c.value == value
        )
        clauses.append(CLUSTERS.c.cluster_id.in_(labelled))
    clauses += _within(CLUSTERS.c.created_us, query.created)
    return clauses + _within(CLUSTERS.c.updated_us, query.updated)


def _within(column: ColumnElement[int], bounds: tuple[datetime | None, datetime | None]) -> list[ColumnElement[bool]]:
    first, end = bounds
    clauses = [] if first is None else [column >= micros(first)]
    return clauses if end is None else [*clauses, column < micros(end)]


def _write_labels(connection: Connection, cluster_id: str, spec: ClusterSpec) -> None:
    connection.execute(delete(CLUSTER_LABELS).where(CLUSTER_LABELS.c.cluster_id == cluster_id))
    labels = [{"cluster_id": cluster_id, "key": key, "value": value} for key, value in spec.custom_labels.items()]
    if labels:
        connection.execute(insert(CLUSTER_LABELS), labels)


def _free(connection: Connection, dataset: int, members: Sequence[Member]) -> dict[int, float]:
    """Leave out figures that are gone or were placed meanwhile."""
    found: set[int] = set()
    for batch in batches([member.number for member in members]):
        free = select(FIGURES.c.number).where(FIGURES.c.dataset == dataset, FIGURES.c.number.in_(batch), *_FREE)
        found.update(connection.scalars(free))
    return {member.number: member.confidence for member in members if member.number in found}


def _pin(connection: Connection, dataset: int, numbers: Sequence[int], cluster_id: str, now_us: int) -> None:
    confidences = dict.fromkeys(numbers, 1.0 if cluster_id else 0.0)
    touched = assign(connection, dataset, confidences, cluster_id)
    set_pinned(connection, dataset, list(confidences))
    refresh_clusters(connection, dataset, touched, now_us)
