"""IdentifyFigures, an operation of ours: whose faces are on a stored picture, with the error to expect."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from oss_faces.audit import Act, Event
from oss_faces.datasets import DatasetRef
from oss_faces.grants import Permission
from oss_faces.operations.people import Likeness, People
from oss_faces.operations.search_clusters import FigureClusterSearcher
from oss_faces.recognition import DecisionSettings, Flaw, flaws
from oss_faces.request.imm_tasks import SearchFigureClusters
from oss_faces.values import Face, FaceResult, ObjectMeta, Principal

_CANDIDATES_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class IdentifiedFigure:
    """What is said about one face.

    Attributes:
        flaws: why it was not compared; none: it was.
        candidates: who comes nearest, nearest first.
    """

    face: Face
    flaws: tuple[Flaw, ...] = ()
    candidates: tuple[Likeness, ...] = ()

    @property
    def match(self) -> Likeness | None:
        """The person, when the nearest is near enough; None: unknown."""
        return self.candidates[0] if self.candidates and self.candidates[0].verdict.is_match else None


@dataclass(frozen=True, slots=True)
class IdentifiedPicture:
    """What is said about a picture.

    Attributes:
        figures: in the order of the faces in `result`.
        compared_with: kept faces that each face of it was compared with.
        decision: by which matches were told.
    """

    meta: ObjectMeta
    result: FaceResult
    figures: tuple[IdentifiedFigure, ...]
    compared_with: int
    decision: DecisionSettings


@dataclass(frozen=True, slots=True)
class FigureIdentifier:
    """Looks at pictures as `searcher` does, and says more about them."""

    searcher: FigureClusterSearcher

    async def identify(self, principal: Principal, want: SearchFigureClusters) -> IdentifiedPicture:
        """Say of every face whose it is, or that it is unknown, and who comes nearest (IdentifyFigures).

        Raises:
            OssFacesError: as `FigureClusterSearcher.search` does.
        """
        searcher = self.searcher
        meta, described = await searcher.look(principal, Permission.IDENTIFY_FIGURES, want)
        begun = searcher.clock()
        faces, embedder = described.result.faces, searcher.pipeline.embedder
        found_flaws = [flaws(face, searcher.fitness) for face in faces]
        probes = [vector for vector, why in zip(described.vectors, found_flaws, strict=True) if not why]
        likely, size = await People(searcher.database, want.ref).like(
            probes, embedder.space, embedder.calibration, searcher.decision
        )
        nearest = iter(likely)
        figures = tuple(
            IdentifiedFigure(face, why, () if why else next(nearest)[:_CANDIDATES_MAX])
            for face, why in zip(faces, found_flaws, strict=True)
        )
        await self._record(principal, want.ref, figures)
        stage_ms = {**described.result.stage_ms, "search": (searcher.clock() - begun) * 1e3}
        result = replace(described.result, stage_ms=stage_ms)
        return IdentifiedPicture(meta, result, figures, size, searcher.decision)

    async def _record(self, principal: Principal, ref: DatasetRef, figures: Sequence[IdentifiedFigure]) -> None:
        found = tuple(sorted({figure.match.cluster_id for figure in figures if figure.match is not None}))
        unfit = sum(bool(figure.flaws) for figure in figures)
        counts = {"faces": len(figures), "unfit": unfit, "found": len(found)}
        await self.searcher.audit.record(Event(Act.SEARCH, f"key:{principal.access_key_id}", ref, found, counts))
