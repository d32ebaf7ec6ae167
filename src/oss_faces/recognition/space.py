from dataclasses import dataclass

from oss_faces.recognition.calibration import Calibration


@dataclass(frozen=True, slots=True)
class Space:
    """A space of vectors: those of two spaces must never be compared.

    Attributes:
        name: name and version of all that a vector depends on; stored with every vector.
        dimensions: how many numbers a vector has.
        calibration: what distances of two vectors mean.
    """

    name: str
    dimensions: int
    calibration: Calibration
