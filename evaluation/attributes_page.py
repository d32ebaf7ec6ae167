"""One page for people about the attributes: plots of calibration and age, groups, and the worst mistakes by id."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from evaluation.attributes_metrics import ECE_BINS
from evaluation.attributes_seen import Seen
from evaluation.rows import Row
from oss_faces.analysis.reading import EMOTIONS, GLASSES, SIDES
from oss_faces.values import Face

Looks = Mapping[str, Sequence[Seen]]
PLOT_RELIABILITY: Final = "attributes_reliability.png"
PLOT_AGE: Final = "attributes_age.png"
PAGE: Final = "attributes_page.md"
CONFIDENT: Final = ("gender", "mouth", "beard", "hat", "mask", "glasses", "emotion")
MISTAKES: Final = 8
AGE_BAND_YEARS: Final = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """One stated value of one face against its label."""

    id: str
    set: str
    wanted: str
    stated: str
    confidence: float

    @property
    def right(self) -> bool:
        """Whether the stated value is the label's."""
        return self.wanted == self.stated


def write_page(folder: Path, looks: Looks, rows: Sequence[Row]) -> None:
    """Write the page and its plots into a folder.

    Args:
        looks: what was said about the faces of each set.
        rows: the figures, of which those by group are told.
    """
    folder.mkdir(parents=True, exist_ok=True)
    answers = {name: list(_answers(looks, name)) for name in CONFIDENT}
    known = {name: told for name, told in answers.items() if told}
    parts = ["# Attributes: calibration, groups, mistakes", "", "Made by `make eval`; faces that were found only.", ""]
    if known:
        _plot_reliability(folder / PLOT_RELIABILITY, known)
        parts += ["## Do confidences mean what they say?", "", f"![reliability]({PLOT_RELIABILITY})", ""]
    ages = np.array(list(_ages(looks))).reshape(-1, 3)
    if len(ages):
        _plot_age(folder / PLOT_AGE, ages)
        parts += ["## Error of the age by age", "", f"![age]({PLOT_AGE})", ""]
    parts += [*_groups(rows), *_mistakes(known)]
    (folder / PAGE).write_text("\n".join(parts) + "\n", encoding="utf-8")


def _answers(looks: Looks, name: str) -> Iterator[Answer]:
    for of, seen in looks.items():
        for one in seen:
            label = one.labels.get(name, float("nan"))
            if one.face is None or not np.isfinite(label) or label >= len(_WORDS[name]):
                continue
            stated = _stated(one.face, name)
            if stated is not None:
                yield Answer(one.id, of, _WORDS[name][int(label)], *stated)


# Words of the labels 0, 1, ... of each attribute.
_WORDS: Final[Mapping[str, Sequence[str]]] = {
    **{name: sides[::-1] for name, sides in SIDES.items()},
    "glasses": GLASSES,
    "emotion": EMOTIONS,
}


def _stated(face: Face, name: str) -> tuple[str, float] | None:
    if name == "emotion":
        return None if face.emotion is None else (face.emotion.value, face.emotion.scores[face.emotion.value])
    label = getattr(face, name)
    return None if label is None else (label.value, label.confidence)


def _ages(looks: Looks) -> Iterator[tuple[float, float, float]]:
    """True age, stated age and stated sd, of the set whose ages are people's."""
    for one in looks.get("utkface", ()):
        if one.face is not None and one.face.age is not None:
            yield one.labels["age"], one.face.age.years, one.face.age.sd


def _plot_reliability(path: Path, answers: Mapping[str, Sequence[Answer]]) -> None:
    def draw(figure: Figure) -> None:
        grid = figure.subplots(2, 4, sharex=True, sharey=True).ravel()
        for axes, (name, told) in zip(grid, answers.items(), strict=False):
            confidence = np.array([one.confidence for one in told])
            right = np.array([one.right for one in told], float)
            bins = np.array_split(np.argsort(confidence, kind="stable"), min(ECE_BINS, len(told)))
            axes.plot([0, 1], [0, 1], color="0.7")
            axes.plot([confidence[part].mean() for part in bins], [right[part].mean() for part in bins], "o-", ms=3)
            axes.set(title=f"{name} ({len(told)})", xlim=(0.2, 1.01), ylim=(0.2, 1.01))
            axes.grid(visible=True, alpha=0.3)
        for axes in grid[len(answers) :]:
            axes.set_axis_off()
        figure.supxlabel("stated confidence")
        figure.supylabel("share of right answers")

    _save(path, (10.0, 5.0), draw)


def _plot_age(path: Path, ages: NDArray[Any]) -> None:
    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        true, stated, sd = ages.T
        starts = [start for start in range(0, 100, AGE_BAND_YEARS) if _band(true, start).any()]
        centers = [start + AGE_BAND_YEARS / 2 for start in starts]
        for label, values in (
            ("mean absolute error", np.abs(stated - true)),
            ("stated minus true", stated - true),
            ("stated standard deviation", sd),
        ):
            axes.plot(centers, [values[_band(true, start)].mean() for start in starts], "o-", ms=4, label=label)
        axes.axhline(0, color="0.7")
        axes.set(xlabel="true age in years", ylabel="years")
        axes.grid(visible=True, alpha=0.3)
        axes.legend()

    _save(path, (7.0, 4.0), draw)


def _band(ages: NDArray[Any], start: int) -> NDArray[np.bool_]:
    return np.asarray((ages >= start) & (ages < start + AGE_BAND_YEARS))


def _save(path: Path, size: tuple[float, float], draw: Callable[[Figure], None]) -> None:
    figure = Figure(figsize=size, dpi=110, layout="constrained")
    with mpl.rc_context({"font.size": 9}):
        draw(figure)
        # Without this the file would differ from run to run.
        figure.savefig(path, metadata={"Software": None})


def _groups(rows: Sequence[Row]) -> list[str]:
    grouped = [row for row in rows if "[" in row.metric]
    if not grouped:
        return []
    lines = ["## By group", "", "| attribute | set | figure | value | interval | n |", "|---|---|---|---:|---|---:|"]
    lines += [
        f"| {row.what} | {row.set} | {row.metric} | {row.value:.3g} | {row.low:.3g} to {row.high:.3g} | {row.n} |"
        for row in grouped
    ]
    return [*lines, ""]


def _mistakes(answers: Mapping[str, Sequence[Answer]]) -> list[str]:
    lines = ["## The surest mistakes", "", "Many of them are mistakes of the label.", ""]
    lines += ["| attribute | set | id | label | stated | confidence |", "|---|---|---|---|---|---:|"]
    for name, told in answers.items():
        wrong = sorted((one for one in told if not one.right), key=lambda one: -one.confidence)
        lines += [
            f"| {name} | {one.set} | `{one.id}` | {one.wanted} | {one.stated} | {one.confidence:.3f} |"
            for one in wrong[:MISTAKES]
        ]
    return [*lines, ""]
