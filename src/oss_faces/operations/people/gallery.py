"""Who is in a dataset, and who of them looks like a face."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from oss_faces.datasets import Candidate, ClusterQuery, DatasetRef, Figure, FigureCluster
from oss_faces.errors import InvalidArgument
from oss_faces.facedb import FaceDatabase
from oss_faces.geometry import FloatArray
from oss_faces.imm_errors import ResourceNotFound
from oss_faces.recognition import Calibration, DecisionSettings, Verdict, judge

NAME_LENGTH_MAX: Final = 128
# So many of the nearest faces are looked at; a person with more pictures than that hides nobody but the unlikely.
_NEAREST: Final = 100
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Likeness:
    """A person who may be the one on a picture.

    Attributes:
        figure: the kept face that is nearest.
        name: empty for people whom nobody has named.
    """

    cluster_id: str
    name: str
    figure: Figure
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class People:
    """The people of one dataset: its clusters, by their names."""

    database: FaceDatabase
    ref: DatasetRef

    async def named(self, name: str) -> FigureCluster | None:
        """Find the person of a name. An empty text is nobody's name, also where only one cluster has none.

        Raises:
            InvalidArgument: several have it.
        """
        if not name:
            return None
        page = await self.database.query_clusters(self.ref, ClusterQuery(names=(name,), limit=2))
        if len(page.clusters) > 1:
            raise InvalidArgument(f"several people are called {name}: say the id of one instead, see `people list`")
        return page.clusters[0] if page.clusters else None

    async def find(self, who: str) -> FigureCluster:
        """Find a person by name, or else by cluster id.

        Raises:
            ResourceNotFound: nobody is called so.
            InvalidArgument: several people are.
        """
        person = await self.named(who)
        if person is not None:
            return person
        by_id = await self.database.get_clusters(self.ref, [who])
        if not by_id:
            raise ResourceNotFound(f"nobody in {self.ref.project}/{self.ref.name} is called {who}")
        return by_id[0]

    async def everybody(self) -> AsyncIterator[FigureCluster]:
        """Give all people by name; those without one come first. Nobody is in a dataset that is not there."""
        if not await self.is_there():
            return
        after = ""
        while True:
            query = ClusterQuery(sort="name", after=after, limit=_PAGE)
            page = await self.database.query_clusters(self.ref, query)
            for person in page.clusters:
                yield person
            after = page.next_after
            if not after:
                return

    async def is_there(self) -> bool:
        """Tell whether there is such a dataset; the first enrolment makes it."""
        try:
            await self.database.get_dataset(self.ref)
        except ResourceNotFound:
            return False
        return True

    async def like(
        self, vectors: Sequence[FloatArray], space: str, calibration: Calibration, decision: DecisionSettings
    ) -> tuple[tuple[tuple[Likeness, ...], ...], int]:
        """Find who looks like each of some faces.

        Returns:
            For each face the people who come near, nearest first, and how many faces it was compared with.
        """
        size = await self.database.gallery_size(self.ref)
        if not vectors or not size:
            return tuple(() for _ in vectors), size
        found = await self.database.search(self.ref, np.stack(vectors), space, _NEAREST)
        ids = {candidate.figure.cluster_id for candidates in found for candidate in candidates} - {""}
        names = {
            person.cluster_id: person.spec.name for person in await self.database.get_clusters(self.ref, sorted(ids))
        }
        likely = tuple(
            tuple(
                Likeness(
                    near.figure.cluster_id,
                    names[near.figure.cluster_id],
                    near.figure,
                    judge(near.distance, size, calibration, decision),
                )
                for near in _nearest_of_each(candidates)
                if near.figure.cluster_id in names
            )
            for candidates in found
        )
        return likely, size


def checked_name(name: str) -> str:
    """Give a name that a person can have.

    Raises:
        InvalidArgument: it is empty, too long, or holds what cannot be printed.
    """
    stripped = name.strip()
    if not stripped or len(stripped) > NAME_LENGTH_MAX or not stripped.isprintable():
        raise InvalidArgument(f"a name has 1 to {NAME_LENGTH_MAX} printable characters")
    return stripped


def _nearest_of_each(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leave one face of each person, the nearest; faces that belong to nobody are left out."""
    nearest: dict[str, Candidate] = {}
    for candidate in candidates:
        if candidate.figure.cluster_id:
            nearest.setdefault(candidate.figure.cluster_id, candidate)
    return list(nearest.values())
