"""The tasks on clusters: faces find each other, and several clusters become one. Done in the background."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from oss_faces.clustering import (
    NEIGHBOURS,
    ClusteringSettings,
    Group,
    NewFaces,
    crowding,
    may_found,
    place_faces,
    usual_distance,
)
from oss_faces.datasets import DatasetRef, Figure
from oss_faces.facedb import FaceDatabase, Placement, Unplaced
from oss_faces.geometry import FloatArray
from oss_faces.recognition import FitnessSettings, VectorSpace, flaws
from oss_faces.request.imm_clusters import read_task_dataset
from oss_faces.tasks import Progress, Task
from oss_faces.vectors import Matches
from oss_faces.workers import Workers

# Faces of which the neighbours are searched at a time.
_BATCH: Final = 256
# Near faces among which a face looks for clusters that it could join.
_CANDIDATES: Final = 16
# How far a clustering is when all neighbours are found, when all clusters are read, and when it was decided.
_SEARCHED, _READ, _DECIDED = 60, 80, 95


@dataclass(frozen=True, slots=True)
class FigureClusterer:
    """Does the tasks of CreateFigureClusteringTask. Begun anew after a crash it goes on from what is written."""

    database: FaceDatabase
    embedder: VectorSpace
    workers: Workers
    settings: ClusteringSettings
    fitness: FitnessSettings

    async def run(self, task: Task, progress: Progress) -> Mapping[str, object]:
        """Place every figure of a dataset that belongs to no cluster yet, or find that it belongs to none.

        Raises:
            ResourceNotFound: the dataset is gone.
            ResourceInUse: it is searched in another space than that of this server's model.
        """
        ref = read_task_dataset(task.what.request)
        unplaced = await self.database.unplaced(ref)
        if not unplaced.figures:
            return _result(Placement())
        limit = self.settings.linkage_distance(self.embedder.calibration)
        matches = await self._search(ref, unplaced.vectors, progress)
        clusters = await self._clusters(ref, unplaced, matches, limit)
        progress(_READ)
        async with self.workers.background_place() as place:
            placement = await place.think(lambda: self._decide(unplaced, matches, clusters, limit))
        progress(_DECIDED)
        await self.database.place(ref, placement)
        return _result(placement)

    async def _search(self, ref: DatasetRef, vectors: FloatArray, progress: Progress) -> Matches:
        found = []
        for begin in range(0, len(vectors), _BATCH):
            batch = vectors[begin : begin + _BATCH]
            found.append(await self.database.nearest(ref, batch, self.embedder.space, NEIGHBOURS))
            progress(_SEARCHED * begin // len(vectors))
        columns = max(matches.numbers.shape[1] for matches in found)
        return Matches(
            np.concatenate([_widened(matches.numbers, columns, -1) for matches in found]),
            np.concatenate([_widened(matches.distances, columns, np.inf) for matches in found]),
        )

    async def _clusters(
        self, ref: DatasetRef, unplaced: Unplaced, matches: Matches, limit: float
    ) -> Mapping[str, Group]:
        """Read all clusters of which a figure is near to one that is to be placed."""
        numbers = np.array([figure.number for figure in unplaced.figures])
        strange = (matches.numbers >= 0) & ~np.isin(matches.numbers, numbers) & (matches.distances < limit)
        rows = np.flatnonzero(strange.any(axis=1))
        ids: set[str] = set()
        for begin in range(0, len(rows), _BATCH):
            probes = unplaced.vectors[rows[begin : begin + _BATCH]]
            for candidates in await self.database.search(ref, probes, self.embedder.space, _CANDIDATES):
                ids |= {each.figure.cluster_id for each in candidates if each.distance < limit} - {""}
        groups = {}
        for name in sorted(ids):
            members = await self.database.figures(ref, name)
            core = self._core(members)
            if core:
                vectors = await self.database.vectors(ref, [figure.number for figure in core])
                groups[name] = Group.of(vectors, [figure.uri for figure in members])
        return groups

    def _core(self, members: Sequence[Figure]) -> Sequence[Figure]:
        """Give the figures that stand for a cluster: good ones, and those of which a person said who they are."""
        return [one for one in members if one.is_pinned or may_found(one.face, self.settings)] or members

    def _decide(self, unplaced: Unplaced, matches: Matches, clusters: Mapping[str, Group], limit: float) -> Placement:
        figures, calibration = unplaced.figures, self.embedder.calibration
        faces = NewFaces(
            np.array([figure.number for figure in figures], np.int64),
            unplaced.vectors,
            [figure.uri for figure in figures],
            [figure.figure_id for figure in figures],
            crowding(matches, limit, usual_distance(calibration)),
            np.array([may_found(figure.face, self.settings) for figure in figures]),
            np.array([not flaws(figure.face, self.fitness) for figure in figures]),
        )
        return place_faces(faces, matches, clusters, limit, calibration)


@dataclass(frozen=True, slots=True)
class FigureClusterMerger:
    """Does the tasks of CreateFigureClustersMergingTask."""

    database: FaceDatabase

    async def run(self, task: Task, _progress: Progress) -> Mapping[str, object]:
        """Make one cluster of several. A merge that was written before a crash is not asked for again.

        Raises:
            ResourceNotFound: one of the clusters is gone.
        """
        request: Mapping[str, Any] = task.what.request
        ref, into, froms = read_task_dataset(request), request["To"], tuple(request["Froms"])
        for merge in await self.database.merges(ref):
            if (merge.into, set(merge.froms)) == (into, set(froms)) and merge.merged >= task.started:
                return {"MergeId": merge.merge_id}
        return {"MergeId": (await self.database.merge(ref, into, froms)).merge_id}


def _widened(array: np.ndarray[Any, Any], columns: int, filling: float) -> np.ndarray[Any, Any]:
    """Fill rows up, so that searches before and after a figure was added can stand together."""
    return np.pad(array, ((0, 0), (0, columns - array.shape[1])), constant_values=filling)


def _result(placement: Placement) -> Mapping[str, object]:
    return {
        "NewClusterCount": len(placement.founded),
        "GrownClusterCount": len(placement.joined),
        "PlacedFigureCount": sum(map(len, (*placement.founded, *placement.joined.values()))),
        "LeftFigureCount": len(placement.left_alone),
    }
