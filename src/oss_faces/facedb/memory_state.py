"""What the database in memory holds, and the reading of it; its methods are in the modules `memory_*` beside."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from oss_faces.datasets import (
    ClusterSpec,
    Dataset,
    DatasetRef,
    DatasetSpec,
    Figure,
    FigureCluster,
    FileFacts,
    FileSpec,
    IndexedFile,
)
from oss_faces.facedb import faces, refusals
from oss_faces.facedb.base import Clock, Merge
from oss_faces.facedb.merging import dead_merges
from oss_faces.facedb.settings import FaceDbSettings
from oss_faces.geometry import FloatArray


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file without its figures."""

    object_id: str
    spec: FileSpec
    facts: FileFacts
    numbers: tuple[int, ...]
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class KeptCluster:
    """A cluster without what follows from its figures."""

    spec: ClusterSpec
    lock_version: int
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class KeptMerge:
    """A merge, and what it takes to undo it: the clusters that are gone, and who was in them how surely."""

    merge: Merge
    clusters: dict[str, KeptCluster]
    members: dict[str, dict[int, float]]


@dataclass(slots=True)
class KeptDataset:
    """One dataset. Numbers of figures are unique in the whole database; vectors are by space, then by number."""

    spec: DatasetSpec
    created: datetime
    updated: datetime
    space: str = ""
    files: dict[str, KeptFile] = field(default_factory=dict)
    figures: dict[int, Figure] = field(default_factory=dict)
    vectors: dict[str, dict[int, FloatArray]] = field(default_factory=dict)
    clusters: dict[str, KeptCluster] = field(default_factory=dict)
    merges: dict[str, KeptMerge] = field(default_factory=dict)

    def members(self, cluster_id: str) -> tuple[Figure, ...]:
        """Give the figures of a cluster, by number."""
        # Numbers ascend, and so do the keys: a figure is never put in again.
        return tuple(figure for figure in self.figures.values() if figure.cluster_id == cluster_id)

    def require_figures(self, numbers: Sequence[int]) -> None:
        """Raise `ResourceNotFound` when one of the figures is not there."""
        if not all(number in self.figures for number in numbers):
            raise refusals.no_figure()

    def require_cluster(self, cluster_id: str) -> KeptCluster:
        """Give a cluster.

        Raises:
            ResourceNotFound: there is no such cluster.
        """
        if cluster_id not in self.clusters:
            raise refusals.no_cluster(cluster_id)
        return self.clusters[cluster_id]

    def assign(self, confidences: Mapping[int, float], cluster_id: str, now: datetime) -> None:
        """Put figures into a cluster or none, each as surely as said; clusters that are empty then are gone."""
        for number, confidence in confidences.items():
            old = self.figures[number]
            self.touch(old.cluster_id, now)
            self.figures[number] = replace(
                old, cluster_id=cluster_id, cluster_confidence=confidence, is_alone=not cluster_id
            )
        if confidences:
            self.touch(cluster_id, now)
        self.drop_empty_clusters()

    def pin(self, numbers: Collection[int], cluster_id: str, now: datetime) -> None:
        """Put figures into a cluster or none for good."""
        self.assign(dict.fromkeys(numbers, 1.0 if cluster_id else 0.0), cluster_id, now)
        for number in numbers:
            self.figures[number] = replace(self.figures[number], is_pinned=True)

    def touch(self, cluster_id: str, now: datetime) -> None:
        """Note that the figures of a cluster changed."""
        if cluster_id in self.clusters:
            self.clusters[cluster_id] = replace(self.clusters[cluster_id], updated=now)

    def remove_figures(self, numbers: Iterable[int], now: datetime) -> None:
        """Remove figures and their vectors."""
        for number in numbers:
            self.touch(self.figures.pop(number).cluster_id, now)
            for held in self.vectors.values():
                held.pop(number, None)
        self.drop_empty_clusters()

    def drop_empty_clusters(self) -> None:
        """Let go of clusters that lost their last figure."""
        inhabited = {figure.cluster_id for figure in self.figures.values()}
        for cluster_id in [known for known in self.clusters if known not in inhabited]:
            del self.clusters[cluster_id]
        self.drop_dead_merges()

    def drop_dead_merges(self) -> None:
        """Forget merges of clusters that cannot come back: the names in them must not outlast the faces."""
        dead = dead_merges([entry.merge for entry in self.merges.values()], self.clusters)
        for merge_id in dead:
            del self.merges[merge_id]

    def forget_cover(self, uri: str) -> None:
        """Take a file that is gone off the clusters that it stood for."""
        for cluster_id, kept in self.clusters.items():
            self.clusters[cluster_id] = _without_cover(kept, uri)
        for entry in self.merges.values():
            for cluster_id, kept in entry.clusters.items():
                entry.clusters[cluster_id] = _without_cover(kept, uri)

    def file(self, uri: str) -> IndexedFile:
        """Put a file together with its figures."""
        kept = self.files[uri]
        figures = tuple(self.figures[number] for number in kept.numbers)
        return IndexedFile(uri, kept.object_id, kept.spec, kept.facts, figures, kept.created, kept.updated)

    def cluster(self, ref: DatasetRef, cluster_id: str) -> FigureCluster:
        """Put a cluster together with what follows from its figures."""
        kept = self.clusters[cluster_id]
        facts = faces.facts(self.members(cluster_id), kept.spec.cover_uri)
        return FigureCluster(cluster_id, ref, kept.spec, facts, kept.lock_version, kept.created, kept.updated)


def _without_cover(kept: KeptCluster, uri: str) -> KeptCluster:
    return replace(kept, spec=replace(kept.spec, cover_uri="")) if kept.spec.cover_uri == uri else kept


class MemoryState:
    """All datasets. What the parts of the database share."""

    def __init__(self, settings: FaceDbSettings, now: Clock) -> None:
        self.settings = settings
        self.now = now
        self.numbers = count(1)
        self._datasets: dict[DatasetRef, KeptDataset] = {}

    @property
    def datasets(self) -> dict[DatasetRef, KeptDataset]:
        """Every dataset by project and name."""
        return self._datasets

    def dataset(self, ref: DatasetRef) -> KeptDataset:
        """Give a dataset.

        Raises:
            ResourceNotFound: there is no such dataset.
        """
        if ref not in self._datasets:
            raise refusals.no_dataset(ref)
        return self._datasets[ref]

    def described(self, ref: DatasetRef) -> Dataset:
        """Describe a dataset."""
        kept = self.dataset(ref)
        size = sum(file.facts.size_bytes for file in kept.files.values())
        return Dataset(ref, kept.spec, kept.created, kept.updated, kept.space, len(kept.files), size)
