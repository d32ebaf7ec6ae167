"""SearchImageFigureCluster of IMM: whose faces are on a stored picture."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from oss_faces.audit import Act, Audit, Event
from oss_faces.datasets import DatasetRef
from oss_faces.described import DescribedFaces, Recognition
from oss_faces.errors import ImageTooLarge, ObjectTooLarge
from oss_faces.facedb import FaceDatabase
from oss_faces.grants import Permission
from oss_faces.operations import permission
from oss_faces.operations.bindings import Bindings
from oss_faces.operations.people import Likeness, People
from oss_faces.recognition import DecisionSettings, FitnessSettings, flaws
from oss_faces.request.imm_tasks import SearchFigureClusters
from oss_faces.stages import DescribeFaces
from oss_faces.storage import ObjectReader
from oss_faces.values import FaceResult, ObjectMeta, Principal
from oss_faces.workers import Workers


@dataclass(frozen=True, slots=True)
class ClusterMatch:
    """What is said about one face.

    Attributes:
        cluster_id: of the person; empty when the face is unknown.
        similarity: to the most similar person; None when there is nobody, or the face is not fit to be compared.
    """

    cluster_id: str = ""
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class ClusterSearch:
    """What a search gave: of each face in `result`, whose it is."""

    meta: ObjectMeta
    result: FaceResult
    matches: tuple[ClusterMatch, ...]


@dataclass(frozen=True, slots=True)
class FigureClusterSearcher:
    """Everything that the search needs.

    Attributes:
        source_bytes_max: largest picture that is read.
        clock: monotonic seconds, for the stage timings.
    """

    objects: ObjectReader
    pipeline: Recognition
    workers: Workers
    source_bytes_max: int
    bindings: Bindings
    database: FaceDatabase
    audit: Audit
    fitness: FitnessSettings
    decision: DecisionSettings
    clock: Callable[[], float] = time.perf_counter

    async def search(self, principal: Principal, want: SearchFigureClusters) -> ClusterSearch:
        """Say of every face of a stored picture to which cluster it belongs, or that it is unknown.

        Raises:
            AccessDenied: the caller lacks a grant on the picture.
            ResourceNotFound: there is no such project, where there must be one, or no such dataset.
            ResourceInUse: the dataset is searched in another space than that of this server's model.
            NoSuchBucket, NoSuchKey: the picture is not there.
            ImageError: it cannot be analysed.
            CapacityError: the server is busy, or the answer would come too late.
        """
        meta, described = await self.look(principal, Permission.SEARCH_IMAGE_FIGURE_CLUSTER, want)
        searching = self.clock()
        matches = await self._match(want.ref, described)
        await self._record(principal, want.ref, matches)
        result = described.result
        stage_ms = {**result.stage_ms, "search": (self.clock() - searching) * 1e3}
        return ClusterSearch(meta, replace(result, stage_ms=stage_ms), matches)

    async def look(
        self, principal: Principal, needed: Permission, want: SearchFigureClusters
    ) -> tuple[ObjectMeta, DescribedFaces]:
        """Find the faces of a stored picture, for whoever may search with it.

        Args:
            needed: on every bucket, beside the right to read the picture.

        Raises:
            OssFacesError: as `search` does.
        """
        bucket, key = want.source.bucket, want.source.key
        # A dataset is of no bucket: its people are not told to whom one bucket is granted.
        permission.require(principal, needed)
        permission.require(principal, Permission.GET_OBJECT, bucket, key)
        await self.bindings.require_project(want.ref.project)
        await self.database.get_dataset(want.ref)
        known = await self.objects.head(bucket, key)
        return await self._describe(bucket, key, known.size_bytes)

    async def _describe(self, bucket: str, key: str, size_bytes: int) -> tuple[ObjectMeta, DescribedFaces]:
        asked = self.clock()
        async with self.workers.place(size_bytes) as place:
            admitted = self.clock()
            try:
                meta, content = await self.objects.read(bucket, key, self.source_bytes_max)
            except ObjectTooLarge as exc:
                raise ImageTooLarge from exc
            before = {"queue": (admitted - asked) * 1e3, "read": (self.clock() - admitted) * 1e3}
            described = await place.run(DescribeFaces(), content)
        result = replace(described.result, stage_ms={**before, **described.result.stage_ms})
        return meta, replace(described, result=result)

    async def _match(self, ref: DatasetRef, described: DescribedFaces) -> tuple[ClusterMatch, ...]:
        fit = [place for place, face in enumerate(described.result.faces) if not flaws(face, self.fitness)]
        embedder = self.pipeline.embedder
        people = People(self.database, ref)
        probes = [described.vectors[place] for place in fit]
        likely, _ = await people.like(probes, embedder.space, embedder.calibration, self.decision)
        found = dict(zip(fit, map(self._judged, likely), strict=True))
        return tuple(found.get(place, ClusterMatch()) for place in range(len(described.vectors)))

    def _judged(self, likely: Sequence[Likeness]) -> ClusterMatch:
        """The nearest person, when it is near enough; the size of the dataset is for the caller to weigh."""
        if not likely:
            return ClusterMatch()
        nearest = likely[0]
        is_known = nearest.verdict.similarity >= self.decision.similarity_min
        return ClusterMatch(nearest.cluster_id if is_known else "", nearest.verdict.similarity)

    async def _record(self, principal: Principal, ref: DatasetRef, matches: Sequence[ClusterMatch]) -> None:
        found = tuple(sorted({match.cluster_id for match in matches} - {""}))
        unfit = sum(match.similarity is None for match in matches)
        counts = {"faces": len(matches), "unmatched": unfit, "found": len(found)}
        await self.audit.record(Event(Act.SEARCH, f"key:{principal.access_key_id}", ref, found, counts))
