from dataclasses import dataclass
from typing import Protocol

from oss_faces.recognition.calibration import Calibration


class VectorSpace(Protocol):
    """What those must know of vectors who store and compare them, and make none."""

    @property
    def space(self) -> str:
        """Name and version of the space; vectors of two spaces must never be compared."""
        ...

    @property
    def calibration(self) -> Calibration:
        """What distances of two vectors mean."""
        ...


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

    @property
    def space(self) -> str:
        """The name; see `VectorSpace.space`."""
        return self.name
