"""What can be asked about a picture file, by name: values that one process can hand to another.

A call holds no stage. Whoever does it has the stages, loaded once, and the bytes of the file beside it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from oss_faces.described import DescribedFaces, LargestFace
from oss_faces.errors import ImageTooLarge, OssFacesError, PictureTooLarge
from oss_faces.geometry import FloatArray
from oss_faces.protocol import Edit
from oss_faces.values import FaceResult, PictureFacts, PictureFile

if TYPE_CHECKING:
    # Whoever asks has no stages, and nothing of what they are made of.
    from oss_faces.pipeline import FacePipeline, RecognitionPipeline
    from oss_faces.recognition import Embedder
    from oss_faces.stages.editor import PictureEditor

Result_co = TypeVar("Result_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Stages:
    """Everything that works on pictures. Safe to be used from several threads at once."""

    faces: "FacePipeline"
    embedder: "Embedder"
    editor: "PictureEditor"

    @property
    def recognition(self) -> "RecognitionPipeline":
        """The line from a picture to the vectors of its faces."""
        from oss_faces.pipeline import RecognitionPipeline  # noqa: PLC0415  (see above)

        return RecognitionPipeline(self.faces, self.embedder)


class Call(Protocol[Result_co]):
    """A frozen value that says what to do with a picture file. It can be pickled, and so can its result."""

    def do(self, stages: Stages, content: bytes) -> Result_co:
        """Do it.

        Args:
            content: a whole picture file.

        Raises:
            ImageError, PictureError: the content is no picture that can be used; also when the memory did not suffice.
            InferenceError: a network could not be run.
        """
        ...


@dataclass(frozen=True, slots=True)
class FindFaces:
    """Find and describe every face, after a chain of edits."""

    edits: tuple[Edit, ...] = ()

    def do(self, stages: Stages, content: bytes) -> FaceResult:
        """See `Call.do`."""
        pipeline = stages.faces
        if self.edits:
            pipeline = replace(pipeline, decode=stages.editor.faces_decoder(self.edits))
        with _within_memory(ImageTooLarge):
            return pipeline.find_faces(content)


@dataclass(frozen=True, slots=True)
class DescribeFaces:
    """Find, describe and embed every face."""

    def do(self, stages: Stages, content: bytes) -> DescribedFaces:
        """See `Call.do`."""
        with _within_memory(ImageTooLarge):
            return stages.recognition.describe(content)


@dataclass(frozen=True, slots=True)
class EmbedLargest:
    """Find the largest face and embed it."""

    def do(self, stages: Stages, content: bytes) -> LargestFace:
        """See `Call.do`."""
        with _within_memory(ImageTooLarge):
            return stages.recognition.embed_largest(content)


@dataclass(frozen=True, slots=True, eq=False)
class EmbedFaces:
    """Embed faces that were found before.

    Attributes:
        landmarks: (N, 5, 2) float32, source pixels, as the detector gave them.
    """

    landmarks: FloatArray

    def do(self, stages: Stages, content: bytes) -> FloatArray:
        """See `Call.do`; gives (N, D) float32 of length 1."""
        with _within_memory(ImageTooLarge):
            return stages.embedder.embed(stages.faces.decode(content), self.landmarks)


@dataclass(frozen=True, slots=True)
class DescribeFile:
    """Tell what the header says; no pixel is decoded."""

    def do(self, stages: Stages, content: bytes) -> PictureFacts:
        """See `Call.do`."""
        with _within_memory(PictureTooLarge):
            return stages.editor.describe(content)


@dataclass(frozen=True, slots=True)
class EditFile:
    """Carry out a chain of edits and write the result as a file."""

    edits: tuple[Edit, ...]

    def do(self, stages: Stages, content: bytes) -> PictureFile:
        """See `Call.do`."""
        with _within_memory(PictureTooLarge):
            return stages.editor.edit(content, self.edits)


@contextmanager
def _within_memory(error: type[OssFacesError]) -> Iterator[None]:
    """Say what it means to the caller when the memory does not suffice; a worker process has a limit on it."""
    try:
        yield
    except MemoryError as exc:
        raise error(context={"limit": "memory"}) from exc
