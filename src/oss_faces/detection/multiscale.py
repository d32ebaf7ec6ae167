"""Search a picture for faces of every size, and report each once.

The overview sees most faces. A look from afar sees those as large as the picture. Where the scout suspects faces too
small for the overview, closer looks decide. What the three see is merged.
"""

from typing import Final

import numpy as np

from oss_faces.detection.centerface import SIDE_MULTIPLE, detect_on_canvas
from oss_faces.detection.closer import (
    WINDOW_CANVAS,
    LevelHints,
    heed_hints,
    plan_reductions,
    plan_windows,
)
from oss_faces.detection.levels import Levels
from oss_faces.detection.merging import SCORE_FLOOR, Sightings, consolidate, merge
from oss_faces.detection.scout import find_hints
from oss_faces.detection.settings import DetectionSettings
from oss_faces.detection.views import View, view_whole
from oss_faces.geometry import FloatArray
from oss_faces.inference import CENTERFACE, Session
from oss_faces.values import Detections, Image, ImageSize

# Small pictures are not enlarged further than this: more only makes blur larger. Measured on 48 px crops.
OVERVIEW_ZOOM_MAX: Final = 3.0
AFAR_ZOOM_MAX: Final = 2.0


class CenterFaceDetector:
    """CenterFace at several scales. Safe to be called from several threads at once.

    Args:
        session: CenterFace as `prepare_centerface` makes it.
        settings: how hard to search.
        scout: the network that names places for a closer look; without it only faces that the overview can see
            are found.
    """

    def __init__(self, session: Session, settings: DetectionSettings, scout: Session | None = None) -> None:
        settings.validate()
        self._session = session
        self._settings = settings
        self._scout = scout

    @property
    def name_version(self) -> str:
        """`name@version` of the network that decides."""
        return CENTERFACE.name_version

    def detect(self, image: Image) -> Detections:
        """Find every face of a picture; see `Detector.detect`."""
        settings = self._settings
        size = ImageSize(image.pixels.shape[1], image.pixels.shape[0])
        levels = Levels(image.pixels)
        views = [
            view_whole(size, settings.overview_side, OVERVIEW_ZOOM_MAX),
            # The black margin gives a face that fills the picture, or is cut by its edge, the room it needs.
            view_whole(size, settings.large_face_side, AFAR_ZOOM_MAX, margin=SIDE_MULTIPLE),
        ]
        seen = [self._look(levels, view) for view in views]
        found = self._merge(seen)
        if self._scout is not None and settings.closer_look_pixels_max:
            hints = [self._ask_scout(self._scout, levels, by) for by in plan_reductions(views[0].zoom)]
            windows_max = settings.closer_look_pixels_max // WINDOW_CANVAS**2
            closer = plan_windows(hints, found, size, windows_max)
            if closer:
                found = self._merge(seen + [self._look_closer(levels, view, hints) for view in closer])
        return _to_source(found.select(slice(settings.faces_max)), image)

    def _merge(self, seen: list[Sightings]) -> Detections:
        return merge(seen, self._settings.score_threshold, self._settings.iou_threshold)

    def _look(self, levels: Levels, view: View) -> Sightings:
        floor = min(SCORE_FLOOR, self._settings.score_threshold)
        cells = view.to_stored(detect_on_canvas(self._session, view.draw(levels), floor))
        # A face that reaches over an edge of the window is cut: another view sees it whole.
        whole = cells.select(view.shows(cells.boxes, np.zeros(len(cells), np.float32)))
        return Sightings(view, consolidate(whole, self._settings.iou_threshold))

    def _look_closer(self, levels: Levels, view: View, hints: list[LevelHints]) -> Sightings:
        sighting = self._look(levels, view)
        return Sightings(view, heed_hints(sighting.found, hints))

    def _ask_scout(self, scout: Session, levels: Levels, reduction: int) -> LevelHints:
        return LevelHints(reduction, find_hints(scout, levels.pixels(reduction), self._settings.hint_threshold))


def _to_source(found: Detections, image: Image) -> Detections:
    """Turn detections in stored pixels into detections in source pixels."""
    scale: FloatArray = np.array(image.scale, np.float32)
    boxes = (found.boxes.reshape(-1, 2, 2) / scale).reshape(-1, 4)
    return Detections(boxes, found.scores, found.landmarks / scale)
