"""Search a picture for faces of every size: an overview, a look for very large faces, closer looks for small ones."""

from typing import Final

import numpy as np
from PIL import Image as Pillow

from oss_faces.detection.centerface import SIDE_MULTIPLE, detect_on_canvas
from oss_faces.detection.merging import Sightings, merge
from oss_faces.detection.settings import DetectionSettings
from oss_faces.detection.views import View, Window, fit_window
from oss_faces.geometry import FloatArray
from oss_faces.inference import CENTERFACE, Session
from oss_faces.values import Detections, Image

# Enlarging a face of 12 px threefold is what makes it visible to the network; more finds hardly more.
ZOOM_MAX: Final = 3.0


class CenterFaceDetector:
    """CenterFace at several scales. Safe to be called from several threads at once."""

    def __init__(self, session: Session, settings: DetectionSettings) -> None:
        settings.validate()
        self._session = session
        self._settings = settings

    @property
    def name_version(self) -> str:
        """`name@version` of the network."""
        return CENTERFACE.name_version

    def detect(self, image: Image) -> Detections:
        """Find every face of a picture; see `Detector.detect`."""
        settings = self._settings
        height, width = image.pixels.shape[:2]
        whole = Window(0, 0, width, height)
        views = [
            fit_window(whole, settings.overview_side, ZOOM_MAX),
            # The black margin gives a face that fills the picture, or is cut by its edge, the room it needs.
            fit_window(whole, settings.large_face_side, ZOOM_MAX, margin=SIDE_MULTIPLE),
        ]
        picture = Pillow.fromarray(image.pixels)
        found = merge([self._look(picture, view) for view in views], settings.iou_threshold)
        return _to_source(found.select(slice(settings.faces_max)), image)

    def _look(self, picture: Pillow.Image, view: View) -> Sightings:
        found = detect_on_canvas(self._session, view.draw(picture), self._settings.score_threshold)
        return Sightings(view.to_stored(found), found.boxes[:, 2] - found.boxes[:, 0])


def _to_source(found: Detections, image: Image) -> Detections:
    """Turn detections in stored pixels into detections in source pixels."""
    scale: FloatArray = np.array(image.scale, np.float32)
    boxes = (found.boxes.reshape(-1, 2, 2) / scale).reshape(-1, 4)
    return Detections(boxes, found.scores, found.landmarks / scale)
