"""Attributes, end to end: the serving pipeline on the parts of the labelled sets that no training saw."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from evaluation.attributes_audit import audited, read_corrections
from evaluation.attributes_cost import cost_rows
from evaluation.attributes_figures import (
    age_rows,
    emotion_rows,
    glasses_rows,
    grouped_rows,
    missed_row,
    number_row,
    of_face,
    two_sided_rows,
)
from evaluation.attributes_headpose import Pose, head_shape, solve
from evaluation.attributes_ladder import ladder_rows
from evaluation.attributes_page import write_page
from evaluation.attributes_seen import CROWD, Gallery, Plan, Seen
from evaluation.rows import Row
from evaluation.task import Task
from oss_faces.analysis.reading import EMOTIONS

CELEBA_COLUMNS: Final = (
    "Male",
    "Mouth_Slightly_Open",
    "No_Beard",
    "Goatee",
    "Mustache",
    "Wearing_Hat",
    "Eyeglasses",
)
CELEBA_ATTRIBUTES: Final = ("hat", "beard", "mouth")
FFHQ_COLUMNS: Final = (
    "n_api_faces",
    "age",
    "gender",
    "glasses",
    "headwear",
    "beard",
    "moustache",
    "pitch",
    "yaw",
)
TEEN: Final = 13


def evaluate_attributes(task: Task) -> list[Row]:
    """Judge every attribute on every set that is there.

    Args:
        task: which sets, and the pipeline that serves requests.
    """
    pipeline = task.build(task.settings)
    gallery = Gallery(task, pipeline)
    rows: list[Row] = []
    for name, judge in _JUDGES.items():
        if task.sets.has(name):
            rows.extend(judge(gallery))
    rows += [*_celeba(gallery), *ladder_rows(task, pipeline), *cost_rows(task, pipeline)]
    write_page(task.out, gallery.seen, rows)
    return rows


def _utkface(gallery: Gallery) -> list[Row]:
    of = "utkface"
    seen = gallery.look(Plan(of, "test", ("age", "gender"), ("race",)))
    banded = [
        Seen(one.id, one.labels, one.face, {**one.groups, "age": _band(one.labels["age"])}, one.extra) for one in seen
    ]
    older = [one for one in seen if one.labels["age"] >= TEEN]
    teens = [row for row in two_sided_rows(of, older, "gender", ["accuracy"]) if row.metric == "accuracy"]
    return [
        *two_sided_rows(of, seen, "gender", ["accuracy"]),
        *(_renamed(row, "accuracy_13plus") for row in teens),
        *age_rows(of, seen),
        *_audited_people(of, audited(of, seen, read_corrections())),
        *grouped_rows(of, banded, "gender", "accuracy"),
        *grouped_rows(of, banded, "age", "mae"),
    ]


def _audited_people(of: str, seen: Sequence[Seen]) -> list[Row]:
    """Gender and age once more, on the audited labels."""
    made = [*two_sided_rows(of, seen, "gender", ["accuracy"]), *age_rows(of, seen)]
    return [_renamed(row, f"{row.metric}_audited") for row in made if row.metric in ("accuracy", "mae")]


def _band(age: float) -> str:
    for end in (3, 13, 20, 30, 45, 60, 75):
        if age < end:
            return f"under{end}"
    return "75plus"


def _renamed(row: Row, metric: str) -> Row:
    return Row(row.what, row.set, metric, row.value, row.low, row.high, row.n, row.unit)


def _celeba(gallery: Gallery) -> list[Row]:
    plans = [
        Plan("celeba_wild", "test", CELEBA_COLUMNS),
        Plan("celeba10k", "val", (*CELEBA_COLUMNS, "sunglasses")),
    ]
    seen = {plan.name: gallery.look(plan) for plan in plans if gallery.has(plan.name)}
    rows: list[Row] = []
    if len(seen) == len(plans):
        corrections = read_corrections()
        rows += _audited_rows([one for of, part in seen.items() for one in audited(of, part, corrections)])
        seen["celeba"] = [one for part in list(seen.values()) for one in part]
    for of, part in seen.items():
        rows += two_sided_rows(of, part, "gender", ["accuracy"])
        rows += glasses_rows(of, part)
        for name in CELEBA_ATTRIBUTES:
            rows += two_sided_rows(of, part, name, ["auc", "balanced_accuracy"])
        rows += [row for row in two_sided_rows(of, part, "mask", ["accuracy"]) if row.metric == "accuracy"]
    return rows


def _audited_rows(seen: Sequence[Seen]) -> list[Row]:
    """The main figures of the pooled set once more, on the audited labels."""
    made = [*two_sided_rows("celeba", seen, "gender", ["accuracy"]), *glasses_rows("celeba", seen)]
    for name in CELEBA_ATTRIBUTES:
        made += two_sided_rows("celeba", seen, name, ["auc"])
    return [_renamed(row, f"{row.metric}_audited") for row in made if row.metric in ("accuracy", "auc")]


def _ffhq(gallery: Gallery) -> list[Row]:
    of = "ffhq"
    seen = [one for one in gallery.look(Plan(of, "test", FFHQ_COLUMNS)) if one.extra["n_api_faces"]]
    rows = [*two_sided_rows(of, seen, "gender", ["accuracy"]), *age_rows(of, seen), *glasses_rows(of, seen)]
    rows += two_sided_rows(of, seen, "hat", ["auc"]) + two_sided_rows(of, seen, "beard", ["auc"])
    for angle in ("pitch", "yaw"):
        truth = [float(one.extra[angle]) for one in seen]
        stated = of_face(seen, lambda face, angle=angle: getattr(face.pose, angle))  # type: ignore[misc]
        rows.append(number_row(("pose", of, f"mae_{angle}"), truth, stated, "degrees"))
        rows.append(number_row(("pose", of, "pearson"), truth, stated, "fraction"))
        rows[-1] = _renamed(rows[-1], f"pearson_{angle}")
    return rows


def _crowd(gallery: Gallery) -> list[Row]:
    seen = gallery.look_at_crowd(Plan(CROWD, "test", ("boxes",)))
    rows = two_sided_rows(CROWD, seen, "mask", ["balanced_accuracy", "auc"])
    found = [one for one in seen if one.face is not None]
    among = two_sided_rows(CROWD, found, "mask", ["balanced_accuracy"])[0]
    rows.append(_renamed(among, "balanced_accuracy_found"))
    return rows + grouped_rows(CROWD, seen, "mask", "accuracy")


def _fer2013(gallery: Gallery) -> list[Row]:
    return emotion_rows("fer2013", gallery.look(Plan("fer2013", "test", ("emotion",))), EMOTIONS)


def _ckplus48(gallery: Gallery) -> list[Row]:
    seen = gallery.look(Plan("ckplus48", "test", ("emotion",)))
    return emotion_rows("ckplus48", [one for one in seen if one.labels], EMOTIONS)


def _mebeauty(gallery: Gallery) -> list[Row]:
    of = "mebeauty"
    seen = gallery.look(Plan(of, "test", ("score", "gender"), ("ethnicity",)))

    def correlation(part: Sequence[Seen], metric: str) -> Row:
        truth = [one.labels["attractive"] for one in part]
        stated = of_face(part, lambda face: face.attractive)
        return _renamed(number_row(("attractive", of, "pearson"), truth, stated, "fraction"), metric)

    rows = [correlation(seen, "pearson"), *two_sided_rows(of, seen, "gender", ["accuracy"])]
    truth = [one.labels["attractive"] for one in seen]
    stated = of_face(seen, lambda face: face.attractive)
    rows += [number_row(("attractive", of, "mae"), truth, stated, "fraction"), missed_row("attractive", of, seen)]
    for column in ("ethnicity", "gender"):
        for group in sorted({str(one.extra[column]) for one in seen}):
            part = [one for one in seen if str(one.extra[column]) == group]
            rows.append(correlation(part, f"pearson[{column}={group}]"))
    return rows


def _ytf68(gallery: Gallery) -> list[Row]:
    """Angles against those solved from the labelled points: one family of methods, so the set favours us."""
    of = "udacity_ytf68"
    seen = gallery.look(Plan(of, "test", ("landmarks",)))
    points = np.array([one.extra["landmarks"] for one in seen], float).reshape(-1, 68, 2)
    solved: Pose = solve(head_shape(), points)
    rows = [missed_row("pose", of, seen)]
    for angle in ("pitch", "yaw", "roll"):
        stated = of_face(seen, lambda face, angle=angle: getattr(face.pose, angle))  # type: ignore[misc]
        rows.append(number_row(("pose", of, f"mae_{angle}"), list(getattr(solved, angle)), stated, "degrees"))
    return rows


_JUDGES: Final[Mapping[str, Callable[[Gallery], list[Row]]]] = {
    "utkface": _utkface,
    "ffhq": _ffhq,
    CROWD: _crowd,
    "fer2013": _fer2013,
    "ckplus48": _ckplus48,
    "mebeauty": _mebeauty,
    "udacity_ytf68": _ytf68,
}
