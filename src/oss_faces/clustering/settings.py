from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oss_faces.errors import ConfigurationError

if TYPE_CHECKING:
    from oss_faces.recognition import Calibration

# Similarity of a face and the strangers that are nearest to it, where it is not more crowded than usual. Found on two
# sets of photos of well known persons together with the default of `linkage_similarity`; see decision 0503.
_USUAL_SIMILARITY: Final = 0.4


@dataclass(frozen=True, slots=True)
class ClusteringSettings:
    """Which faces become a cluster of one person. IMM documents the rules for the faces that a cluster begins with.

    Attributes:
        linkage_similarity: two groups of faces are one person while the distance of their vectors, as root mean square
            over all pairs, is below that of this similarity; less far where strangers lie near.
        founding_quality: FaceQuality that each of the three faces has to exceed with which a cluster begins.
        founding_side: pixels that the shorter side of their boxes has to exceed.
        founding_degrees: below this each of their |Pitch|, |Roll| and |Yaw| has to be.
    """

    linkage_similarity: float = 0.93
    founding_quality: float = 0.3
    founding_side: int = 75
    founding_degrees: int = 30

    def validate(self) -> None:
        """Raise `ConfigurationError` when a value is out of range."""
        if not 0.5 <= self.linkage_similarity <= 0.999:
            raise ConfigurationError("clustering.linkage_similarity must be between 0.5 and 0.999")
        if not 0 <= self.founding_quality < 1:
            raise ConfigurationError("clustering.founding_quality must be at least 0 and below 1")
        if not 0 <= self.founding_side <= 10_000:
            raise ConfigurationError("clustering.founding_side must be between 0 and 10000")
        if not 1 <= self.founding_degrees <= 180:
            raise ConfigurationError("clustering.founding_degrees must be between 1 and 180")

    def linkage_distance(self, calibration: "Calibration") -> float:
        """Tell the distance below which two groups are one person; never below 0."""
        return max(calibration.distance_of(self.linkage_similarity), 0.0)


def usual_distance(calibration: "Calibration") -> float:
    """Tell at which distance the nearest strangers of a face usually lie."""
    return calibration.distance_of(_USUAL_SIMILARITY)
