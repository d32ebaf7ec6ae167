"""What comes out of the lines of `pipeline.py`, for those who do not run them: they are in other processes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from oss_faces.geometry import FloatArray
from oss_faces.recognition import VectorSpace
from oss_faces.values import FaceResult


@dataclass(frozen=True, slots=True)
class LargestFace:
    """The face of a picture that is compared.

    Attributes:
        vector: (128,) float32 of length 1; `None` when the picture shows no face.
        faces: how many faces the picture shows.
        stage_ms: wall time of each stage in milliseconds.
    """

    vector: FloatArray | None
    faces: int
    stage_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DescribedFaces:
    """All faces of one picture, each with its vector.

    Attributes:
        result: as `FacePipeline.find_faces` gives it, with the time of embedding; its models are those behind the
            description, so that a face has the same FigureId here and there.
        vectors: (N, 128) float32 of length 1, in the order of the faces.
    """

    result: FaceResult
    vectors: FloatArray


class Recognition(Protocol):
    """What is known of the networks behind the vectors of faces, by those who do not run them."""

    @property
    def models(self) -> tuple[str, ...]:
        """`name@version` of every model that takes part in `RecognitionPipeline.describe`."""
        ...

    @property
    def embedder(self) -> VectorSpace:
        """The space of the vectors."""
        ...


@dataclass(frozen=True, slots=True)
class RecognitionFacts:
    """The same of networks that run in other processes.

    Attributes:
        face_models: `name@version` of the models that find and describe faces.
    """

    face_models: tuple[str, ...]
    embedder: VectorSpace

    @property
    def models(self) -> tuple[str, ...]:
        """See `Recognition.models`."""
        return (*self.face_models, self.embedder.space)
