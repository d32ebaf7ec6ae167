"""The detector that ships, on a public-domain portrait: every size, tilt, orientation and crop of it."""

import io
from functools import partial

import numpy as np
import pytest
from PIL import Image as Pillow

from evaluation.detection import oriented_copies
from evaluation.ladder import Portrait, as_image, climb, grey, is_found, wall
from oss_faces.decoding import DecodingSettings, decode
from oss_faces.detection import CenterFaceDetector, DetectionSettings
from oss_faces.inference import (
    CENTERFACE,
    ModelSettings,
    OnnxSession,
    prepare_centerface,
    prepare_scout,
    read_model,
    scout_spec,
)
from oss_faces.values import ImageSize
from tests.running import portrait

# Pictures without faces that lie beside the portrait.
BACKGROUNDS = ("coffee.png", "chelsea.png", "rocket.jpg", "motorcycle_left.png", "gravel.png", "text.png")
STEPS = (12, 14, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 384)
MODELS = ModelSettings()


@pytest.fixture(scope="module")
def detector() -> CenterFaceDetector:
    centerface = OnnxSession(prepare_centerface(read_model(CENTERFACE, MODELS), {}))
    scout = OnnxSession(prepare_scout(read_model(scout_spec(MODELS), MODELS)))
    return CenterFaceDetector(centerface, DetectionSettings(), scout)


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return np.asarray(Pillow.open(portrait()).convert("RGB"))


@pytest.fixture(scope="module")
def astronaut(detector, pixels) -> Portrait:
    found = detector.detect(as_image(pixels))
    assert len(found) == 1
    return Portrait(pixels, found.boxes[0])


def test_portrait_shows_one_face_where_it_is(detector, pixels):
    """One face, its box on the head and its points in the order that the values promise."""
    found = detector.detect(as_image(pixels))
    assert found.boxes[0] == pytest.approx([181, 60, 271, 177], abs=8)
    left_eye, right_eye, nose, left_mouth, right_mouth = found.landmarks[0]
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < right_mouth[0]
    assert left_eye[1] < nose[1] < left_mouth[1]


@pytest.mark.parametrize("size", [ImageSize(640, 480), ImageSize(1920, 1080)], ids=["VGA", "2 MP"])
def test_face_is_found_at_every_size_on_plain_ground(detector, astronaut, size):
    """From 12 px to the whole frame, on grey."""
    missed = [
        rung.face_px
        for rung in climb(astronaut, grey(size), STEPS, seed=0)
        if not is_found(rung, detector.detect(rung.image))
    ]
    assert missed == []


@pytest.mark.parametrize("size", [ImageSize(1024, 768), ImageSize(1920, 1080)], ids=["0.8 MP", "2 MP"])
def test_face_is_found_at_every_size_among_clutter(detector, astronaut, size):
    """From 12 px to the whole frame, between pictures full of detail."""
    folder = portrait().parent
    pictures = [np.asarray(Pillow.open(folder / name).convert("RGB").resize((240, 180))) for name in BACKGROUNDS]
    missed = [
        rung.face_px
        for rung in climb(astronaut, wall(size, pictures, seed=1), STEPS, seed=1)
        if not is_found(rung, detector.detect(rung.image))
    ]
    assert missed == []


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_pictures_without_a_face_have_none(detector, name):
    """A cup, a cat, a rocket, a motorcycle, gravel and print are no faces."""
    picture = np.asarray(Pillow.open(portrait().parent / name).convert("RGB"))
    assert len(detector.detect(as_image(picture))) == 0


@pytest.mark.parametrize("degrees", [-45, -30, -15, 15, 30, 45])
def test_tilted_face_is_found(detector, pixels, degrees):
    """A head tilted by up to 45 degrees either way is one face; its eyes tell the tilt, less well at the ends."""
    turned = Pillow.fromarray(pixels).rotate(-degrees, Pillow.Resampling.BICUBIC, fillcolor=(117, 117, 117))
    found = detector.detect(as_image(np.asarray(turned)))
    assert len(found) == 1
    across, down = found.landmarks[0, 1] - found.landmarks[0, 0]
    assert np.degrees(np.arctan2(down, across)) == pytest.approx(degrees, abs=20)


@pytest.mark.parametrize("side", [48, 64, 96, 160, 256])
@pytest.mark.parametrize("margin", [0.0, 0.3])
def test_tight_crop_is_found(detector, astronaut, side, margin):
    """A small picture that shows nothing but the face, in colour or grey."""
    left, top, right, bottom = astronaut.box
    room = margin * astronaut.face_side
    box = (left - room, top - room, right + room, bottom + room)
    crop = Pillow.fromarray(astronaut.pixels).resize((side, side), Pillow.Resampling.LANCZOS, box=box)
    assert len(detector.detect(as_image(np.asarray(crop)))) == 1
    assert len(detector.detect(as_image(np.asarray(crop.convert("L").convert("RGB"))))) == 1


def test_two_faces_of_different_size_are_both_found_once(detector, astronaut):
    """A face of 300 px and one of 14 px in the same picture: two detections."""
    canvas = grey(ImageSize(1600, 1200))
    head = Pillow.fromarray(astronaut.pixels)
    zoom = 300 / astronaut.face_side
    big = np.asarray(head.resize((round(512 * zoom), round(512 * zoom)), Pillow.Resampling.BICUBIC))[:1200, :1100]
    canvas[: big.shape[0], : big.shape[1]] = big
    zoom = 14 / astronaut.face_side
    small = np.asarray(head.resize((round(512 * zoom), round(512 * zoom)), Pillow.Resampling.BICUBIC))
    canvas[1000 : 1000 + small.shape[0], 1400 : 1400 + small.shape[1]] = small
    found = detector.detect(as_image(canvas))
    sides = sorted((found.boxes[:, 3] - found.boxes[:, 1]).tolist())
    assert sides == pytest.approx([14, 300], rel=0.25)


def test_all_orientations_give_the_same_boxes(detector, pixels):
    """The eight ways to store the same upright picture differ by less than 2 px."""
    decoder = partial(decode, settings=DecodingSettings())
    picture = Pillow.fromarray(pixels)
    boxes = [detector.detect(decoder(content)).boxes for _, content in oriented_copies(picture)]
    assert len(boxes) == 8
    assert all(box.shape == (1, 4) for box in boxes)
    assert max(float(np.abs(box - boxes[0]).max()) for box in boxes) < 2


def test_oriented_copies_show_the_same_picture(pixels):
    """Every copy, turned as its EXIF tag says, is the picture that went in."""
    small = Pillow.fromarray(pixels).resize((64, 48))
    for orientation, content in oriented_copies(small):
        stored = Pillow.open(io.BytesIO(content))
        assert stored.size == ((48, 64) if orientation >= 5 else (64, 48))
        upright = decode(content, DecodingSettings()).pixels.astype(int)
        assert np.abs(upright - np.asarray(small).astype(int)).mean() < 6
