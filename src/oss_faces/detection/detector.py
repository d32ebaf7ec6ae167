from typing import Protocol

from oss_faces.values import Detections, Image


class Detector(Protocol):
    """Finds faces. Safe to be called from several threads at once."""

    @property
    def name_version(self) -> str:
        """`name@version` of the model behind it."""
        ...

    def detect(self, image: Image) -> Detections:
        """Find every face of a picture.

        Returns:
            Detections in source pixels, by descending score, each face once.

        Raises:
            EngineFailed: the engine broke down.
        """
        ...
