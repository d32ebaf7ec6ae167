import math
from dataclasses import dataclass
from typing import Final

from oss_faces.errors import ConfigurationError
from oss_faces.recognition import Calibration

# Figures in a dataset up to which `linkage_similarity` holds as it is. Strangers that are too alike grow with the
# number of pairs; with dlib's vectors, a tenfold of them is undone by about one more in the log odds.
LINKAGE_FIGURES: Final = 4000
LINKAGE_TENFOLD: Final = 1.0


@dataclass(frozen=True, slots=True)
class ClusteringSettings:
    """Which faces become a cluster of one person. IMM documents the rules for the faces that a cluster begins with.

    Attributes:
        linkage_similarity: two groups of faces are one person while the distance of their vectors, as root mean square
            over all pairs, is below that of this similarity. The default keeps 98 of 100 pairs right in datasets of up
            to 4,000 figures; in larger ones a higher one is asked for.
        founding_quality: FaceQuality that each of the three faces has to exceed with which a cluster begins.
        founding_side: pixels that the shorter side of their boxes has to exceed.
        founding_degrees: below this each of their |Pitch|, |Roll| and |Yaw| has to be.
        joining_quality: FaceQuality from which on other faces may join a cluster that there is.
    """

    linkage_similarity: float = 0.95
    founding_quality: float = 0.5
    founding_side: int = 75
    founding_degrees: int = 30
    joining_quality: float = 0.2

    def validate(self) -> None:
        """Raise `ConfigurationError` when a value is out of range."""
        if not 0.5 <= self.linkage_similarity < 1:
            raise ConfigurationError("clustering.linkage_similarity must be at least 0.5 and below 1")
        for name in ("founding_quality", "joining_quality"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigurationError(f"clustering.{name} must be between 0 and 1")
        if not 0 <= self.founding_side <= 10_000:
            raise ConfigurationError("clustering.founding_side must be between 0 and 10000")
        if not 0 < self.founding_degrees <= 180:
            raise ConfigurationError("clustering.founding_degrees must be between 1 and 180")

    def linkage_distance(self, calibration: Calibration, figures: int) -> float:
        """Tell the distance below which groups are one person in a dataset of so many figures; never below 0."""
        tenfolds = math.log10(max(figures, LINKAGE_FIGURES) / LINKAGE_FIGURES)
        log_odds = math.log(self.linkage_similarity / (1 - self.linkage_similarity)) + LINKAGE_TENFOLD * tenfolds
        return max(calibration.distance_of(1 / (1 + math.exp(-log_odds))), 0.0)
