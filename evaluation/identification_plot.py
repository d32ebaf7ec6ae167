from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[Any]
_CURVE_POINTS: Final = 400
_LEAST_RATE: Final = 1e-4
_RIGHT, _WRONG, _UNKNOWN = "tab:green", "tab:red", "lightgrey"


@dataclass(frozen=True, slots=True)
class Crowd:
    """What was said at one size of the gallery: nearest distances of enrolled persons and of strangers.

    Attributes:
        is_own: whether the nearest is the right one, for the enrolled persons.
    """

    size: int
    enrolled: Array
    is_own: Array
    strangers: Array


def plot_identification(path: Path, crowds: Sequence[Crowd], marks: Mapping[float, float]) -> None:
    """Draw what is said of enrolled persons and of strangers, and the trade of one error for the other, as PNG.

    Args:
        path: the file to write.
        crowds: one for each size of the gallery.
        marks: distance of every similarity that serves as a threshold.
    """
    with mpl.rc_context({"svg.hashsalt": "oss-faces", "font.size": 8}):
        figure = Figure(figsize=(13.0, 4.2), dpi=110, layout="constrained")
        enrolled, strangers, curves = figure.subplots(1, 3)
        labels = [f"{crowd.size:,}\n{similarity}" for crowd in crowds for similarity in marks]
        answers = [_answers(crowd, distance) for crowd in crowds for distance in marks.values()]
        _bars(enrolled, labels, [part[:3] for part in answers], ("right name", "wrong name", "unknown"))
        enrolled.set(title="pictures of enrolled persons", ylabel="share of pictures")
        _bars(strangers, labels, [(0.0, part[3], 1 - part[3]) for part in answers], ("", "some name", "unknown"))
        strangers.set(title="pictures of strangers")
        for crowd in crowds:
            _curve(curves, crowd, marks)
        curves.set(
            title="one error for the other; dots: thresholds as on the left",
            xlabel="strangers who get a name (FPIR)",
            ylabel="enrolled persons without their name (FNIR)",
            xscale="log",
            xlim=(_LEAST_RATE, 1.0),
            ylim=(0.0, 1.0),
        )
        curves.grid(visible=True, alpha=0.3)
        curves.legend(loc="upper right")
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without this the file would differ from run to run.
        figure.savefig(path, metadata={"Software": None})


def _answers(crowd: Crowd, distance: float) -> tuple[float, float, float, float]:
    """Shares of right, wrong and no name for enrolled persons, and of some name for strangers."""
    near = crowd.enrolled < distance
    right, wrong = float((near & crowd.is_own).mean()), float((near & ~crowd.is_own).mean())
    return right, wrong, 1 - right - wrong, float((crowd.strangers < distance).mean())


def _bars(axes: Axes, labels: Sequence[str], shares: Sequence[Sequence[float]], names: Sequence[str]) -> None:
    bottom = np.zeros(len(labels))
    for place, (name, colour) in enumerate(zip(names, (_RIGHT, _WRONG, _UNKNOWN), strict=True)):
        heights = np.array([share[place] for share in shares])
        if name:
            axes.bar(range(len(labels)), heights, bottom=bottom, label=name, color=colour)
        bottom += heights
    axes.set_xticks(range(len(labels)), labels)
    axes.set(xlabel="persons in the gallery, and similarity from which a name is given", ylim=(0.0, 1.0))
    axes.legend(loc="upper right", framealpha=0.95)


def _curve(axes: Axes, crowd: Crowd, marks: Mapping[float, float]) -> None:
    # Thresholds at which ever more strangers get a name, evenly on the logarithmic axis.
    shares = np.geomspace(_LEAST_RATE, 1.0, _CURVE_POINTS)
    steps = np.quantile(crowd.strangers[np.isfinite(crowd.strangers)], shares)
    points = [_errors(crowd, float(step)) for step in steps]
    [line] = axes.plot(*zip(*points, strict=True), label=f"{crowd.size:,} persons")
    dots = [_errors(crowd, distance) for distance in marks.values()]
    axes.plot(*zip(*dots, strict=True), "o", color=line.get_color())


def _errors(crowd: Crowd, distance: float) -> tuple[float, float]:
    right, _, _, named = _answers(crowd, distance)
    return named, 1 - right
