"""Wiring of the face service: what is asked about datasets, people and tasks, and who does the tasks."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from oss_faces.audit import find_traces_apart
from oss_faces.config import Settings
from oss_faces.face_parts import FaceParts
from oss_faces.http import (
    ImmClusterRoutes,
    ImmDatasetRoutes,
    ImmFaceSearchRoutes,
    ImmFileRoutes,
    ImmHandler,
    ImmPeopleRoutes,
    ImmTaskRoutes,
    cluster_handlers,
    dataset_handlers,
    face_search_handlers,
    people_handlers,
    task_handlers,
)
from oss_faces.operations import (
    ClusterKeeper,
    DatasetKeeper,
    FacesSearcher,
    FigureClusterer,
    FigureClusterMerger,
    FigureClusterSearcher,
    FigureIdentifier,
    FileIndexer,
    FileKeeper,
    PersonForgetter,
    ReEmbedder,
    TaskWatcher,
)
from oss_faces.operations.people import TraceFinder
from oss_faces.protocol import ImmAction
from oss_faces.rendering.imm_clusters import ClusterWriter
from oss_faces.rendering.imm_datasets import FileWriter
from oss_faces.tasks import TaskHandler, TaskKind

# Stored pictures, as they came: they hold no vector, and can be very many.
_CONTENTS: Final = frozenset({"content", "incoming"})


def face_handlers(parts: FaceParts) -> Mapping[ImmAction, ImmHandler]:
    """Bind IMM's operations on datasets, people and tasks."""
    settings = parts.settings
    searcher = FigureClusterSearcher(
        parts.store,
        parts.recognition,
        parts.workers,
        settings.decoding.size_bytes_max,
        parts.bindings,
        parts.database,
        parts.audit,
        settings.fitness,
        settings.decision,
    )
    files = FileKeeper(parts.store, parts.database, parts.tasks, parts.audit)
    writer = FileWriter(settings.rendering, settings.server.owner_id)
    clusters = ClusterKeeper(parts.database, parts.tasks, parts.audit)
    watcher = TaskWatcher(parts.tasks, parts.bindings)
    forgetter = PersonForgetter(parts.database, parts.audit, parts.tasks, trace_finder(settings), parts.not_searched)
    people = ImmPeopleRoutes(
        clusters, FigureIdentifier(searcher), forgetter, watcher, ClusterWriter(writer), settings.rendering
    )
    return {
        **dataset_handlers(
            ImmDatasetRoutes(DatasetKeeper(parts.holdings, parts.bindings, parts.audit, parts.tasks)),
            ImmFileRoutes(files, writer),
        ),
        **cluster_handlers(ImmClusterRoutes(clusters, ClusterWriter(writer))),
        **task_handlers(ImmTaskRoutes(watcher)),
        **face_search_handlers(ImmFaceSearchRoutes(searcher, faces_searcher(parts), settings.rendering)),
        **people_handlers(people),
    }


def trace_finder(settings: Settings) -> TraceFinder:
    """Make what looks for bytes in the data folder, but for the stored objects themselves."""
    return partial(find_traces_apart, settings.storage.data_dir, left_out=_CONTENTS)


def background_handlers(parts: FaceParts) -> Mapping[str, TaskHandler]:
    """Say who does the tasks of each kind."""
    indexer = FileIndexer(
        parts.store,
        parts.recognition,
        parts.workers,
        parts.settings.decoding.size_bytes_max,
        parts.database,
        parts.audit,
        parts.count,
        parts.tasks,
    )
    clusterer = FigureClusterer(
        parts.database,
        parts.recognition.embedder,
        parts.workers,
        parts.settings.clustering,
        parts.settings.fitness,
    )
    re_embedder = ReEmbedder(
        parts.store,
        parts.recognition.embedder,
        parts.workers,
        parts.settings.decoding.size_bytes_max,
        parts.database,
    )
    return {
        TaskKind.FILE_INDEXING: indexer.run,
        TaskKind.RE_EMBEDDING: re_embedder.run,
        TaskKind.FACE_CLUSTERING: clusterer.run,
        TaskKind.FACES_SEARCHING: faces_searcher(parts).run,
        TaskKind.FIGURE_CLUSTERS_MERGING: FigureClusterMerger(parts.database).run,
    }


def faces_searcher(parts: FaceParts) -> FacesSearcher:
    """Make what accepts searches for faces, and does them."""
    return FacesSearcher(
        parts.tasks,
        parts.store,
        parts.recognition,
        parts.workers,
        parts.settings.decoding.size_bytes_max,
        parts.bindings,
        parts.database,
        parts.audit,
        parts.settings.fitness,
        parts.settings.rendering,
        parts.count,
        parts.now,
    )
