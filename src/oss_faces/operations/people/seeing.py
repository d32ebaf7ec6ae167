"""From the bytes of a picture to faces that may or may not be matched."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from oss_faces.datasets import FileFacts, NewFigure
from oss_faces.decoding import DecodingSettings, inspect
from oss_faces.geometry import FloatArray
from oss_faces.imm_errors import NoFaceFound
from oss_faces.pipeline import RecognitionPipeline
from oss_faces.recognition import Calibration, FitnessSettings, Flaw, flaws
from oss_faces.rendering.figures import figure_id
from oss_faces.values import Face

# The largest face of a picture is the one that is meant when its box has so many times the area of any other.
DOMINANCE: Final = 4.0


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A face with its vector, and why it must not be matched; no flaw: it may."""

    figure: NewFigure
    flaws: tuple[Flaw, ...]

    @property
    def face(self) -> Face:
        """Where it is and what is known of it."""
        return self.figure.face

    @property
    def vector(self) -> FloatArray:
        """(D,) float32 of length 1."""
        return self.figure.vector


@dataclass(frozen=True, slots=True)
class SeenPicture:
    """All faces of a picture, by descending area.

    Attributes:
        uri: `file:` and the SHA-256 of its bytes: neither a path nor a name of a file is kept.
        space: of the vectors.
    """

    uri: str
    facts: FileFacts
    space: str
    faces: tuple[SeenFace, ...]

    @property
    def meant(self) -> SeenFace | None:
        """The one face that is meant: the only one, or the largest by far. None: there are several."""
        if not self.faces:
            raise NoFaceFound("no face was found")
        areas = [seen.face.box.area for seen in self.faces]
        return self.faces[0] if len(areas) == 1 or areas[0] >= DOMINANCE * areas[1] else None


@dataclass(frozen=True, slots=True)
class Sight:
    """Finds and judges the faces of pictures."""

    pipeline: RecognitionPipeline
    decoding: DecodingSettings
    fitness: FitnessSettings

    @property
    def calibration(self) -> Calibration:
        """What distances of its vectors mean."""
        return self.pipeline.embedder.calibration

    def see(self, content: bytes, modified: datetime) -> SeenPicture:
        """Find every face.

        Args:
            content: a whole picture file.
            modified: when the file was last changed, aware UTC.

        Raises:
            ImageError: it is no picture that can be analysed.
            InferenceError: a network could not be run.
        """
        described = self.pipeline.describe(content)
        result = described.result
        etag = hashlib.md5(content, usedforsecurity=False).hexdigest().upper()
        faces = tuple(
            SeenFace(NewFigure(figure_id(face.box, result, etag), face, vector), flaws(face, self.fitness))
            for face, vector in zip(result.faces, described.vectors, strict=True)
        )
        facts = FileFacts(
            etag=etag,
            size_bytes=len(content),
            content_type=f"image/{inspect(content, self.decoding).format}",
            modified=modified,
            image=result.size,
            orientation=result.orientation,
            models=self.pipeline.models,
        )
        uri = f"file:{hashlib.sha256(content).hexdigest()}"
        return SeenPicture(uri, facts, self.pipeline.embedder.space, faces)
