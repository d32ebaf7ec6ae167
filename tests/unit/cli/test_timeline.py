"""A series through the pipeline with fixed networks: order, tracks, failures."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from oss_faces.analysis import FixedAnalyser
from oss_faces.cli.series import Series, Shot
from oss_faces.cli.timeline import write_timeline
from oss_faces.errors import CorruptImage, NoSuchKey
from oss_faces.geometry import FloatArray
from oss_faces.pipeline import FacePipeline, RecognitionPipeline
from oss_faces.recognition import DLIB_CALIBRATION, Calibration
from oss_faces.rendering.timeline import Moment
from oss_faces.values import Detections, Image, ImageSize


class Detector:
    """Finds as many faces as the first pixel says, at places that the second one moves."""

    def detect(self, image: Image) -> Detections:
        count, shift = (int(value) for value in image.pixels[0, :2, 0])
        boxes = [[20 * place + shift, 0, 20 * place + shift + 10, 10] for place in range(count)]
        return Detections(
            np.array(boxes, np.float32).reshape(-1, 4),
            np.full(count, 0.9, np.float32),
            np.full((count, 5, 2), 5, np.float32),
        )


@dataclass(frozen=True, slots=True)
class Embedder:
    """Whose face it is, the third pixel says."""

    space: str = "test@1"
    dimensions: int = 128
    calibration: Calibration = DLIB_CALIBRATION

    def embed(self, image: Image, landmarks: FloatArray) -> FloatArray:
        first = int(image.pixels[0, 2, 0])
        return np.eye(128, dtype=np.float32)[[first + place for place in range(len(landmarks))]]


LINE = RecognitionPipeline(
    FacePipeline(lambda _: pytest.fail("decoded"), Detector(), FixedAnalyser(), ("m@1",)), Embedder()
)


def picture(faces: int, shift: int = 0, person: int = 0) -> Image:
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[0, :3, 0] = faces, shift, person
    return Image(pixels, ImageSize(200, 100), "test")


def shots(*pictures: Image, step_s: float | None = None) -> list[Shot]:
    return [
        Shot(f"{place}", None if step_s is None else place * step_s, lambda image=image: image)
        for place, image in enumerate(pictures)
    ]


def run(series: Series, running: int = 2) -> tuple[int, list[Moment]]:
    moments: list[Moment] = []
    return write_timeline(series, LINE, running, moments.append), moments


def test_moments_come_in_order_with_their_numbers() -> None:
    """More than are worked on at once; names and times are those of the shots."""
    failed, moments = run(Series(shots(*(picture(place % 3) for place in range(20)), step_s=0.5), 20))
    assert failed == 0
    assert [moment.frame for moment in moments] == list(range(1, 21))
    assert [moment.source for moment in moments] == [str(place) for place in range(20)]
    assert [moment.time_s for moment in moments] == [place * 0.5 for place in range(20)]
    assert [len(moment.result.faces) for moment in moments if moment.result] == [place % 3 for place in range(20)]


def test_faces_of_a_film_are_followed_by_place_and_looks() -> None:
    """Who moves a little stays, another person in the same place is new, and whoever comes back is known."""
    film = shots(picture(1, 0, 0), picture(1, 3, 0), picture(1, 3, 7), picture(0), picture(1, 90, 0), step_s=0.5)
    _, moments = run(Series(film, 5, is_film=True))
    assert [moment.tracks for moment in moments] == [(1,), (1,), (2,), (), (1,)]


def test_faces_of_pictures_are_followed_by_looks_alone() -> None:
    """Also when the pictures have times."""
    _, moments = run(Series(shots(picture(2, 0, 0), picture(2, 0, 1), step_s=0.5), 2))
    assert [moment.tracks for moment in moments] == [(1, 2), (2, 3)]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (CorruptImage(), ("Imm Client", CorruptImage.default_message)),
        (NoSuchKey(), ("NoSuchKey", NoSuchKey.default_message)),
        (PermissionError(13, "Permission denied"), ("Unreadable", "Permission denied")),
    ],
)
def test_picture_that_fails_is_a_moment_with_its_error(error: Exception, told: tuple[str, str]) -> None:
    """It fails no other, and is counted."""

    def fail() -> Image:
        raise error

    series = [*shots(picture(1)), Shot("bad", 0.1, fail), *shots(picture(1))]
    failed, moments = run(Series(series, 3))
    assert failed == 1
    assert (moments[1].source, moments[1].result, moments[1].error) == ("bad", None, told)
    assert [moment.tracks for moment in moments] == [(1,), (), (1,)]


def test_interruption_stops_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    """What was taken until then was whole; no picture behind it is begun."""
    begun: list[int] = []

    def film() -> Iterator[Shot]:
        for place in range(100):

            def begin(place: int = place) -> Image:
                begun.append(place)
                return picture(1)

            yield Shot("film", float(place), begin)

    taken: list[Moment] = []

    def take(moment: Moment) -> None:
        taken.append(moment)
        if len(taken) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_timeline(Series(film(), None, is_film=True), LINE, 1, take)
    assert [moment.frame for moment in taken] == [1, 2, 3]
    assert len(begun) <= 6


@pytest.mark.parametrize(("count", "has_bar"), [(1, False), (2, True), (None, True)])
def test_bar_is_for_more_than_one(count: int | None, has_bar: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """And goes to stderr, since the data may go to stdout."""
    run(Series(shots(*[picture(1)] * (count or 3)), count))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert ("picture" in shown.err) == has_bar
