"""The time of a search by the number of vectors, drawn from the rows of the report."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure

from evaluation.rows import Row

WAYS: Final = {"exact": "float32", "codes_numpy": "codes, NumPy", "codes": "codes, engine"}


def plot_searches(path: Path, rows: Sequence[Row], sizes: Sequence[tuple[str, int]]) -> None:
    """Draw every way of searching, for one face and for several at once, as PNG.

    Args:
        sizes: name and number of vectors of each set, ascending.
    """
    together = sorted({int(row.metric.rpartition("_q")[2]) for row in rows if "_over_read_q" in row.metric})
    with mpl.rc_context({"svg.hashsalt": "oss-faces", "font.size": 8}):
        figure = Figure(figsize=(9.0, 3.6), dpi=110, layout="constrained")
        for axes, faces in zip(figure.subplots(1, len(together)), together, strict=True):
            for way, label in WAYS.items():
                by_set = {row.set: row for row in rows if row.metric == f"{way}_over_read_q{faces}"}
                known = [(count, by_set[name]) for name, count in sizes if name in by_set]
                values = [row.value for _, row in known]
                spread = [[row.value - row.low for _, row in known], [row.high - row.value for _, row in known]]
                axes.errorbar([count for count, _ in known], values, yerr=spread, label=label, marker="o", capsize=2)
            axes.axhline(1.0, color="grey", linewidth=0.8)
            axes.set(
                title="one face" if faces == 1 else f"{faces} faces at once",
                xlabel="vectors",
                ylabel="time of a search / reading all float32 once",
                xscale="log",
                yscale="log",
            )
            axes.grid(visible=True, which="both", alpha=0.3)
            axes.legend()
        figure.savefig(path, metadata={"Software": None})
