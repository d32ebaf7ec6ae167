"""The straight lines: bytes -> decode -> detect -> analyse -> embed, or parts of it. Nothing else lives here."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from oss_faces.analysis import Analyser, by_area
from oss_faces.decoding import DecodingSettings
from oss_faces.described import DescribedFaces, LargestFace
from oss_faces.detection import Detector
from oss_faces.recognition import Embedder
from oss_faces.values import FaceResult, Image


@dataclass(frozen=True, slots=True)
class FacePipeline:
    """The stages, bound once by the composition root. Safe to be called from several threads at once.

    Attributes:
        decode: bytes of a picture file to an upright `Image`; raises `ImageError`.
        models: `name@version` of every model behind the stages.
        size_bytes_max: length of the longest file that `decode` takes; nobody need read more of one.
        clock: monotonic seconds, for the stage timings only.
    """

    decode: Callable[[bytes], Image]
    detector: Detector
    analyser: Analyser
    models: tuple[str, ...]
    size_bytes_max: int = DecodingSettings().size_bytes_max
    clock: Callable[[], float] = time.perf_counter

    def find_faces(self, content: bytes) -> FaceResult:
        """Find and describe every face of a picture.

        Args:
            content: a whole picture file.

        Raises:
            ImageError: the content is no picture that can be analysed.
            InferenceError: a network could not be run.
        """
        return self.look(content)[1]

    def look(self, content: bytes) -> tuple[Image, FaceResult]:
        """Do the same, and give the picture with it, for stages behind these."""
        started = self.clock()
        image = self.decode(content)
        decoded = self.clock()
        result = self._look_at(image, decoded)
        return image, replace(result, stage_ms={"decode": (decoded - started) * 1e3, **result.stage_ms})

    def look_at(self, image: Image) -> FaceResult:
        """Find and describe every face of a picture that is decoded already, as a frame of a video is.

        Raises:
            InferenceError: a network could not be run.
        """
        return self._look_at(image, self.clock())

    def _look_at(self, image: Image, started: float) -> FaceResult:
        detections = self.detector.detect(image)
        detected = self.clock()
        faces = self.analyser.analyse(image, detections)
        analysed = self.clock()
        stage_ms = {"detect": (detected - started) * 1e3, "analyse": (analysed - detected) * 1e3}
        return FaceResult(image.size, faces, self.models, image.orientation, stage_ms)


@dataclass(frozen=True, slots=True)
class RecognitionPipeline:
    """The stages from a picture to the vectors of its faces. Safe to be called from several threads at once.

    Attributes:
        faces: whose decoder, detector, analyser and clock are used.
    """

    faces: FacePipeline
    embedder: Embedder

    @property
    def models(self) -> tuple[str, ...]:
        """`name@version` of every model that takes part in `describe`."""
        return (*self.faces.models, self.embedder.space)

    def describe(self, content: bytes) -> DescribedFaces:
        """Find, describe and embed every face of a picture, which is decoded and searched once.

        Raises:
            ImageError, InferenceError: as for `FacePipeline.find_faces`.
        """
        return self._with_vectors(*self.faces.look(content))

    def describe_image(self, image: Image) -> DescribedFaces:
        """Do the same for a picture that is decoded already.

        Raises:
            InferenceError: a network could not be run.
        """
        return self._with_vectors(image, self.faces.look_at(image))

    def _with_vectors(self, image: Image, result: FaceResult) -> DescribedFaces:
        found = self.faces.clock()
        landmarks = np.array([face.landmarks for face in result.faces], np.float32).reshape(-1, 5, 2)
        vectors = self.embedder.embed(image, landmarks)
        stage_ms = {**result.stage_ms, "embed": (self.faces.clock() - found) * 1e3}
        return DescribedFaces(replace(result, stage_ms=stage_ms), vectors)

    def embed_largest(self, content: bytes) -> LargestFace:
        """Find the face with the largest box, which is the first of `FacePipeline.find_faces`, and embed it.

        Raises:
            ImageError, InferenceError: as for `FacePipeline.find_faces`.
        """
        clock = self.faces.clock
        started = clock()
        image = self.faces.decode(content)
        decoded = clock()
        detections, _ = by_area(image, self.faces.detector.detect(image))
        detected = clock()
        vectors = self.embedder.embed(image, detections.landmarks[:1])
        embedded = clock()
        stage_ms = {
            "decode": (decoded - started) * 1e3,
            "detect": (detected - decoded) * 1e3,
            "embed": (embedded - detected) * 1e3,
        }
        return LargestFace(vectors[0] if len(vectors) else None, len(detections), stage_ms)
