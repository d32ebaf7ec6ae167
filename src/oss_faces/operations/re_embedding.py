"""Re-embedding: every face of a dataset gets a vector of another model, and then all at once the new ones are searched.

Until then the dataset is searched, and faces are added, in the old space: by the server that has the old model, while
another program on the same data folder works here. A face is cut out of its picture again, so that the picture has to
be there, and be the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from oss_faces.datasets import DatasetRef, Figure, IndexedFile
from oss_faces.errors import ImageError, InvalidArgument, NoSuchBucket, NoSuchKey, ObjectTooLarge
from oss_faces.facedb import FaceDatabase
from oss_faces.geometry import FloatArray
from oss_faces.recognition import VectorSpace
from oss_faces.stages import EmbedFaces
from oss_faces.tasks import NewTask, Progress, Task, TaskKind, subject_of
from oss_faces.values import ObjectMeta
from oss_faces.workers import Workers

_FIGURES_AT_ONCE: Final = 256
# Faces may be added meanwhile; somebody who adds them without end is not waited for.
_ROUNDS_MAX: Final = 10
_SCHEME: Final = "oss://"
_SPACE: Final = "space"
_DROPS: Final = "drops_unreadable"


def re_embedding_task(ref: DatasetRef, space: str, *, drops_unreadable: bool = False) -> NewTask:
    """Write the task that brings a dataset into another space.

    Args:
        drops_unreadable: whether files whose picture is gone or changed are erased; otherwise they keep the dataset in
            the old space, and the task fails.
    """
    request = {"DatasetName": ref.name, _SPACE: space, _DROPS: drops_unreadable}
    return NewTask(ref.project, TaskKind.RE_EMBEDDING, request, subject=subject_of(ref.project, ref.name, _SPACE))


class Pictures(Protocol):
    """The part of an `ObjectReader` that is used here."""

    async def read(self, bucket: str, key: str, size_bytes_max: int) -> tuple[ObjectMeta, bytes]:
        """Read a whole object into memory; see `ObjectReader`."""
        ...


@dataclass(frozen=True, slots=True)
class ReEmbedded:
    """What was done.

    Attributes:
        figures: how many got a vector; those that had one already do not count.
        erased_files: files whose picture could not be read.
        space: that is searched now.
    """

    figures: int
    erased_files: int
    space: str


@dataclass(frozen=True, slots=True)
class ReEmbedder:
    """Brings datasets into the space of its embedder. Begun again, it goes on where it was.

    Attributes:
        embedder: the new space, in which the stages behind `workers` embed.
        source_bytes_max: largest picture that is read.
    """

    objects: Pictures
    embedder: VectorSpace
    workers: Workers
    source_bytes_max: int
    database: FaceDatabase

    async def run(self, task: Task, progress: Progress) -> Mapping[str, object]:
        """Do a task that `re_embedding_task` wrote.

        Raises:
            InvalidArgument: the model of this program is another one than the task's.
            ResourceNotFound, ResourceInUse: see `bring`.
        """
        space = self.embedder.space
        if task.what.request[_SPACE] != space:
            raise InvalidArgument(f"The model of this server makes vectors of {space}.")
        ref = DatasetRef(task.what.project, str(task.what.request["DatasetName"]))
        done = await self.bring(ref, progress, drops_unreadable=bool(task.what.request[_DROPS]))
        return {"FigureCount": done.figures, "ErasedFileCount": done.erased_files, "Space": done.space}

    async def bring(self, ref: DatasetRef, progress: Progress, *, drops_unreadable: bool) -> ReEmbedded:
        """Bring a dataset into the space of the embedder.

        Args:
            drops_unreadable: see `re_embedding_task`.

        Raises:
            ResourceNotFound: the dataset is gone.
            ResourceInUse: some faces have no vector, because their pictures are gone or changed.
        """
        space = self.embedder.space
        done, erased, furthest = 0, 0, 0

        def tell(embedded: int, total: int) -> None:
            # Faces that are added meanwhile never turn it back.
            nonlocal furthest
            furthest = max(furthest, min(100 * (done + embedded) // total, 100))
            progress(furthest)

        for _ in range(_ROUNDS_MAX):
            count, unreadable = await self._round(ref, tell)
            done += count
            if unreadable and drops_unreadable:
                erased += await self.database.delete_files(ref, unreadable)
            elif unreadable:
                break
            if not await self.database.without_vector(ref, space, 1):
                break
        # Says how many are missing, if any are.
        await self.database.switch_space(ref, space)
        return ReEmbedded(done, erased, space)

    async def _round(self, ref: DatasetRef, tell: Callable[[int, int], None]) -> tuple[int, list[str]]:
        """Embed every face that lacks it now; gives how many, and the files that could not be read.

        Args:
            tell: is told how many faces were embedded, and how many there are.
        """
        total = max(await self.database.gallery_size(ref), 1)
        done, after = 0, 0
        unreadable: dict[str, None] = {}
        while figures := await self.database.without_vector(ref, self.embedder.space, _FIGURES_AT_ONCE, after):
            after = figures[-1].number
            by_file: dict[str, list[Figure]] = {}
            for figure in figures:
                by_file.setdefault(figure.uri, []).append(figure)
            for file in await self.database.get_files(ref, list(by_file)):
                own = by_file[file.uri]
                vectors = await self._embed(file, own)
                if vectors is None:
                    unreadable[file.uri] = None
                    continue
                numbered = {figure.number: vector for figure, vector in zip(own, vectors, strict=True)}
                done += await self.database.add_vectors(ref, self.embedder.space, numbered)
                tell(done, total)
        return done, list(unreadable)

    async def _embed(self, file: IndexedFile, figures: list[Figure]) -> FloatArray | None:
        """Give the vectors of faces of a file, or None when its picture is not what it was."""
        bucket, _, key = file.uri.removeprefix(_SCHEME).partition("/")
        if not file.uri.startswith(_SCHEME):
            return None
        landmarks = np.stack([figure.face.landmarks for figure in figures])
        try:
            async with self.workers.background_place() as place:
                meta, content = await self.objects.read(bucket, key, self.source_bytes_max)
                if meta.etag != file.facts.etag:
                    return None
                return await place.run(EmbedFaces(landmarks), content)
        except (NoSuchBucket, NoSuchKey, ObjectTooLarge, ImageError):
            return None
