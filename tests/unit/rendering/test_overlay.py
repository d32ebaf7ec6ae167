"""Boxes and labels on a picture."""

from dataclasses import replace

import numpy as np
import pytest

from oss_faces.rendering.overlay import describe, draw_faces
from oss_faces.values import Age, Box, Emotion, Face, FaceResult, Image, ImageSize, Label

GREY = 128
FACE = Face(Box(100, 80, 200, 220), 0.975, np.full((5, 2), 150, np.float32))


def draw(*faces: Face, width: int = 400, height: int = 300, source: ImageSize | None = None) -> np.ndarray:
    """Draw on a grey picture of that size, which stands for a source of another size when one is given."""
    image = Image(np.full((height, width, 3), GREY, np.uint8), source or ImageSize(width, height), "png")
    return np.asarray(draw_faces(image, FaceResult(image.size, faces, ("m@1",))))


def changed(picture: np.ndarray) -> np.ndarray:
    return (picture != GREY).any(axis=2)


def test_picture_without_faces_is_unchanged() -> None:
    """Nothing found, nothing drawn."""
    assert not changed(draw()).any()


def test_original_is_not_drawn_on() -> None:
    """The boxes go onto a copy."""
    image = Image(np.full((300, 400, 3), GREY, np.uint8), ImageSize(400, 300), "png")
    draw_faces(image, FaceResult(image.size, (FACE,), ("m@1",)))
    assert (image.pixels == GREY).all()


def test_box_is_drawn_along_its_four_edges() -> None:
    """The frame stands where the face was found, with the face itself left visible and landmarks inside."""
    marks = changed(draw(FACE))
    assert marks[80, 100:200].all()
    assert marks[220, 100:200].all()
    assert marks[80:220, 100].all()
    assert marks[80:220, 200].all()
    assert marks[150, 150]
    assert not marks[90:140, 110:190].any()
    assert not marks[:78].any()
    assert not marks[:, 203:].any()


def test_box_is_scaled_to_a_reduced_rendition() -> None:
    """Coordinates are those of the source; the picture may be a half of it in width and a quarter in height."""
    marks = changed(draw(replace(FACE, box=Box(200, 320, 400, 880)), source=ImageSize(800, 1200)))
    assert marks[80, 100:200].all()
    assert marks[80:220, 200].all()


def test_neighbours_have_different_colours() -> None:
    """Two faces can be told apart."""
    picture = draw(FACE, replace(FACE, box=Box(250, 80, 350, 220)))
    assert tuple(picture[80, 150]) != tuple(picture[80, 300])


LONG = replace(FACE, age=Age(33.4, 5.2), gender=Label("female", 0.9), glasses=Label("sunglasses", 0.8))


@pytest.mark.parametrize(
    "box",
    [Box(0, 0, 60, 60), Box(340, 0, 400, 60), Box(0, 240, 60, 300), Box(340, 240, 400, 300), Box(100, 80, 200, 220)],
)
def test_label_lies_whole_inside_the_picture(box: Box) -> None:
    """In every corner the label has its full area, below the face or, where there is no room, above it."""
    plain, far = Box(150, 100, 210, 160), replace(LONG, box=box, landmarks=np.full((5, 2), -50, np.float32))
    reference = changed(draw(replace(far, box=plain))).sum()
    assert changed(draw(far)).sum() >= reference * 0.9


def test_label_is_below_the_face() -> None:
    """The text stands under the box where there is room."""
    marks = changed(draw(LONG))
    assert marks[223:245, 100:200].mean() > 0.5


@pytest.mark.parametrize(("width", "height"), [(1, 1), (8, 300), (300, 8)])
def test_tiny_picture_is_drawn_on(width: int, height: int) -> None:
    """A label that cannot fit is no error."""
    box = Box(0, 0, width, height)
    assert draw(replace(LONG, box=box), width=width, height=height).shape == (height, width, 3)


def test_empty_box_is_drawn() -> None:
    """A box without an extent is still to be seen."""
    assert changed(draw(replace(FACE, box=Box(50, 50, 50, 50))))[50, 50]


def test_face_without_attributes_is_described_by_its_score() -> None:
    """There is always something to read."""
    assert describe(replace(FACE, score=0.9712)) == "face 0.97"


def test_description_says_what_was_measured() -> None:
    """Who, what is worn, and the mood, a line each; `none` is not worth a word."""
    face = replace(
        LONG,
        hat=Label("hat", 0.7),
        mask=Label("none", 0.99),
        beard=Label("beard", 0.6),
        emotion=Emotion({"happy": 0.7, "sad": 0.3}),
        mouth=Label("open", 0.6),
    )
    assert describe(face) == "female 33±5\nsunglasses hat beard\nhappy, mouth open"


def test_description_has_no_empty_line() -> None:
    """What was not measured leaves no gap."""
    assert describe(replace(FACE, mouth=Label("close", 0.6))) == "mouth close"
