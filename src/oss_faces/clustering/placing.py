"""Who is who: new faces join clusters, found new ones, or are left alone.

First the good faces and the clusters that there are grow together (`linkage`). What holds three good faces of three
pictures then is a cluster, and stays one: nothing that was placed is moved, and clusters are never joined here. Then
every other face that may join goes to the cluster that is nearest, if that is near enough.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.clustering.groups import Group, NewFaces, Sums
from oss_faces.clustering.linkage import Linkage
from oss_faces.clustering.neighbours import ExactNeighbours, Neighbours
from oss_faces.facedb import Member, Placement
from oss_faces.recognition import Calibration

FOUNDING_FACES: Final = 3
"""Good faces of as many pictures begin a cluster. Source: IMM "FAQ about image management"."""

# Near faces that are looked at for each. Two groups of more faces are joined through any of them.
_NEIGHBOURS: Final = 64
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
    faces: NewFaces,
    clusters: Mapping[str, Group],
    limit: float,
    calibration: Calibration,
    neighbours: Neighbours | None = None,
) -> Placement:
    """Decide where faces belong. The same faces and clusters give the same answer in any order.

    Args:
        clusters: those that there are, at least all to which one of the faces could belong.
        limit: distance below which groups are one person, see `ClusteringSettings.linkage_distance`.
        calibration: of the space of the vectors.
        neighbours: finds near faces, at least among those that may found; by default all of them are compared.
    """
    square = limit**2
    if neighbours is None:
        good = faces.may_found
        neighbours = ExactNeighbours(faces.numbers[good], faces.vectors[good])
    growing = _grow(faces, clusters, square, neighbours)
    placed = {row for cluster in growing for row in cluster.rows}
    rest = [row for row in np.flatnonzero(faces.may_join | faces.may_found).tolist() if row not in placed]
    _join(faces, growing, rest, square)
    return _placement(faces, growing, calibration)


def _grow(faces: NewFaces, clusters: Mapping[str, Group], square: float, neighbours: Neighbours) -> list[_Growing]:
    """Let good faces and clusters grow together; keep the clusters, and what has become one."""
    ids = list(clusters)
    good = np.flatnonzero(faces.may_found)
    single = [Group.of(faces.vectors[row : row + 1], [faces.pictures[row]]) for row in good.tolist()]
    known = [clusters[name] for name in ids]
    linkage = Linkage([*known, *single], len(known), square**0.5)
    growing = []
    for places in linkage.run(_pairs(faces, good, known, square, neighbours)):
        cluster = min(places) if min(places) < len(ids) else None
        rows = [int(good[place - len(ids)]) for place in places if place >= len(ids)]
        core = Group.of(faces.vectors[rows], [faces.pictures[row] for row in rows]) if rows else None
        if cluster is not None:
            group = known[cluster] if core is None else known[cluster].joined(core)
            growing.append(_Growing(group, ids[cluster], rows))
        elif core is not None and len({faces.contents[row] for row in rows}) >= FOUNDING_FACES:
            growing.append(_Growing(core, "", rows))
    return growing


def _pairs(
    faces: NewFaces, good: NDArray[np.intp], known: Sequence[Group], square: float, neighbours: Neighbours
) -> Iterator[tuple[int, int]]:
    """Give the places of groups that are near: two faces, or a face and a cluster."""
    place_of = {int(number): len(known) + place for place, number in enumerate(faces.numbers[good])}
    vectors = faces.vectors[good]
    matches = neighbours(vectors, _NEIGHBOURS) if len(good) else None
    if matches is not None:
        for row, column in np.argwhere(matches.distances.astype(np.float64) ** 2 < square).tolist():
            other = place_of.get(int(matches.numbers[row, column]))
            if other is not None and other != len(known) + row:
                yield len(known) + row, other
    for begin, far in _distances(vectors, known):
        for row, cluster in np.argwhere(far < square).tolist():
            yield len(known) + begin + row, cluster


def _join(faces: NewFaces, growing: Sequence[_Growing], rest: Sequence[int], square: float) -> None:
    """Let faces join what has grown, the nearest first. None of them changes where the others belong."""
    near: list[tuple[float, int, int]] = []
    for begin, far in _distances(faces.vectors[rest], [cluster.group for cluster in growing]):
        tries = np.argsort(far, axis=1, kind="stable")[:, :_TRIES]
        for place, clusters in enumerate(tries.tolist()):
            row = rest[begin + place]
            near += [(float(far[place, each]), row, each) for each in clusters if far[place, each] < square]
    placed: set[int] = set()
    taken: dict[int, set[str]] = {}
    for _, row, place in sorted(near, key=lambda entry: (entry[0], int(faces.numbers[entry[1]]))):
        picture = faces.pictures[row]
        here = taken.setdefault(place, set())
        if row not in placed and picture not in here and picture not in growing[place].group.pictures:
            growing[place].rows.append(row)
            here.add(picture)
            placed.add(row)


def _distances(vectors: NDArray[np.float32], groups: Sequence[Group]) -> Iterator[tuple[int, Sums]]:
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
