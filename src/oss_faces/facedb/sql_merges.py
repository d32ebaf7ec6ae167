"""The methods of `Clusters` in SQL that merge, take apart and erase."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, delete, insert, select, update

from oss_faces.datasets import ClusterSpec, DatasetRef
from oss_faces.facedb import refusals
from oss_faces.facedb.base import Erasure, Merge
from oss_faces.facedb.paging import micros, moment
from oss_faces.facedb.sql_clusters import clusters_there, require_cluster, write_cluster
from oss_faces.facedb.sql_erasing import text_needles, vectors_of
from oss_faces.facedb.sql_figures import (
    assign,
    drop_dead_merges,
    drop_merges,
    load_merges,
    refresh_clusters,
    remove_figures,
)
from oss_faces.facedb.sql_files import remove_file
from oss_faces.facedb.sql_following import Following, Trace, note_erasure
from oss_faces.facedb.sql_rows import cluster_columns, to_cluster_spec
from oss_faces.facedb.sql_state import SqlState, batches, find_dataset
from oss_faces.facedb.tables import FIGURES, FILES, MERGED_CLUSTERS, MERGED_FIGURES, MERGES


class SqlMerges:
    """The methods of `Clusters` about whole clusters."""

    _state: SqlState
    _following: Following

    async def merge(self, ref: DatasetRef, into: str, froms: Sequence[str]) -> Merge:
        """Make one cluster of several; see `Clusters`."""
        now_us, most = micros(self._state.now()), self._state.settings.merges_max
        others = tuple(dict.fromkeys(cluster_id for cluster_id in froms if cluster_id != into))

        def work(connection: Connection) -> Merge:
            dataset = find_dataset(connection, ref, locks=True).number
            if not others:
                raise refusals.nothing_to_merge()
            require_cluster(connection, dataset, into)
            gone = [require_cluster(connection, dataset, cluster_id) for cluster_id in others]
            merge = Merge(uuid4().hex, into, others, moment(now_us))
            _write_merge(connection, dataset, merge, gone)
            drop_merges(connection, [known.merge_id for known in load_merges(connection, dataset)[most:]])
            for cluster_id in others:
                assign(connection, dataset, _members(connection, dataset, cluster_id), into)
            refresh_clusters(connection, dataset, [into, *others], now_us)
            return merge

        return await self._state.write(work)

    async def merges(self, ref: DatasetRef) -> tuple[Merge, ...]:
        """List merges; see `Clusters`."""
        return await self._state.read(
            lambda connection: tuple(load_merges(connection, find_dataset(connection, ref).number))
        )

    async def undo_merge(self, ref: DatasetRef, merge_id: str) -> Merge:
        """Bring back the clusters that a merge took in; see `Clusters`."""
        now_us = micros(self._state.now())

        def work(connection: Connection) -> Merge:
            dataset = find_dataset(connection, ref, locks=True).number
            merge = next((known for known in load_merges(connection, dataset) if known.merge_id == merge_id), None)
            if merge is None or merge.is_undone or not clusters_there(connection, dataset, [merge.into]):
                raise refusals.no_merge()
            number = connection.execute(select(MERGES.c.number).where(MERGES.c.merge_id == merge_id)).scalar_one()
            for kept in connection.execute(select(MERGED_CLUSTERS).where(MERGED_CLUSTERS.c.merge == number)).all():
                _bring_back(connection, dataset, merge.into, kept, now_us)
            # The names are those of living clusters again, and nobody undoes a merge twice.
            connection.execute(delete(MERGED_CLUSTERS).where(MERGED_CLUSTERS.c.merge == number))
            connection.execute(delete(MERGED_FIGURES).where(MERGED_FIGURES.c.merge == number))
            connection.execute(update(MERGES).where(MERGES.c.number == number).values(is_undone=True))
            refresh_clusters(connection, dataset, [merge.into], now_us)
            drop_dead_merges(connection, dataset)
            return replace(merge, is_undone=True)

        return await self._state.write(work)

    async def erase_cluster(self, ref: DatasetRef, cluster_id: str) -> Erasure:
        """Erase a person; see `Clusters`."""
        now_us = micros(self._state.now())

        def work(connection: Connection) -> tuple[Erasure, Trace]:
            dataset = find_dataset(connection, ref, locks=True).number
            row = require_cluster(connection, dataset, cluster_id)
            numbers = list(_members(connection, dataset, cluster_id))
            vectors = vectors_of(connection, numbers)
            files = _files_with(connection, numbers)
            said = [to_cluster_spec(row), *_merged_specs(connection, dataset)]
            remove_figures(connection, dataset, numbers, now_us)
            alone = _without_figures(connection, files, now_us)
            for file in alone:
                remove_file(connection, dataset, file, now_us)
            named = [merge for merge in load_merges(connection, dataset) if cluster_id in (merge.into, *merge.froms)]
            drop_merges(connection, [merge.merge_id for merge in named])
            still = _merged_specs(connection, dataset)
            texts = [text for spec in said if spec not in still for text in _texts(spec)]
            digests = tuple(sorted(hashlib.sha256(vector).hexdigest() for vector in vectors))
            erasure = Erasure(len(numbers), len(alone), 1, digests, moment(now_us))
            return erasure, Trace(
                note_erasure(connection, dataset), (*vectors, *text_needles([*texts, *(file.uri for file in alone)]))
            )

        erasure, trace = await self._state.write(work)
        await self._state.erase(partial(self._following.finish, trace))
        return erasure


def _merged_specs(connection: Connection, dataset: int) -> list[ClusterSpec]:
    """Read what was said about clusters that merges could bring back."""
    own = select(MERGES.c.number).where(MERGES.c.dataset == dataset)
    found = connection.execute(select(MERGED_CLUSTERS).where(MERGED_CLUSTERS.c.merge.in_(own)))
    return [to_cluster_spec(row) for row in found]


def _texts(spec: ClusterSpec) -> tuple[str, ...]:
    return spec.name, spec.custom_id, *spec.custom_labels.values()


def _members(connection: Connection, dataset: int, cluster_id: str) -> dict[int, float]:
    mine = select(FIGURES.c.number, FIGURES.c.cluster_confidence).where(
        FIGURES.c.dataset == dataset, FIGURES.c.cluster == cluster_id
    )
    return {row.number: row.cluster_confidence for row in connection.execute(mine.order_by(FIGURES.c.number))}


def _write_merge(connection: Connection, dataset: int, merge: Merge, gone: Sequence[Row[Any]]) -> None:
    columns = {
        "merge_id": merge.merge_id,
        "dataset": dataset,
        "into_id": merge.into,
        "from_ids": list(merge.froms),
        "merged_us": micros(merge.merged),
        "is_undone": False,
    }
    number = int(connection.execute(insert(MERGES).values(columns).returning(MERGES.c.number)).scalar_one())
    for row in gone:
        times = {"lock_version": row.lock_version, "created_us": row.created_us}
        kept = {"merge": number, "cluster_id": row.cluster_id, **cluster_columns(to_cluster_spec(row)), **times}
        connection.execute(insert(MERGED_CLUSTERS).values(kept))
        members = [
            {"merge": number, "figure": figure, "cluster_id": row.cluster_id, "confidence": confidence}
            for figure, confidence in _members(connection, dataset, row.cluster_id).items()
        ]
        connection.execute(insert(MERGED_FIGURES), members)


def _bring_back(connection: Connection, dataset: int, into: str, kept: Row[Any], now_us: int) -> None:
    """Bring back one cluster with those of its figures that are still in the other one."""
    mine = (
        select(FIGURES.c.number, MERGED_FIGURES.c.confidence)
        .join(MERGED_FIGURES, MERGED_FIGURES.c.figure == FIGURES.c.number)
        .where(
            MERGED_FIGURES.c.merge == kept.merge,
            MERGED_FIGURES.c.cluster_id == kept.cluster_id,
            FIGURES.c.dataset == dataset,
            FIGURES.c.cluster == into,
        )
    )
    still = {row.number: row.confidence for row in connection.execute(mine)}
    if still:
        spec = ClusterSpec(kept.name, kept.custom_id, kept.custom_labels, kept.cover_uri)
        columns = {"lock_version": kept.lock_version, "created_us": kept.created_us, "updated_us": now_us}
        write_cluster(connection, dataset, kept.cluster_id, spec, columns)
        assign(connection, dataset, still, kept.cluster_id)
        refresh_clusters(connection, dataset, [kept.cluster_id], now_us)


def _files_with(connection: Connection, numbers: Sequence[int]) -> list[int]:
    found: set[int] = set()
    for batch in batches(numbers):
        found.update(connection.scalars(select(FIGURES.c.file).where(FIGURES.c.number.in_(batch))))
    return sorted(found)


def _without_figures(connection: Connection, files: Sequence[int], now_us: int) -> list[Row[Any]]:
    """Note that figures are gone from files, and give those on which nobody is left."""
    empty: list[Row[Any]] = []
    for number in files:
        left = len(connection.execute(select(FIGURES.c.number).where(FIGURES.c.file == number)).all())
        mine = update(FILES).where(FILES.c.number == number).values(figure_count=left, updated_us=now_us)
        row = connection.execute(mine.returning(FILES)).one()
        if not left:
            empty.append(row)
    return empty
