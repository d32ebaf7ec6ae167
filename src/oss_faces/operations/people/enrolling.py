"""Enrolment: somebody says whose face is on a picture, and only what tells the face is kept, never the picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from oss_faces.audit import Act, Audit, Event
from oss_faces.datasets import ClusterSpec, DatasetSpec, FigureCluster, FileSpec
from oss_faces.facedb import FaceDatabase
from oss_faces.geometry import FloatArray
from oss_faces.imm_errors import NoFaceFound, ResourceNotFound
from oss_faces.operations.people.gallery import Likeness, People, checked_name
from oss_faces.operations.people.seeing import SeenFace, SeenPicture, Sight
from oss_faces.projects import Projects
from oss_faces.recognition import ADVICE, DecisionSettings, Verdict, judge
from oss_faces.values import ProjectSpec

SEVERAL_FACES: Final = "several faces: none of them is the largest by far"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a picture was not taken.

    Attributes:
        reasons: in words that help to take a better picture.
        other: the person to whom the face belongs already, as far as can be told.
    """

    reasons: tuple[str, ...]
    other: Likeness | None = None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A picture whose face is kept.

    Attributes:
        resembles: how like the person's other pictures it is, the most alike of them; None for the first one.
    """

    figure_id: str
    resembles: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What became of an enrolment: one outcome for each picture, and the person unless all were refused."""

    person: FigureCluster | None
    outcomes: tuple[Enrolled | Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Taken:
    picture: SeenPicture
    seen: SeenFace


@dataclass(frozen=True, slots=True)
class Enroller:
    """Everything that enrolment needs.

    Attributes:
        actor: who does it, see `Event.actor`.
    """

    people: People
    projects: Projects
    sight: Sight
    decision: DecisionSettings
    audit: Audit
    actor: str

    async def enrol(self, name: str, pictures: Sequence[SeenPicture], *, is_forced: bool = False) -> Enrolment:
        """Keep the faces of a person. Pictures that are refused keep no other from being taken.

        Args:
            pictures: one face each, or one that is the largest by far.
            is_forced: take faces also that seem to belong to somebody else.

        Raises:
            InvalidArgument: nobody can be called so, or several people are.
            ResourceInUse: the dataset is searched in another space.
        """
        wanted = checked_name(name)
        await self._make_room()
        person = await self.people.named(wanted)
        known = await self._vectors(person)
        taken: list[_Taken] = []
        outcomes: list[Enrolled | Refusal] = []
        for picture in pictures:
            refusal, seen = await self._judge(picture, person, is_forced=is_forced)
            if seen is None:
                outcomes.append(refusal)
                continue
            outcomes.append(Enrolled(seen.figure.figure_id, self._resemblance(seen, known)))
            taken.append(_Taken(picture, seen))
            known.append(seen.vector)
        if taken:
            person = await self._keep(wanted, person, taken)
            counts = {"faces": len(taken), "refused": len(pictures) - len(taken), "forced": int(is_forced)}
            await self.audit.record(Event(Act.ENROL, self.actor, self.people.ref, (person.cluster_id,), counts))
        return Enrolment(person if taken else None, tuple(outcomes))

    async def _make_room(self) -> None:
        """Make project and dataset, so that whoever begins here has nothing to prepare."""
        database, ref = self.people.database, self.people.ref
        try:
            await database.get_dataset(ref)
        except ResourceNotFound:
            await _make_project(self.projects, ref.project)
            await database.create_dataset(ref, DatasetSpec("Made by oss-faces people."))

    async def _judge(
        self, picture: SeenPicture, person: FigureCluster | None, *, is_forced: bool
    ) -> tuple[Refusal, SeenFace | None]:
        """Choose the face that is meant, or say why there is none."""
        try:
            seen = picture.meant
        except NoFaceFound as exc:
            return Refusal((exc.message,)), None
        if seen is None:
            return Refusal((SEVERAL_FACES,)), None
        if seen.flaws:
            return Refusal(tuple(ADVICE[flaw] for flaw in seen.flaws)), None
        if not is_forced:
            other = await self._owner(seen, picture.space, person)
            if other is not None:
                return Refusal(("the face belongs to somebody else already",), other), None
        return Refusal(()), seen

    async def _owner(self, seen: SeenFace, space: str, person: FigureCluster | None) -> Likeness | None:
        """Find the person whose face this is, when it is another one."""
        (likely,), _ = await self.people.like([seen.vector], space, self.sight.calibration, self.decision)
        if not likely or not likely[0].verdict.is_match:
            return None
        nearest = likely[0]
        return None if person is not None and nearest.cluster_id == person.cluster_id else nearest

    def _resemblance(self, seen: SeenFace, known: Sequence[FloatArray]) -> Verdict | None:
        if not known:
            return None
        distance = float(np.linalg.norm(np.stack(known) - seen.vector, axis=1).min())
        return judge(distance, 1, self.sight.calibration, self.decision)

    async def _vectors(self, person: FigureCluster | None) -> list[FloatArray]:
        if person is None:
            return []
        figures = await self.people.database.figures(self.people.ref, person.cluster_id)
        return list(await self.people.database.vectors(self.people.ref, [figure.number for figure in figures]))

    async def _keep(self, name: str, person: FigureCluster | None, taken: Sequence[_Taken]) -> FigureCluster:
        """Write the faces, and pin them to the person."""
        database, ref = self.people.database, self.people.ref
        numbers = [await _kept(database, self.people, one) for one in taken]
        if person is None:
            return await database.found_cluster(ref, ClusterSpec(name), numbers)
        return await database.pin(ref, person.cluster_id, numbers)


async def _kept(database: FaceDatabase, people: People, one: _Taken) -> int:
    """Keep the one face of a picture, nobody else's, and give its number."""
    picture, figure = one.picture, one.seen.figure
    file = await database.put_file(people.ref, picture.uri, FileSpec(), picture.facts, [figure], picture.space)
    return file.figures[0].number


async def _make_project(projects: Projects, name: str) -> None:
    try:
        await projects.get(name)
    except ResourceNotFound:
        await projects.create(name, ProjectSpec("Made by oss-faces people."))
