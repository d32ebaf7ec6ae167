"""What every face database can do, and the values that go in and out.

Rules for each, checked by tests/contracts/facedb: a change has happened when the call returns, whole and on the disk,
and a call that raised has changed nothing. One exception: an erasure that a long reader holds up raises
StorageUnavailable although the rows are gone; their bytes follow at the next erasure or start. Vectors are searched in
the space of the dataset only. Who may do what is not its concern. Every method may raise StorageUnavailable, and
ResourceNotFound when there is no such dataset.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from oss_faces.datasets import (
    Candidate,
    ClusterPage,
    ClusterQuery,
    ClusterSpec,
    Dataset,
    DatasetRef,
    DatasetSpec,
    Figure,
    FigureCluster,
    FileFacts,
    FilePage,
    FileQuery,
    FileSpec,
    IndexedFile,
    NewFigure,
    Totals,
)
from oss_faces.geometry import FloatArray
from oss_faces.vectors import Matches

# Tells the time as aware UTC; a constructor argument of every implementation.
Clock: TypeAlias = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Figures that clustering has not placed yet, by number.

    Attributes:
        vectors: (N, D) float32 of length 1.
    """

    figures: tuple[Figure, ...]
    vectors: FloatArray


@dataclass(frozen=True, slots=True)
class Member:
    """A figure's place in a cluster, and how surely it belongs there, 0..1."""

    number: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Placement:
    """What a clustering decided. It is written whole or not at all.

    Attributes:
        joined: figures by the existing cluster that they join.
        founded: figures of each new cluster.
        left_alone: numbers of figures that were looked at and belong nowhere so far.
    """

    joined: Mapping[str, tuple[Member, ...]] = field(default_factory=dict)
    founded: tuple[tuple[Member, ...], ...] = ()
    left_alone: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that can be undone: which clusters went into which, and when (aware UTC)."""

    merge_id: str
    into: str
    froms: tuple[str, ...]
    merged: datetime
    is_undone: bool = False


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased. It names nobody and holds nothing that could bring the person back.

    Attributes:
        figures, files, clusters: how many of each.
        vectors_sha256: digest of every erased vector's bytes, so that their absence can be shown later.
    """

    figures: int
    files: int
    clusters: int
    vectors_sha256: tuple[str, ...]
    erased: datetime


class Datasets(Protocol):
    """Datasets of all projects."""

    async def create_dataset(self, ref: DatasetRef, spec: DatasetSpec) -> Dataset:
        """Make a dataset.

        Raises:
            ResourceAlreadyExists: there is one of this name in the project.
            LimitExceeded: there are too many.
        """
        ...

    async def get_dataset(self, ref: DatasetRef) -> Dataset:
        """Describe a dataset."""
        ...

    async def list_datasets(
        self, project: str, prefix: str = "", after: str = "", limit: int = 100
    ) -> tuple[tuple[Dataset, ...], str]:
        """Give one page of a project's datasets by name, and the last name when there are more, else an empty text."""
        ...

    async def totals(self, project: str) -> Totals:
        """Tell what all datasets of a project hold together; nothing when it has none."""
        ...

    async def update_dataset(self, ref: DatasetRef, change: Callable[[DatasetSpec], DatasetSpec]) -> Dataset:
        """Replace what is said about a dataset by what `change` makes of it."""
        ...

    async def delete_dataset(self, ref: DatasetRef) -> None:
        """Erase a dataset with everything in it, vectors included."""
        ...


class Files(Protocol):
    """Files and the figures on them."""

    async def put_file(
        self, ref: DatasetRef, uri: str, spec: FileSpec, facts: FileFacts, figures: Sequence[NewFigure], space: str
    ) -> IndexedFile:
        """Keep a file and its figures.

        What was known under this URI is replaced; figures with the same id keep their number, vector and cluster.

        Args:
            space: of the figures' vectors. The first vector in a dataset decides for it.

        Raises:
            ResourceInUse: the dataset is searched in another space.
            LimitExceeded: too many files or bytes in the dataset, see `DatasetSpec.limits`.
        """
        ...

    async def get_files(self, ref: DatasetRef, uris: Sequence[str]) -> tuple[IndexedFile, ...]:
        """Give what is known of files, in the order asked for; those that are not there are left out."""
        ...

    async def update_file(self, ref: DatasetRef, uri: str, change: Callable[[FileSpec], FileSpec]) -> IndexedFile:
        """Replace what a caller said about a file.

        Raises:
            ResourceNotFound: it is not there.
        """
        ...

    async def delete_file(self, ref: DatasetRef, uri: str) -> bool:
        """Erase a file and its figures; a cluster goes with its last figure. Tells whether there was such a file."""
        ...

    async def delete_files(self, ref: DatasetRef, uris: Sequence[str]) -> int:
        """Erase several files at once, which takes little longer than one; tells how many of them were there."""
        ...

    async def query_files(self, ref: DatasetRef, query: FileQuery) -> FilePage:
        """Find files."""
        ...

    async def expired_files(self, now: datetime, limit: int) -> tuple[tuple[DatasetRef, str], ...]:
        """Name files that have outlived the retention of their dataset, oldest first."""
        ...


class Gallery(Protocol):
    """Search by vector."""

    async def search(
        self, ref: DatasetRef, probes: FloatArray, space: str, count: int
    ) -> tuple[tuple[Candidate, ...], ...]:
        """Find the nearest kept figures of each probe, nearest first.

        Args:
            probes: (Q, D) float32 of length 1.
            space: of the probes.

        Raises:
            ResourceInUse: the dataset is searched in another space.
        """
        ...

    async def nearest(self, ref: DatasetRef, probes: FloatArray, space: str, count: int) -> Matches:
        """Find the nearest kept figures of many probes as `search` does, by number alone: at most `count` columns.

        Raises:
            ResourceInUse: the dataset is searched in another space.
        """
        ...

    async def gallery_size(self, ref: DatasetRef) -> int:
        """Tell how many figures can be found."""
        ...

    async def figures(self, ref: DatasetRef, cluster_id: str) -> tuple[Figure, ...]:
        """Give all figures of a cluster, by number; none when there is no such cluster."""
        ...

    async def vectors(self, ref: DatasetRef, numbers: Sequence[int]) -> FloatArray:
        """Give the vectors of figures, in the order asked for: (N, D) float32.

        Raises:
            ResourceNotFound: one of them is not there.
        """
        ...


class Clusters(Protocol):
    """Who is who."""

    async def unplaced(self, ref: DatasetRef) -> Unplaced:
        """Give the figures that clustering has not placed: new ones, and those that it left alone; no pinned ones."""
        ...

    async def place(self, ref: DatasetRef, placement: Placement) -> tuple[FigureCluster, ...]:
        """Write what a clustering decided, and give the clusters that it founded.

        A figure that is gone or was placed by somebody else meanwhile is passed over; a cluster that is gone is not
        brought back.
        """
        ...

    async def found_cluster(self, ref: DatasetRef, spec: ClusterSpec, numbers: Sequence[int]) -> FigureCluster:
        """Make a cluster of figures that a person says are one: they are pinned, and leave the clusters they are in.

        Raises:
            ResourceNotFound: one of the figures is not there.
        """
        ...

    async def pin(self, ref: DatasetRef, cluster_id: str, numbers: Sequence[int]) -> FigureCluster:
        """Add figures to a cluster because a person says so.

        Raises:
            ResourceNotFound: the cluster or one of the figures is not there.
        """
        ...

    async def leave(self, ref: DatasetRef, numbers: Sequence[int]) -> None:
        """Take figures out of their clusters because a person says so: they are pinned to none.

        A cluster goes with its last figure.

        Raises:
            ResourceNotFound: one of the figures is not there.
        """
        ...

    async def get_clusters(self, ref: DatasetRef, cluster_ids: Sequence[str]) -> tuple[FigureCluster, ...]:
        """Describe clusters in the order asked for; those that are not there are left out."""
        ...

    async def query_clusters(self, ref: DatasetRef, query: ClusterQuery) -> ClusterPage:
        """Find clusters."""
        ...

    async def update_cluster(
        self, ref: DatasetRef, cluster_id: str, change: Callable[[ClusterSpec], ClusterSpec], lock_version: int | None
    ) -> FigureCluster:
        """Change what a person says about a cluster.

        Args:
            lock_version: the version that the caller saw; None changes whatever there is.

        Raises:
            ResourceNotFound: there is no such cluster.
            ResourceChanged: somebody changed it since.
        """
        ...

    async def merge(self, ref: DatasetRef, into: str, froms: Sequence[str]) -> Merge:
        """Make one cluster of several; the others are gone, and the one keeps what is said about it.

        Raises:
            InvalidArgument: nothing but the one itself is to go into it.
            ResourceNotFound: one of them is not there.
        """
        ...

    async def merges(self, ref: DatasetRef) -> tuple[Merge, ...]:
        """List merges, newest first; without those whose cluster is gone for good."""
        ...

    async def undo_merge(self, ref: DatasetRef, merge_id: str) -> Merge:
        """Bring back the clusters that a merge took in, under their ids and names, with the figures still there.

        Raises:
            ResourceNotFound: there was no such merge, it is undone already, or its cluster is gone.
        """
        ...

    async def erase_cluster(self, ref: DatasetRef, cluster_id: str) -> Erasure:
        """Erase a person: figures, vectors, names, and files on which nobody else is; merges that name the cluster too.

        When the call returns, none of it is in any file of the database or of its indexes.

        Raises:
            ResourceNotFound: there is no such cluster.
        """
        ...


class Reembedding(Protocol):
    """The way of a dataset from one vector space to another, while it is searched in the old one."""

    async def without_vector(self, ref: DatasetRef, space: str, limit: int, after: int = 0) -> tuple[Figure, ...]:
        """Name figures that have no vector in a space yet, by number, behind a number."""
        ...

    async def add_vectors(self, ref: DatasetRef, space: str, vectors: Mapping[int, FloatArray]) -> int:
        """Keep vectors of another space beside those that are searched, by number of the figure.

        Figures that are gone, and those that have one already, are passed over. Gives how many were kept.
        """
        ...

    async def switch_space(self, ref: DatasetRef, space: str) -> Dataset:
        """Search in another space from now on, and forget the vectors of all others.

        Raises:
            ResourceInUse: a figure has no vector in it yet.
        """
        ...

    async def forget_space(self, ref: DatasetRef, space: str) -> None:
        """Give up the way to a space; its vectors are forgotten, if there are any.

        Raises:
            ResourceInUse: the dataset is searched in it.
        """
        ...


class FaceDatabase(Datasets, Files, Gallery, Clusters, Reembedding, Protocol):
    """Everything."""
