"""What the distance of two vectors means: the similarity of the wire, and how often strangers come as near."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from oss_faces.errors import ConfigurationError
from oss_faces.geometry import FloatArray
from oss_faces.recognition.settings import SAME_SIMILARITY

# Shares of the strangers that lie nearer than the distances at which a similarity is 0.8, and 0.5.
SAME_RATE: Final = 1e-3
OPEN_RATE: Final = 1e-2
# Log odds of 0.8; those of 0.5 are 0.
_SAME_LOG_ODDS: Final = math.log(SAME_SIMILARITY / (1 - SAME_SIMILARITY))
_FARTHEST: Final = 2.0
# How steep the line is where nothing was measured, as a part of how steep it was before.
_BEYOND: Final = 0.5


@dataclass(frozen=True, slots=True)
class Calibration:
    """How near strangers come to each other in one space. Measured in that space, and never taken over from another.

    Attributes:
        strangers: (rate, distance) pairs, both ascending: this share of pairs of two persons is nearer than the
            distance. The rates 0.001 and 0.01 are among them.
    """

    strangers: tuple[tuple[float, float], ...]

    def validate(self) -> None:
        """Refuse what cannot have been measured.

        Raises:
            ConfigurationError: says what is wrong.
        """
        rates, distances = [rate for rate, _ in self.strangers], [distance for _, distance in self.strangers]
        if SAME_RATE not in rates or OPEN_RATE not in rates:
            raise ConfigurationError(f"a calibration names the distances at the rates {SAME_RATE} and {OPEN_RATE}")
        if not (_ascends([0.0, *rates, 1.0]) and _ascends([0.0, *distances, _FARTHEST])):
            raise ConfigurationError("rates ascend between 0 and 1, and their distances between 0 and 2")

    def similarity(self, first: FloatArray, second: FloatArray) -> float:
        """Tell how surely two faces are one person: 0..1, calibrated so that 0.8 is the threshold.

        Args:
            first, second: (D,) float32 of length 1, of the space that was measured.
        """
        return self.similarity_at(float(np.linalg.norm(first - second)))

    def similarity_at(self, distance: float) -> float:
        """Tell the similarity of two vectors of length 1 with this distance, 0 to 2."""
        return 1 / (1 + math.exp(self._steepness * (distance - self._distance_at(OPEN_RATE))))

    def distance_of(self, similarity: float) -> float:
        """Tell the distance of two vectors that have this similarity, above 0 and below 1."""
        return self._distance_at(OPEN_RATE) - math.log(similarity / (1 - similarity)) / self._steepness

    def false_match_rate(self, similarity: float) -> float:
        """Tell the share of pairs of strangers that have this similarity or a higher one.

        Between two measured points the logarithm of the rate is taken for a straight line. Nearer than the first
        point nothing was measured: the line goes on half as steep, which tells rather too many than too few. Farther
        than the last point the answer is 1.
        """
        distance = self.distance_of(similarity)
        distances = [distance for _, distance in self.strangers]
        logs = [math.log(rate) for rate, _ in self.strangers]
        if distance > distances[-1]:
            return 1.0
        if distance < distances[0]:
            steepness = (logs[1] - logs[0]) / (distances[1] - distances[0])
            return math.exp(logs[0] - _BEYOND * steepness * (distances[0] - distance))
        return math.exp(float(np.interp(distance, distances, logs)))

    @property
    def _steepness(self) -> float:
        """Of the logistic curve through both thresholds."""
        return _SAME_LOG_ODDS / (self._distance_at(OPEN_RATE) - self._distance_at(SAME_RATE))

    def _distance_at(self, rate: float) -> float:
        return dict(self.strangers)[rate]


def _ascends(numbers: Sequence[float]) -> bool:
    return all(before < after for before, after in itertools.pairwise(numbers))


DLIB_DIMENSIONS: Final = 128
# Of `dlib-recognition@1` as `NetworkEmbedder` feeds it, on all pairs of strangers of CelebA: of the two sets that were
# measured the one on which strangers come nearer to each other; see decision 0507 and the card.
DLIB_CALIBRATION: Final = Calibration(
    ((1e-6, 0.254), (1e-5, 0.284), (1e-4, 0.319), (1e-3, 0.355), (1e-2, 0.398), (1e-1, 0.461))
)
