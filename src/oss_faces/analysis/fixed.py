from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oss_faces.analysis.analyser import by_area, plain_face
from oss_faces.values import Detections, Face, Image


@dataclass(frozen=True, slots=True)
class FixedAnalyser:
    """An analyser that says the same of every face: for tests of what comes before and after it.

    Attributes:
        attributes: field of `values.Face` to its value.
    """

    attributes: Mapping[str, Any] = field(default_factory=dict)

    def analyse(self, image: Image, detections: Detections) -> tuple[Face, ...]:
        """Describe every detection; see `Analyser.analyse`."""
        ordered, boxes = by_area(image, detections)
        return tuple(plain_face(ordered, place, boxes[place], dict(self.attributes)) for place in range(len(ordered)))
