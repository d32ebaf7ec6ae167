"""How crowded it is around a face: some kinds of faces lie nearer to strangers than others do, all in all.

Measured on photos of well known persons, this lets a third more pairs be joined at the same share of wrong ones, and
keeps groups of people whom the network knows less well from being thrown together. It also makes clustering stricter
by itself where there are more faces.
"""

from typing import Final

import numpy as np

from oss_faces.clustering.groups import Numbers
from oss_faces.vectors import Matches

NEIGHBOURS: Final = 200
"""How many near faces of each are looked at. When nearly all of them could be the same person, nothing is known of the
strangers, and nothing is assumed."""

_STRANGERS: Final = 50
_STRANGERS_MIN: Final = 10


def crowding(matches: Matches, limit: float, usual: float) -> Numbers:
    """Tell by how much strangers are nearer to each face than is usual: (N,) float64, in squared distance, at least 0.

    Args:
        matches: of each face among all of the dataset, itself included.
        limit: distance below which a face may be of the same person.
        usual: distance at which near strangers usually lie.
    """
    squares = matches.distances.astype(np.float64) ** 2
    strangers = np.isfinite(squares) & (squares >= limit**2)
    first = strangers & (np.cumsum(strangers, axis=1) <= _STRANGERS)
    counts = first.sum(axis=1)
    mean = np.where(first, squares, 0.0).sum(axis=1) / np.maximum(counts, 1)
    crowded: Numbers = np.where(counts >= _STRANGERS_MIN, np.maximum(usual**2 - mean, 0.0), 0.0)
    return crowded
