"""The straight line: bytes -> decode -> detect -> analyse. Nothing else lives here."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from oss_faces.analysis import Analyser
from oss_faces.detection import Detector
from oss_faces.values import FaceResult, Image


@dataclass(frozen=True, slots=True)
class FacePipeline:
    """The stages, bound once by the composition root. Safe to be called from several threads at once.

    Attributes:
        decode: bytes of a picture file to an upright `Image`; raises `ImageError`.
        models: `name@version` of every model behind the stages.
        clock: monotonic seconds, for the stage timings only.
    """

    decode: Callable[[bytes], Image]
    detector: Detector
    analyser: Analyser
    models: tuple[str, ...]
    clock: Callable[[], float] = time.perf_counter

    def find_faces(self, content: bytes) -> FaceResult:
        """Find and describe every face of a picture.

        Args:
            content: a whole picture file.

        Raises:
            ImageError: the content is no picture that can be analysed.
            InferenceError: a network could not be run.
        """
        started = self.clock()
        image = self.decode(content)
        decoded = self.clock()
        detections = self.detector.detect(image)
        detected = self.clock()
        faces = self.analyser.analyse(image, detections)
        analysed = self.clock()
        stage_ms = {
            "decode": (decoded - started) * 1e3,
            "detect": (detected - decoded) * 1e3,
            "analyse": (analysed - detected) * 1e3,
        }
        return FaceResult(image.size, faces, self.models, image.orientation, stage_ms)
