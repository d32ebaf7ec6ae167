"""Enrolment: somebody says whose face is on a picture, and only what tells the face is kept, never the picture."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from oss_faces.audit import Act, Audit, Event
from oss_faces.datasets import ClusterSpec, DatasetSpec, FigureCluster, FileSpec
from oss_faces.facedb import FaceDatabase
from oss_faces.geometry import FloatArray
from oss_faces.imm_errors import NoFaceFound, ResourceAlreadyExists, ResourceNotFound
from oss_faces.operations.people.gallery import Likeness, People, checked_name
from oss_faces.operations.people.seeing import SeenFace, SeenPicture, Sight
from oss_faces.projects import Projects
from oss_faces.recognition import ADVICE, DecisionSettings, Verdict, judge
from oss_faces.values import ProjectSpec

_OF_ANOTHER: Final = "the face belongs to somebody else already"
_INSTEAD: Final = "`rename` the person, `merge` the two, or `forget` the person first"
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
        taken_from: whose face it was until now, because the same picture was kept as theirs.
    """

    figure_id: str
    resembles: Verdict | None = None
    taken_from: FigureCluster | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What became of an enrolment: one outcome for each picture, and the person unless all were refused."""

    person: FigureCluster | None
    outcomes: tuple[Enrolled | Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Taken:
    """A face that is to be kept, and the person who has it so far, when that is another one."""

    picture: SeenPicture
    seen: SeenFace
    owner: FigureCluster | None


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
            is_forced: take faces also that seem to belong to somebody else; never the last one that somebody has.

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
            judged = await self._judge(picture, person, taken, is_forced=is_forced)
            if isinstance(judged, Refusal):
                outcomes.append(judged)
                continue
            resembles = self._resemblance(judged.seen, known)
            outcomes.append(Enrolled(judged.seen.figure.figure_id, resembles, judged.owner))
            taken.append(judged)
            known.append(judged.seen.vector)
        if taken:
            counts = {"refused": len(pictures) - len(taken), "forced": int(is_forced)}
            person = await self._keep(wanted, person, taken, counts)
        return Enrolment(person if taken else None, tuple(outcomes))

    async def _make_room(self) -> None:
        """Make project and dataset, so that whoever begins here has nothing to prepare."""
        database, ref = self.people.database, self.people.ref
        if not await self.people.is_there():
            # Somebody else may begin here at the same moment.
            with suppress(ResourceAlreadyExists):
                await _make_project(self.projects, ref.project)
            with suppress(ResourceAlreadyExists):
                await database.create_dataset(ref, DatasetSpec("Made by oss-faces people."))

    async def _judge(
        self, picture: SeenPicture, person: FigureCluster | None, taken: Sequence[_Taken], *, is_forced: bool
    ) -> Refusal | _Taken:
        """Choose the face that is meant, or say why it is not taken."""
        seen = _fit(picture)
        if isinstance(seen, Refusal):
            return seen
        if not is_forced:
            other = await self._lookalike(seen, picture.space, person)
            if other is not None:
                return Refusal((_OF_ANOTHER,), other)
        owner = await self._owner(picture, person)
        if owner is not None:
            # This very picture is kept: its face is one person's only, and nobody goes with the last one.
            who = owner.spec.name or owner.cluster_id
            if not is_forced:
                return Refusal((f"{_OF_ANOTHER}: this very picture is kept for {who}",))
            gone = {one.picture.uri for one in taken if one.owner and one.owner.cluster_id == owner.cluster_id}
            if owner.facts.face_count <= len(gone | {picture.uri}):
                return Refusal((f"this very picture is the last face of {who}, who would be gone: {_INSTEAD}",))
        return _Taken(picture, seen, owner)

    async def _owner(self, picture: SeenPicture, person: FigureCluster | None) -> FigureCluster | None:
        """Find the person for whom this same picture is kept, when it is another one."""
        database, ref = self.people.database, self.people.ref
        files = await database.get_files(ref, [picture.uri])
        ids = {figure.cluster_id for file in files for figure in file.figures}
        owners = await database.get_clusters(ref, sorted(ids - {"", person.cluster_id if person else ""}))
        return owners[0] if owners else None

    async def _lookalike(self, seen: SeenFace, space: str, person: FigureCluster | None) -> Likeness | None:
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

    async def _keep(
        self, name: str, person: FigureCluster | None, taken: Sequence[_Taken], counts: Mapping[str, int]
    ) -> FigureCluster:
        """Write the faces one by one, each pinned to the person; what was done is recorded also if one cannot be."""
        done: list[_Taken] = []
        try:
            for one in taken:
                person = await self._pinned(name, person, await _kept(self.people.database, self.people, one))
                done.append(one)
        finally:
            if person is not None and done:
                others = dict.fromkeys(one.owner.cluster_id for one in done if one.owner is not None)
                told = {"faces": len(done), **counts}
                subjects = (person.cluster_id, *others)
                await self.audit.record(Event(Act.ENROL, self.actor, self.people.ref, subjects, told))
        assert person is not None, "somebody's faces were taken"
        return person

    async def _pinned(self, name: str, person: FigureCluster | None, number: int) -> FigureCluster:
        database, ref = self.people.database, self.people.ref
        # A face of the same picture that was found elsewhere on it is replaced, and a person goes with the last one.
        if person is not None and await database.get_clusters(ref, [person.cluster_id]):
            return await database.pin(ref, person.cluster_id, [number])
        # Another program may have enrolled the first face of this name meanwhile.
        namesake = await self.people.named(name)
        if namesake is not None:
            return await database.pin(ref, namesake.cluster_id, [number])
        return await database.found_cluster(ref, person.spec if person else ClusterSpec(name), [number])


def _fit(picture: SeenPicture) -> Refusal | SeenFace:
    """Choose the face that is meant, when it may be matched."""
    try:
        seen = picture.meant
    except NoFaceFound as exc:
        return Refusal((exc.message,))
    if seen is None:
        return Refusal((SEVERAL_FACES,))
    return Refusal(tuple(ADVICE[flaw] for flaw in seen.flaws)) if seen.flaws else seen


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
