"""The first look of a worker."""

from dataclasses import dataclass, field

from oss_faces.analysis import FixedAnalyser
from oss_faces.app import build_pipeline
from oss_faces.config import Settings
from oss_faces.detection import FixedDetector
from oss_faces.pipeline import FacePipeline
from oss_faces.recognition import FixedEmbedder
from oss_faces.stages import PictureEditor, Stages, warm_up
from oss_faces.values import Detections, Face, Image


@dataclass(slots=True)
class Watched:
    """Finds nothing, and keeps how many faces it is asked to describe in which pictures."""

    asked: list[tuple[str, int]] = field(default_factory=list)

    def detect(self, image: Image) -> Detections:
        self.asked.append((image.format, 0))
        return FixedDetector(Detections.empty()).detect(image)

    def analyse(self, image: Image, detections: Detections) -> tuple[Face, ...]:
        self.asked.append((image.format, len(detections)))
        return FixedAnalyser().analyse(image, detections)


def undecoded(_content: bytes) -> Image:
    raise AssertionError("no file is there to be decoded")


def test_both_ends_of_the_line_are_asked_once() -> None:
    """Who finds faces looks at the picture, and who describes them describes one although none was found."""
    watched, settings = Watched(), Settings()
    faces = FacePipeline(undecoded, watched, watched, ("m@1",))
    warm_up(Stages(faces, FixedEmbedder(), PictureEditor(settings.decoding, settings.imaging)))
    assert watched.asked == [("jpeg", 0), ("jpeg", 1)]


def test_the_real_networks_take_the_picture() -> None:
    """Nothing is wrong with its shape, nor with the face that is not there."""
    settings = Settings()
    warm_up(Stages(build_pipeline(settings), FixedEmbedder(), PictureEditor(settings.decoding, settings.imaging)))
