"""Who is it, of many? A gallery of persons with one picture each, and pictures asked of persons in it and not in it.

The protocol: persons are drawn at random from both sets together, of each a picture in which a face was found is
enrolled. Asked are all other pictures of the enrolled persons (closed set), and one picture of every person who is not
enrolled (open set). The nearest enrolled person is the answer if it is similar enough, else the answer is `unknown`.
A picture in which no face is found has no answer: for an enrolled person that is a failure. Galleries are drawn many
times over. Should a person be in both sets, a right answer across them counts as false. On the other hand a grey
picture of one set is less like a coloured one of the other than strangers are elsewhere, so each is judged alone too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evaluation.identification_plot import Crowd, plot_identification
from evaluation.identity import IMAGES, RESAMPLES
from evaluation.known_faces import KnownFaces, know
from evaluation.other_people import OTHERS
from evaluation.rows import Row, interval
from evaluation.task import Task

Array = NDArray[Any]
WHAT: Final = "identify"
SETS: Final = (IMAGES, OTHERS)
GALLERIES: Final = (100, 1000, 5000)
SIMILARITIES: Final = (0.8, 0.95, 0.99)
# So many persons are enrolled in all draws of a size together, and there are at least so many draws.
ENROLLED: Final = 20_000
DRAWS_MIN: Final = 10
# At most this part of the persons is enrolled; the others have to be strangers.
ENROLLED_PART: Final = 0.8
QUICK_PICTURES: Final = 60
_SEED: Final = 20_240_602
_BLOCK_ROWS: Final = 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """Pictures that were asked, (Q,) each, of all draws of one gallery size.

    Attributes:
        person: number of the person shown.
        distance: to the nearest enrolled person; infinite where no face was found.
        is_own: whether that is the person shown; False for strangers.
        near: (Q, T) how many enrolled persons are nearer than each threshold.
    """

    person: Array
    distance: Array
    is_own: Array
    near: Array


def evaluate_identification(task: Task) -> list[Row]:
    """Judge naming persons of a gallery, and calling others unknown, at three thresholds and several sizes."""
    names = [name for name in SETS if task.sets.has(name)]
    if not names:
        return []
    embedder = task.build_embedder(task.settings)
    parts = {name: know(task, embedder, name, _quick_ids(task, name)) for name in names}
    marks = {wanted: embedder.calibration.distance_of(wanted) for wanted in SIMILARITIES}
    rows, crowds = _judge(parts, marks)
    plot_identification(task.out / "identity_1n.png", crowds, marks)
    if len(parts) > 1:
        rows += [row for name, part in parts.items() for row in _judge({name: part}, marks)[0]]
    return rows


def _judge(parts: Mapping[str, KnownFaces], marks: Mapping[float, float]) -> tuple[list[Row], list[Crowd]]:
    """Judge galleries of all sizes, drawn from these sets together."""
    vectors = np.concatenate([part.vectors for part in parts.values()])
    people = np.concatenate([_people(part, name) for name, part in parts.items()])
    _, person = np.unique(people, return_inverse=True)
    rows, crowds = [], []
    for size in _sizes(int(person.max()) + 1):
        enrolled, strangers = _ask_all(vectors, person, size, np.array(list(marks.values())))
        rows += _rows("+".join(parts), size, enrolled, strangers)
        crowds.append(Crowd(size, enrolled.distance, enrolled.is_own, strangers.distance))
    return rows, crowds


def _quick_ids(task: Task, name: str) -> set[str]:
    return {str(row["id"]) for row in task.sets.table(name, ("id",))[:QUICK_PICTURES]} if task.sets.quick else set()


def _people(known: KnownFaces, name: str) -> Array:
    return np.array([f"{name}/{identity}" for identity in known.identities])


def _sizes(persons: int) -> Sequence[int]:
    return [size for size in GALLERIES if size <= ENROLLED_PART * persons] or [max(1, persons // 2)]


def _ask_all(vectors: Array, person: Array, size: int, thresholds: Array) -> tuple[Asked, Asked]:
    """Draw galleries of a size and ask: what is said of the enrolled persons, and of strangers."""
    random = np.random.default_rng(_SEED)
    enrolled, strangers = [], []
    for _ in range(max(DRAWS_MIN, ENROLLED // size)):
        gallery, again, others = _draw(random, vectors, person, size)
        enrolled.append(_ask(vectors, person, gallery, again, thresholds))
        strangers.append(_ask(vectors, person, gallery, others, thresholds))
    return _joined(enrolled), _joined(strangers)


def _draw(random: np.random.Generator, vectors: Array, person: Array, size: int) -> tuple[Array, Array, Array]:
    """Return places of the enrolled pictures, of the other pictures of these persons, and one of each other person."""
    # One picture of each person at random, those with a face before those without.
    order = random.permutation(len(person))
    order = order[np.argsort(~np.isfinite(vectors[order, 0]), kind="stable")]
    shown, first = np.unique(person[order], return_index=True)
    one_each = order[first]
    can = np.isfinite(vectors[one_each, 0])
    chosen = random.permutation(np.flatnonzero(can))[:size]
    is_enrolled = np.zeros(len(shown), bool)
    is_enrolled[chosen] = True
    gallery = one_each[chosen]
    again = np.setdiff1d(np.flatnonzero(is_enrolled[person]), gallery)
    return gallery, again, one_each[~is_enrolled]


def _ask(vectors: Array, person: Array, gallery: Array, places: Array, thresholds: Array) -> Asked:
    parts = [
        _ask_block(vectors, person, gallery, places[begin : begin + _BLOCK_ROWS], thresholds)
        for begin in range(0, len(places), _BLOCK_ROWS)
    ]
    return _joined(parts) if parts else Asked(places, np.zeros(0), np.zeros(0, bool), np.zeros((0, len(thresholds))))


def _ask_block(vectors: Array, person: Array, gallery: Array, places: Array, thresholds: Array) -> Asked:
    distances = np.sqrt(np.maximum(2 - 2 * vectors[places] @ vectors[gallery].T, 0))
    distances = np.nan_to_num(distances, nan=np.inf)
    nearest = distances.argmin(axis=1)
    near = np.stack([(distances < threshold).sum(axis=1) for threshold in thresholds], axis=1)
    return Asked(
        person[places],
        distances[np.arange(len(places)), nearest],
        person[gallery][nearest] == person[places],
        near,
    )


def _joined(parts: Sequence[Asked]) -> Asked:
    return Asked(*(np.concatenate([getattr(part, name) for part in parts]) for name in Asked.__slots__))


def _rows(sets: str, size: int, enrolled: Asked, strangers: Asked) -> list[Row]:
    def row(metric: str, values: Array, asked: Asked, unit: str = "fraction") -> Row:
        low, high, value = _by_person(values.astype(float), asked.person)
        return Row(WHAT, sets, metric, value, low, high, len(values), unit)

    is_found = np.isfinite(enrolled.distance)
    rows = [row(f"rank1[gallery={size}]", enrolled.is_own & is_found, enrolled)]
    for place, wanted in enumerate(SIMILARITIES):
        near, count = enrolled.near[:, place] > 0, strangers.near[:, place]
        at = f"[gallery={size},similarity={wanted}]"
        rows.append(row(f"false_negative{at}", ~(near & enrolled.is_own), enrolled))
        rows.append(row(f"false_name{at}", near & ~enrolled.is_own, enrolled))
        rows.append(row(f"false_positive{at}", count > 0, strangers))
        rows.append(row(f"false_candidates{at}", count, strangers, "persons"))
    return rows


def _by_person(values: Array, person: Array) -> tuple[float, float, float]:
    """Interval and mean over pictures, the interval from resampled persons."""
    people, number = np.unique(person, return_inverse=True)
    sums, counts = np.bincount(number, values), np.bincount(number)
    low, high = interval(len(people), lambda places: float(sums[places].sum() / counts[places].sum()), RESAMPLES)
    return low, high, float(values.mean())
