"""Figures in SQL, and what follows for clusters when figures come, go and move."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from oss_faces.datasets import CLUSTER_INDEPENDENT, Figure
from oss_faces.facedb import refusals
from oss_faces.facedb.base import Merge
from oss_faces.facedb.merging import dead_merges
from oss_faces.facedb.paging import moment
from oss_faces.facedb.sql_rows import NO_CLUSTER, to_figure
from oss_faces.facedb.sql_state import batches, next_change
from oss_faces.facedb.tables import CLUSTERS, FIGURES, FILES, MERGES, REMOVALS


def load_figures(connection: Connection, *clauses: ColumnElement[bool]) -> list[Figure]:
    """Read the figures that fulfil conditions, by number."""
    found = select(FIGURES, FILES.c.uri).join(FILES, FILES.c.number == FIGURES.c.file).where(*clauses)
    return [to_figure(row, row.uri) for row in connection.execute(found.order_by(FIGURES.c.number))]


def figures_by_number(connection: Connection, dataset: int, numbers: Collection[int]) -> dict[int, Figure]:
    """Read figures; those that are not there are left out."""
    return {
        figure.number: figure
        for batch in batches(sorted(set(numbers)))
        for figure in load_figures(connection, FIGURES.c.dataset == dataset, FIGURES.c.number.in_(batch))
    }


def require_figures(connection: Connection, dataset: int, numbers: Collection[int]) -> None:
    """Raise `ResourceNotFound` when one of the figures is not there."""
    wanted = sorted(set(numbers))
    there = 0
    for batch in batches(wanted):
        own = select(func.count()).select_from(FIGURES)
        there += connection.execute(own.where(FIGURES.c.dataset == dataset, FIGURES.c.number.in_(batch))).scalar_one()
    if there < len(wanted):
        raise refusals.no_figure()


def clusters_of(connection: Connection, numbers: Iterable[int]) -> set[str]:
    """Name the clusters in which figures are."""
    found: set[str] = set()
    for batch in batches(list(numbers)):
        found.update(connection.scalars(select(FIGURES.c.cluster).where(FIGURES.c.number.in_(batch)).distinct()))
    return found - set(NO_CLUSTER)


def remove_figures(connection: Connection, dataset: int, numbers: Sequence[int], now_us: int) -> None:
    """Remove figures with their vectors, and note it for the indexes; the caller locked the dataset."""
    if not numbers:
        return
    touched = clusters_of(connection, numbers)
    change = next_change(connection, dataset)
    gone = [{"figure": number, "dataset": dataset, "change": change} for number in numbers]
    connection.execute(insert(REMOVALS), gone)
    for batch in batches(numbers):
        connection.execute(delete(FIGURES).where(FIGURES.c.number.in_(batch)))
    refresh_clusters(connection, dataset, touched, now_us)


def assign(connection: Connection, dataset: int, confidences: Mapping[int, float], cluster_id: str) -> set[str]:
    """Put figures into a cluster, or with an empty id into none; the caller brings the named clusters up to date."""
    touched = clusters_of(connection, confidences)
    groups: dict[float, list[int]] = {}
    for number, confidence in confidences.items():
        groups.setdefault(confidence, []).append(number)
    for confidence, numbers in groups.items():
        placed = {
            "cluster": cluster_id or CLUSTER_INDEPENDENT,
            "cluster_confidence": confidence if cluster_id else None,
        }
        for batch in batches(numbers):
            mine = update(FIGURES).where(FIGURES.c.dataset == dataset, FIGURES.c.number.in_(batch))
            connection.execute(mine.values(placed))
    return touched | ({cluster_id} if cluster_id and confidences else set())


def set_pinned(connection: Connection, dataset: int, numbers: Sequence[int]) -> None:
    """Note that a person has said where figures belong."""
    for batch in batches(numbers):
        mine = update(FIGURES).where(FIGURES.c.dataset == dataset, FIGURES.c.number.in_(batch))
        connection.execute(mine.values(is_pinned=True))


def refresh_clusters(connection: Connection, dataset: int, cluster_ids: Collection[str], now_us: int | None) -> None:
    """Bring what follows from the figures up to date; a cluster without figures goes.

    Args:
        now_us: when the figures of the clusters changed; None when it was something else.
    """
    has_lost = False
    for cluster_id in sorted(cluster_ids):
        known = select(CLUSTERS.c.cover_uri).where(CLUSTERS.c.cluster_id == cluster_id)
        cover_uri = connection.execute(known).scalar_one_or_none()
        if cover_uri is None:
            continue
        columns = _facts(connection, dataset, cluster_id, cover_uri)
        own = CLUSTERS.c.cluster_id == cluster_id
        if columns is None:
            connection.execute(delete(CLUSTERS).where(own))
            has_lost = True
        else:
            times = {} if now_us is None else {"updated_us": now_us}
            connection.execute(update(CLUSTERS).where(own).values({**columns, **times}))
    if has_lost:
        drop_dead_merges(connection, dataset)


def _facts(connection: Connection, dataset: int, cluster_id: str, cover_uri: str) -> dict[str, object] | None:
    mine = (FIGURES.c.dataset == dataset, FIGURES.c.cluster == cluster_id)
    years = FIGURES.c.age_years
    sums = select(
        func.count().label("faces"),
        func.count(FIGURES.c.file.distinct()).label("images"),
        func.min(years).label("lowest"),
        func.avg(years).label("mean"),
        func.max(years).label("highest"),
    )
    found = connection.execute(sums.where(*mine)).one()
    if not found.faces:
        return None
    genders = select(FIGURES.c.gender).where(*mine, FIGURES.c.gender.is_not(None)).group_by(FIGURES.c.gender)
    gender = connection.execute(genders.order_by(func.count().desc(), FIGURES.c.gender).limit(1)).scalar_one_or_none()
    return {
        "face_count": found.faces,
        "image_count": found.images,
        "gender": gender or "",
        "age_min": found.lowest,
        "age_mean": found.mean,
        "age_max": found.highest,
        "cover": _cover(connection, mine, cover_uri).number,
    }


def _cover(connection: Connection, mine: Sequence[ColumnElement[bool]], cover_uri: str) -> Row[Any]:
    """Find the figure that shows the person best, in the file that a person chose if it is there."""
    width, height = FIGURES.c.box_right - FIGURES.c.box_left, FIGURES.c.box_bottom - FIGURES.c.box_top
    ordered = (
        select(FIGURES.c.number)
        .join(FILES, FILES.c.number == FIGURES.c.file)
        .where(*mine)
        .order_by(
            (FILES.c.uri == cover_uri).desc(),
            func.coalesce(FIGURES.c.quality, 0.0).desc(),
            (width * height).desc(),
            FIGURES.c.number,
        )
    )
    return connection.execute(ordered.limit(1)).one()


def load_merges(connection: Connection, dataset: int) -> list[Merge]:
    """Read the merges of a dataset, newest first."""
    found = select(MERGES).where(MERGES.c.dataset == dataset).order_by(MERGES.c.number.desc())
    return [
        Merge(row.merge_id, row.into_id, tuple(row.from_ids), moment(row.merged_us), row.is_undone)
        for row in connection.execute(found)
    ]


def drop_dead_merges(connection: Connection, dataset: int) -> None:
    """Forget merges of clusters that cannot come back: the names in them must not outlast the faces."""
    alive = set(connection.scalars(select(CLUSTERS.c.cluster_id).where(CLUSTERS.c.dataset == dataset)))
    drop_merges(connection, dead_merges(load_merges(connection, dataset), alive))


def drop_merges(connection: Connection, merge_ids: Iterable[str]) -> None:
    """Forget merges."""
    for batch in batches(list(merge_ids)):
        connection.execute(delete(MERGES).where(MERGES.c.merge_id.in_(batch)))
