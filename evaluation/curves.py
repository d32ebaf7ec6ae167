from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray


def plot_precision_recall(
    path: Path,
    precision: NDArray[np.float64],
    recall: NDArray[np.float64],
    label: str,
    served: tuple[float, float],
) -> None:
    """Draw the curve of a detector, and the point at which it serves, as PNG.

    Args:
        path: the file to write.
        precision: (N,) after each detection.
        recall: (N,) after each detection.
        label: what the curve is of.
        served: recall and precision at the default threshold.
    """
    with mpl.rc_context({"svg.hashsalt": "oss-faces"}):
        figure = Figure(figsize=(6.0, 4.5), dpi=120, layout="constrained")
        axes = figure.add_subplot()
        axes.plot(recall, precision, label=label)
        axes.plot(*served, "o", label=f"default threshold: recall {served[0]:.3f}, precision {served[1]:.3f}")
        axes.set(xlabel="recall", ylabel="precision", xlim=(0.0, 1.01), ylim=(0.5, 1.01))
        axes.grid(visible=True, alpha=0.3)
        axes.legend(loc="lower left")
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without this the file would differ from run to run.
        figure.savefig(path, metadata={"Software": None})
