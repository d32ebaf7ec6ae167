"""Who is on a picture (1:N), and whether two pictures show one person (1:1). Unknown is an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from oss_faces.audit import Act, Audit, Event
from oss_faces.imm_errors import NoFaceFound
from oss_faces.operations.people.enrolling import SEVERAL_FACES
from oss_faces.operations.people.gallery import Likeness, People
from oss_faces.operations.people.seeing import SeenFace, SeenPicture, Sight
from oss_faces.recognition import DecisionSettings, Flaw, Verdict, judge

CANDIDATES_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class Identified:
    """What is said about one face.

    Attributes:
        candidates: who comes nearest, nearest first; none for a face that is not fit, which is never compared.
    """

    seen: SeenFace
    candidates: tuple[Likeness, ...] = ()

    @property
    def flaws(self) -> tuple[Flaw, ...]:
        """Why the face was not compared."""
        return self.seen.flaws

    @property
    def match(self) -> Likeness | None:
        """The person, when the nearest is near enough; None: unknown."""
        return self.candidates[0] if self.candidates and self.candidates[0].verdict.is_match else None


@dataclass(frozen=True, slots=True)
class Identification:
    """What is said about a picture.

    Attributes:
        compared_with: kept faces that each face of it was compared with.
    """

    faces: tuple[Identified, ...]
    compared_with: int


@dataclass(frozen=True, slots=True)
class Identifier:
    """Everything that identification needs; `actor`: see `Event.actor`."""

    people: People
    sight: Sight
    decision: DecisionSettings
    audit: Audit
    actor: str

    async def identify(self, picture: SeenPicture) -> Identification:
        """Say of every face whose it is, with the error to expect, or that it is unknown.

        In a dataset that is not there, because nobody was enrolled yet, every face is unknown.

        Raises:
            ResourceInUse: it is searched in another space.
        """
        fit = [seen for seen in picture.faces if not seen.flaws]
        vectors = [seen.vector for seen in fit]
        likely: Sequence[tuple[Likeness, ...]] = tuple(() for _ in vectors)
        size = 0
        if await self.people.is_there():
            likely, size = await self.people.like(vectors, picture.space, self.sight.calibration, self.decision)
        near = {id(seen): candidates[:CANDIDATES_MAX] for seen, candidates in zip(fit, likely, strict=True)}
        faces = tuple(Identified(seen, near.get(id(seen), ())) for seen in picture.faces)
        await self._record(faces)
        return Identification(faces, size)

    async def _record(self, faces: Sequence[Identified]) -> None:
        matches = [face.match for face in faces]
        found = tuple(sorted({match.cluster_id for match in matches if match is not None}))
        counts = {"faces": len(faces), "unfit": sum(bool(face.flaws) for face in faces), "found": len(found)}
        await self.audit.record(Event(Act.SEARCH, self.actor, self.people.ref, found, counts))


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether two pictures show one person.

    Attributes:
        verdict: None when one of the pictures cannot be compared.
        reasons: why not, for each picture.
    """

    verdict: Verdict | None
    reasons: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


@dataclass(frozen=True, slots=True)
class Verifier:
    """Everything that a comparison needs; `actor`: see `Event.actor`."""

    sight: Sight
    decision: DecisionSettings
    audit: Audit
    actor: str

    async def verify(self, first: SeenPicture, second: SeenPicture) -> Verification:
        """Compare the faces that are meant on two pictures. Nothing of them is kept."""
        reasons = (_unfit(first), _unfit(second))
        verdict = None
        if not any(reasons):
            distance = float(np.linalg.norm(first.faces[0].vector - second.faces[0].vector))
            verdict = judge(distance, 1, self.sight.calibration, self.decision)
        counts = {"compared": int(verdict is not None), "matches": int(verdict is not None and verdict.is_match)}
        await self.audit.record(Event(Act.COMPARE, self.actor, counts=counts))
        return Verification(verdict, reasons)


def _unfit(picture: SeenPicture) -> tuple[str, ...]:
    """Say why a picture cannot be compared; the face that is meant is its first one."""
    try:
        seen = picture.meant
    except NoFaceFound as exc:
        return (exc.message,)
    if seen is None:
        return (SEVERAL_FACES,)
    return tuple(flaw.value for flaw in seen.flaws)
