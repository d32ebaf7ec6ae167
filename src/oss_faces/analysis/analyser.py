"""Faces found become faces described: cut, one run of one network, numbers given their names."""

from typing import Any, Protocol

import numpy as np

from oss_faces.analysis.compression import compression_losses
from oss_faces.analysis.crops import cut_faces
from oss_faces.analysis.reading import INPUT, attributes_of, rows_of
from oss_faces.analysis.settings import AnalysisSettings
from oss_faces.geometry import FloatArray, box_areas
from oss_faces.inference import Session
from oss_faces.values import Box, Detections, Face, Image


class Analyser(Protocol):
    """Describes faces. Safe to be called from several threads at once."""

    def analyse(self, image: Image, detections: Detections) -> tuple[Face, ...]:
        """Describe every detection.

        Returns:
            Faces by descending area of their clipped box. A detection wholly outside the picture is left out.

        Raises:
            EngineFailed: the engine broke down.
        """
        ...


class AttributeAnalyser:
    """All attributes from one network; a picture's faces go through it in batches of bounded size."""

    def __init__(self, session: Session, settings: AnalysisSettings) -> None:
        settings.validate()
        self._session = session
        self._settings = settings

    def analyse(self, image: Image, detections: Detections) -> tuple[Face, ...]:
        """Describe every detection; see `Analyser.analyse`."""
        ordered, boxes = by_area(image, detections)
        faces: list[Face] = []
        for begin in range(0, len(ordered), self._settings.batch_max):
            part = slice(begin, begin + self._settings.batch_max)
            faces.extend(self._describe(image, ordered.select(part), boxes[part]))
        return tuple(faces)

    def _describe(self, image: Image, detections: Detections, boxes: FloatArray) -> list[Face]:
        crops = cut_faces(image, detections)
        rows = rows_of(self._session.run({INPUT: crops.pixels}))
        losses = compression_losses(image, boxes)
        return [
            plain_face(detections, place, boxes[place], self._kept(attributes_of(row, crops.frames[place], loss)))
            for place, (row, loss) in enumerate(zip(rows, losses.tolist(), strict=True))
        ]

    def _kept(self, attributes: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in attributes.items() if name not in self._settings.omit}


def by_area(image: Image, detections: Detections) -> tuple[Detections, FloatArray]:
    """Clip boxes to the picture and put the largest first.

    Returns:
        The detections that show in the picture, and their clipped boxes (N, 4), both by descending clipped area;
        equals stay in the order in which they came.
    """
    width, height = image.size.width, image.size.height
    clipped = np.clip(detections.boxes, 0, np.array([width, height, width, height], np.float32))
    areas = box_areas(clipped)
    order = np.argsort(-areas, kind="stable")
    order = order[areas[order] > 0]
    return detections.select(order), clipped[order]


def plain_face(detections: Detections, place: int, box: FloatArray, attributes: dict[str, Any]) -> Face:
    """Build one face from its detection, its clipped box and what is known about it."""
    left, top, right, bottom = (float(edge) for edge in box)
    return Face(
        Box(left, top, right, bottom),
        float(detections.scores[place]),
        detections.landmarks[place],
        **attributes,
    )
