"""Who is who: new faces join clusters, found new ones, or are left alone.

First the good faces and the clusters that there are grow together (`linkage`). What holds three good faces of three
pictures then is a cluster, and stays one: nothing that was placed is moved, and clusters are never joined here. Then
every other face that may join goes to the cluster that is nearest, if that is near enough.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from oss_faces.clustering.groups import Group, NewFaces, Numbers
from oss_faces.clustering.linkage import Linkage
from oss_faces.facedb import Member, Placement
from oss_faces.geometry import FloatArray
from oss_faces.recognition import Calibration
from oss_faces.vectors import Matches

FOUNDING_FACES: Final = 3
"""Good faces of as many pictures begin a cluster. Source: IMM "FAQ about image management"."""

# Clusters that a face may try when on the nearest ones somebody else is on its picture.
_TRIES: Final = 3
# Distances that are held at a time.
_BLOCK: Final = 2**22


@dataclass(slots=True)
class _Growing:
    """A cluster while it is decided what goes into it; the rows are those of the new faces."""

    group: Group
    cluster_id: str = ""
    rows: list[int] = field(default_factory=list)


def place_faces(
    faces: NewFaces, matches: Matches, clusters: Mapping[str, Group], limit: float, calibration: Calibration
) -> Placement:
    """Decide where faces belong. The same faces and clusters give the same answer in any order.

    Args:
        matches: the nearest faces of each, itself and faces that are not to be placed among them.
        clusters: those that there are, at least all to which one of the faces could belong.
        limit: distance below which groups are one person, see `ClusteringSettings.linkage_distance`.
        calibration: of the space of the vectors.
    """
    growing = _grow(faces, matches, clusters, limit)
    placed = {row for cluster in growing for row in cluster.rows}
    rest = [row for row in np.flatnonzero(faces.may_join | faces.may_found).tolist() if row not in placed]
    _join(faces, growing, rest, limit**2)
    return _placement(faces, growing, calibration)


def _grow(faces: NewFaces, matches: Matches, clusters: Mapping[str, Group], limit: float) -> list[_Growing]:
    """Let good faces and clusters grow together; keep the clusters, and what has become one."""
    ids = list(clusters)
    known = [clusters[name] for name in ids]
    good = np.flatnonzero(faces.may_found).tolist()
    single = [Group.of_one(faces, row) for row in good]
    linkage = Linkage([*known, *single], len(known), limit)
    growing = []
    for group, places in linkage.run(_pairs(faces, good, matches, known, limit)):
        rows = [good[place - len(ids)] for place in places if place >= len(ids)]
        if min(places) < len(ids):
            growing.append(_Growing(group, ids[min(places)], rows))
        elif len({faces.contents[row] for row in rows}) >= FOUNDING_FACES:
            growing.append(_Growing(group, "", rows))
    return growing


def _pairs(
    faces: NewFaces, good: Sequence[int], matches: Matches, known: Sequence[Group], limit: float
) -> Iterator[tuple[int, int]]:
    """Give the places of groups that are near: two faces, or a face and a cluster."""
    place_of = {int(faces.numbers[row]): len(known) + place for place, row in enumerate(good)}
    for row, column in np.argwhere(matches.distances[good] < limit).tolist():
        other = place_of.get(int(matches.numbers[good[row], column]))
        if other is not None and other != len(known) + row:
            yield len(known) + row, other
    for begin, far in _distances(faces.vectors[good], known):
        for row, cluster in np.argwhere(far < limit**2).tolist():
            yield len(known) + begin + row, cluster


def _join(faces: NewFaces, growing: Sequence[_Growing], rest: Sequence[int], square: float) -> None:
    """Let faces join what has grown, the nearest first. None of them changes where the others belong."""
    near: list[tuple[float, int, int, int]] = []
    for begin, far in _distances(faces.vectors[rest], [cluster.group for cluster in growing]):
        tries = np.argsort(far, axis=1, kind="stable")[:, :_TRIES]
        for place, clusters in enumerate(tries.tolist()):
            row = rest[begin + place]
            near += [
                (distance, int(faces.numbers[row]), row, each)
                for each in clusters
                if (distance := float(far[place, each] + faces.crowding[row])) < square
            ]
    placed: set[int] = set()
    taken: dict[int, set[str]] = {}
    for _, _, row, place in sorted(near):
        picture, here = faces.pictures[row], taken.setdefault(place, set())
        if row not in placed and picture not in here and picture not in growing[place].group.pictures:
            growing[place].rows.append(row)
            here.add(picture)
            placed.add(row)


def _distances(vectors: FloatArray, groups: Sequence[Group]) -> Iterator[tuple[int, Numbers]]:
    """Give mean squared distances of (N, D) faces and groups, block by block: where it begins, and (B, G)."""
    if not len(vectors) or not groups:
        return
    means = np.stack([group.total / group.count for group in groups])
    rows = max(1, _BLOCK // len(groups))
    for begin in range(0, len(vectors), rows):
        yield begin, 2 - 2 * (vectors[begin : begin + rows].astype(np.float64) @ means.T)


def _placement(faces: NewFaces, growing: Sequence[_Growing], calibration: Calibration) -> Placement:
    joined, founded = {}, []
    placed: set[int] = set()
    for cluster in growing:
        if not cluster.rows:
            continue
        members = _members(faces, cluster, calibration)
        placed.update(member.number for member in members)
        if cluster.cluster_id:
            joined[cluster.cluster_id] = members
        else:
            founded.append(members)
    alone = tuple(number for number in sorted(faces.numbers.tolist()) if number not in placed)
    return Placement(joined, tuple(sorted(founded, key=lambda members: members[0].number)), alone)


def _members(faces: NewFaces, cluster: _Growing, calibration: Calibration) -> tuple[Member, ...]:
    """Tell how surely each belongs there, from its distance to what stands for the cluster."""
    rows = sorted(cluster.rows, key=lambda row: int(faces.numbers[row]))
    mean = cluster.group.total / cluster.group.count
    squares = np.maximum(2 - 2 * (faces.vectors[rows].astype(np.float64) @ mean), 0)
    return tuple(
        Member(int(faces.numbers[row]), calibration.similarity_at(distance))
        for row, distance in zip(rows, np.sqrt(squares).tolist(), strict=True)
    )
