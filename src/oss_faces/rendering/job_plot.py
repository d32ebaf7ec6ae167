"""The summary of a job as a picture, by Matplotlib, an extra."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from oss_faces.rendering.plot import require_plotting

_WIDTH_INCHES, _HEIGHT_INCHES = 12.0, 3.6
_COLOURS: Final = ("#0072b2", "#009e73", "#d55e00")
_ERRORS_MAX: Final = 12


def plot_summary(summary: Mapping[str, Any], target: Path) -> None:
    """Draw faces per picture, ages and errors, side by side.

    Args:
        summary: with `faces_per_picture`, `ages` and `errors`, each a name of a group -> a number.

    Raises:
        ConfigurationError: Matplotlib is not installed.
        OSError: the file cannot be written.
    """
    require_plotting()
    from matplotlib.figure import Figure  # noqa: PLC0415  an extra, which takes its time

    figure = Figure((_WIDTH_INCHES, _HEIGHT_INCHES), layout="constrained")
    groups = (
        ("faces_per_picture", "faces per picture", "pictures"),
        ("ages", "apparent age, years from", "faces"),
        ("errors", "errors", "pictures"),
    )
    for axes, (name, title, unit), colour in zip(figure.subplots(1, 3), groups, _COLOURS, strict=True):
        counts = dict(list(summary[name].items())[:_ERRORS_MAX]) if name == "errors" else summary[name]
        axes.bar(list(counts), list(counts.values()), color=colour)
        axes.set_xlabel(title)
        axes.set_ylabel(unit)
        axes.tick_params("x", rotation=45 if name == "errors" else 0)
        if not counts:
            axes.text(0.5, 0.5, "none", ha="center", va="center", transform=axes.transAxes)
    figure.suptitle(f"{summary['pictures']} pictures, {summary['faces']} faces")
    figure.savefig(target, dpi=120)
