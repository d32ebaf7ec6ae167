"""Expressions over time as a picture, by Matplotlib, an extra that nothing else needs."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.errors import ConfigurationError
from oss_faces.rendering.timeline import Moment
from oss_faces.values import EXPRESSION_NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDINGS: Final = (".svg", ".png")

# Okabe and Ito's palette, which people with any kind of colour vision can tell apart, in the order of the names.
_COLOURS: Final = ("#d55e00", "#009e73", "#cc79a7", "#f0e442", "#cccccc", "#0072b2", "#e69f00")
_PANELS_MAX: Final = 6
_POINTS_MAX: Final = 2000
"""Moments that are drawn of one track; more could not be told apart."""

_WIDTH_INCHES, _PANEL_INCHES = 10.0, 1.6
# A track that was not seen for so many usual steps has a gap.
_GAP_STEPS: Final = 1.5

Points = NDArray[np.float64]


def require_plotting() -> None:
    """Refuse where Matplotlib is not installed.

    Raises:
        ConfigurationError.
    """
    try:
        import_module("matplotlib")
    except ImportError as exc:
        raise ConfigurationError("plotting needs Matplotlib; run: pip install 'oss-faces[plot]'") from exc


@dataclass(slots=True)
class _Series:
    times: "array[float]" = field(default_factory=lambda: array("d"))
    scores: "array[float]" = field(default_factory=lambda: array("f"))


class ExpressionPlot:
    """Takes the moments of a series one after the other, and draws them in the end."""

    def __init__(self) -> None:
        self._series: dict[int, _Series] = {}
        self._moments = 0
        self._first: float | None = None
        self._last = 0.0
        self._has_times = True

    def add(self, moment: Moment) -> None:
        """Note what the faces of one picture show."""
        if moment.result is None:
            return
        self._has_times = moment.time_s is not None
        self._last = float(moment.frame) if moment.time_s is None else moment.time_s
        self._first = self._last if self._first is None else self._first
        self._moments += 1
        for face, track in zip(moment.result.faces, moment.tracks, strict=True):
            if face.emotion is not None:
                series = self._series.setdefault(track, _Series())
                series.times.append(self._last)
                series.scores.extend(face.emotion.scores[name] for name in EXPRESSION_NAMES)

    def write(self, target: Path) -> None:
        """Draw the tracks that were seen most often, one below the other.

        Raises:
            OSError: the file cannot be written.
        """
        from matplotlib import rc_context  # noqa: PLC0415  an extra, which takes its time
        from matplotlib.figure import Figure  # noqa: PLC0415  the same

        tracks = sorted(sorted(self._series, key=lambda track: -len(self._series[track].times))[:_PANELS_MAX])
        figure = Figure((_WIDTH_INCHES, 1.2 + _PANEL_INCHES * max(len(tracks), 1)), layout="constrained")
        panels = figure.subplots(max(len(tracks), 1), 1, sharex=True, squeeze=False)[:, 0]
        for track, axes in zip(tracks, panels, strict=False):
            self._draw(axes, self._series[track])
            axes.set_ylabel(f"track {track}")
        if not tracks:
            panels[0].text(0.5, 0.5, "no expressions", ha="center", va="center", transform=panels[0].transAxes)
        step = self._step()
        panels[-1].set_xlim(self._first or 0.0, self._last + step)
        panels[-1].set_xlabel("seconds" if self._has_times else "picture")
        figure.suptitle(f"Expressions ({len(tracks)} of {len(self._series)} tracks)" if tracks else "Expressions")
        if tracks:
            figure.legend(
                panels[0].collections[: len(EXPRESSION_NAMES)],
                EXPRESSION_NAMES,
                loc="outside lower center",
                ncols=len(EXPRESSION_NAMES),
            )
        # Text stays text, and the same series gives the same bytes.
        with rc_context({"svg.fonttype": "none", "svg.hashsalt": "oss-faces"}):
            figure.savefig(target, dpi=120, metadata={"Date": None} if target.suffix.lower() == ".svg" else None)

    def _draw(self, axes: "Axes", series: _Series) -> None:
        times = np.array(series.times)
        scores = np.array(series.scores, np.float64).reshape(-1, len(EXPRESSION_NAMES))
        shown = np.unique(np.linspace(0, len(times) - 1, min(len(times), _POINTS_MAX)).astype(int))
        for x, y in _runs(times[shown], scores[shown], self._step()):
            axes.stackplot(x, y.T, colors=_COLOURS, step="post", linewidth=0)
        axes.set_ylim(0, 1)
        axes.set_yticks((0, 0.5, 1))

    def _step(self) -> float:
        """Time from one picture to the next, on average."""
        span = self._last - (self._first or 0.0)
        return span / (self._moments - 1) if self._moments > 1 and span > 0 else 1.0


def _runs(times: Points, scores: Points, step: float) -> Iterator[tuple[Points, Points]]:
    """Split a series where it has gaps; each part ends one step behind its last moment."""
    usual = max(step, float(np.median(np.diff(times))) if len(times) > 1 else step)
    breaks = np.flatnonzero(np.diff(times) > _GAP_STEPS * usual) + 1
    for x, y in zip(np.split(times, breaks), np.split(scores, breaks), strict=True):
        yield np.append(x, x[-1] + step), np.vstack([y, y[-1:]])
