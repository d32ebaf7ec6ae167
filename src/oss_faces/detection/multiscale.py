"""Search a picture for faces of every size, and report each once.

The overview sees most faces. A look from afar sees those as large as the picture. Where the scout suspects faces too
small for the overview, closer looks decide. What the three see is merged.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from oss_faces.detection.centerface import SIDE_MULTIPLE, detect_on_canvas
from oss_faces.detection.closer import (
    WINDOW_CANVAS,
    ZOOM_MAX,
    LevelHints,
    plan_reductions,
    plan_windows,
    whole_faces,
)
from oss_faces.detection.merging import Sightings, merge
from oss_faces.detection.scout import find_hints
from oss_faces.detection.settings import DetectionSettings
from oss_faces.detection.views import View, Window, fit_window
from oss_faces.geometry import FloatArray
from oss_faces.inference import CENTERFACE, Session
from oss_faces.values import Detections, Image, ImageSize


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
        whole = Window(0, 0, size.width, size.height)
        picture = Pillow.fromarray(image.pixels)
        overview = fit_window(whole, settings.overview_side, ZOOM_MAX)
        # The black margin gives a face that fills the picture, or is cut by its edge, the room it needs.
        afar = fit_window(whole, settings.large_face_side, ZOOM_MAX, margin=SIDE_MULTIPLE)
        seen = [self._look(picture, view, size) for view in (overview, afar)]
        if self._scout is not None and settings.closer_look_pixels_max:
            found = merge(seen, settings.iou_threshold)
            reductions = plan_reductions(overview.content.width / size.width)
            levels = [self._ask_scout(self._scout, image.pixels, picture, by) for by in reductions]
            windows_max = settings.closer_look_pixels_max // WINDOW_CANVAS**2
            closer = plan_windows(levels, found, size, windows_max)
            seen += [self._look(picture, view, size) for view in closer]
        return _to_source(merge(seen, settings.iou_threshold).select(slice(settings.faces_max)), image)

    def _look(self, picture: Pillow.Image, view: View, size: ImageSize) -> Sightings:
        on_canvas = detect_on_canvas(self._session, view.draw(picture), self._settings.score_threshold)
        found = whole_faces(view.to_stored(on_canvas), view, size)
        zoom = view.content.width / view.window.width
        return Sightings(found, (found.boxes[:, 2] - found.boxes[:, 0]) * np.float32(zoom))

    def _ask_scout(
        self, scout: Session, pixels: NDArray[np.uint8], picture: Pillow.Image, reduction: int
    ) -> LevelHints:
        level = pixels if reduction == 1 else np.asarray(picture.reduce(reduction))
        return LevelHints(reduction, find_hints(scout, level, self._settings.hint_threshold))


def _to_source(found: Detections, image: Image) -> Detections:
    """Turn detections in stored pixels into detections in source pixels."""
    scale: FloatArray = np.array(image.scale, np.float32)
    boxes = (found.boxes.reshape(-1, 2, 2) / scale).reshape(-1, 4)
    return Detections(boxes, found.scores, found.landmarks / scale)
