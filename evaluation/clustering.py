"""Which pictures show one person? Clusters of whole sets, judged by pairs of pictures.

Precision: of the pairs that one cluster holds, the share that is labelled as one person. Recall: of the pairs labelled
as one person, the share that one cluster holds; a person with fewer than three pictures can have no cluster, so recall
is told of the others, too. Only the largest face of a picture takes part, as only its person is labelled.

The rules for faces that begin a cluster are those of the server but for one: on `celeba10k`, where no face is larger
than 75 pixels, size is not asked for.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evaluation.identity import IMAGES, RESAMPLES
from evaluation.known_faces import KnownFaces, know
from evaluation.other_people import OTHERS
from evaluation.rows import Row, interval
from evaluation.task import Task
from oss_faces.clustering import (
    FOUNDING_FACES,
    NEIGHBOURS,
    ClusteringSettings,
    ExactNeighbours,
    Group,
    NewFaces,
    crowding,
    may_found,
    place_faces,
    usual_distance,
)
from oss_faces.recognition import Calibration
from oss_faces.values import Box, Face, HeadPose

Array = NDArray[Any]
WHAT: Final = "cluster"
SETS: Final = (IMAGES, OTHERS)
SIMILARITIES: Final = (0.9, 0.93, 0.95)
# Shuffled orders of arrival, and in how many calls the pictures come.
SHUFFLES: Final = 2
CALLS: Final = 10
QUICK_PICTURES: Final = 60
_SEED: Final = 20_240_603


class Album:
    """The faces of a set, with what decides whether each may begin a cluster."""

    def __init__(self, known: KnownFaces, settings: ClusteringSettings, calibration: Calibration) -> None:
        self._vectors = known.vectors.astype(np.float32)
        self._good = np.array([may_found(face, settings) for face in _faces(known)])
        self._calibration = calibration
        self._limit = settings.linkage_distance(calibration)

    def clusters(self, calls: Iterable[Array]) -> list[list[int]]:
        """Let faces arrive, one clustering a call; give the rows of each cluster."""
        arrived, waiting = np.array([], int), np.array([], int)
        clusters: dict[str, list[int]] = {}
        for rows in calls:
            arrived, waiting = np.concatenate([arrived, rows]), np.concatenate([waiting, rows])
            names = [str(row) for row in waiting]
            matches = ExactNeighbours(arrived, self._vectors[arrived])(self._vectors[waiting], NEIGHBOURS)
            crowds = crowding(matches, self._limit, usual_distance(self._calibration))
            may_join = np.ones(len(waiting), bool)
            faces = NewFaces(waiting, self._vectors[waiting], names, names, crowds, self._good[waiting], may_join)
            groups = {name: self._group(members) for name, members in clusters.items()}
            placement = place_faces(faces, matches, groups, self._limit, self._calibration)
            for name, joined in placement.joined.items():
                clusters[name] += [member.number for member in joined]
            clusters |= {str(one[0].number): [member.number for member in one] for one in placement.founded}
            waiting = np.array(placement.left_alone, int)
        return list(clusters.values())

    def _group(self, members: Sequence[int]) -> Group:
        good = [row for row in members if self._good[row]]
        return Group.of(self._vectors[good or members], [str(row) for row in members])


def evaluate_clustering(task: Task) -> list[Row]:
    """Judge clusters of each set, at several similarities, and how far the order of arrival matters."""
    embedder = task.build_embedder(task.settings)
    rows: list[Row] = []
    for name in SETS:
        if not task.sets.has(name):
            continue
        known = know(task, embedder, name, _quick_ids(task, name) if task.sets.quick else set())
        found = known.select(np.flatnonzero(known.found))
        settings = replace(task.settings.clustering, founding_side=0) if name == OTHERS else task.settings.clustering
        for similarity in SIMILARITIES:
            album = Album(found, replace(settings, linkage_similarity=similarity), embedder.calibration)
            clusters = album.clusters([np.arange(len(found.ids))])
            rows += _judge(name, f"similarity={similarity}", clusters, found.identities, known.identities)
        rows.append(_order_row(name, Album(found, settings, embedder.calibration), len(found.ids)))
    return rows


def _faces(known: KnownFaces) -> Iterable[Face]:
    for box, quality, (pitch, roll, yaw) in zip(known.boxes, known.qualities, known.poses, strict=True):
        pose = HeadPose(pitch, yaw, roll)
        yield Face(Box(*box.tolist()), 1.0, np.zeros((5, 2), np.float32), pose=pose, quality=float(quality))


def _judge(name: str, at: str, clusters: Sequence[Sequence[int]], found: Array, labelled: Array) -> list[Row]:
    """Make the rows of one clustering.

    Args:
        clusters: rows of `found`.
        found: who is on each picture with a face.
        labelled: who is on each picture of the set.
    """
    people = [Counter(found[rows].tolist()) for rows in map(list, clusters)]
    right = np.array([sum(map(_pairs, person.values())) for person in people])
    told = np.array([_pairs(sum(person.values())) for person in people])
    together: Counter[str] = Counter()
    for person in people:
        together.update({who: _pairs(count) for who, count in person.items()})
    sizes = Counter(labelled.tolist())
    every = [(together[who], _pairs(count)) for who, count in sizes.items() if count > 1]
    able = [(together[who], _pairs(count)) for who, count in sizes.items() if count >= FOUNDING_FACES]
    return [
        _share_row(name, f"pair_precision[{at}]", right, told),
        _share_row(name, f"pair_recall[{at}]", *np.array(every).reshape(-1, 2).T),
        _share_row(name, f"pair_recall_of_three[{at}]", *np.array(able).reshape(-1, 2).T),
        Row(WHAT, name, f"clusters[{at}]", float(len(clusters)), np.nan, np.nan, len(found), "clusters"),
    ]


def _share_row(name: str, metric: str, parts: Array, wholes: Array) -> Row:
    """Share of pairs, with an interval from resampled clusters or persons; nan where there are no pairs."""

    def share(places: Array) -> float:
        whole = wholes[places].sum()
        return float(parts[places].sum() / whole) if whole else np.nan

    low, high = interval(len(parts), share, RESAMPLES) if len(parts) else (np.nan, np.nan)
    return Row(WHAT, name, metric, share(np.arange(len(parts))), low, high, int(wholes.sum()), "fraction")


def _order_row(name: str, album: Album, count: int) -> Row:
    """Pairwise F between all pictures in one call and shuffled ones in several: mean, least and most."""
    generator = np.random.default_rng(_SEED)
    at_once = album.clusters([np.arange(count)])
    agreed = []
    for _ in range(SHUFFLES):
        calls = np.array_split(generator.permutation(count), CALLS)
        agreed.append(_agreement(at_once, album.clusters(calls)))
    return Row(
        WHAT, name, f"order_f1[calls={CALLS}]", float(np.mean(agreed)), min(agreed), max(agreed), SHUFFLES, "fraction"
    )


def _agreement(first: Sequence[Sequence[int]], second: Sequence[Sequence[int]]) -> float:
    """Pairwise F of two clusterings: 1 when they hold the same pairs, also when both hold none."""
    place = {row: number for number, rows in enumerate(second) for row in rows}
    both = 0
    for rows in first:
        both += sum(map(_pairs, Counter(place[row] for row in rows if row in place).values()))
    every = sum(_pairs(len(rows)) for rows in (*first, *second))
    return 2 * both / every if every else 1.0


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _quick_ids(task: Task, name: str) -> set[str]:
    """Choose the pictures of the persons with most of them."""
    table = task.sets.table(name, ("id", "identity"))
    sizes = Counter(str(row["identity"]) for row in table)
    by_size = sorted(table, key=lambda row: (-sizes[str(row["identity"])], str(row["identity"]), str(row["id"])))
    return {str(row["id"]) for row in by_size[:QUICK_PICTURES]}
