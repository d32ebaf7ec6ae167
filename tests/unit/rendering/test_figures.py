"""A face result as the record of the product page."""

import json
import math
import re
import uuid
from dataclasses import replace

import numpy as np
import pytest

from oss_faces.errors import ConfigurationError, EngineFailed
from oss_faces.rendering import RenderingSettings
from oss_faces.rendering.figures import faces_body, figures
from oss_faces.values import Age, Box, Emotion, Face, FaceResult, HeadPose, ImageSize, Label

ETAG = "D41D8CD98F00B204E9800998ECF8427E"
REQUEST_ID = "5F2389FE-A5E3-076F-B071-43A33DB0D716"
UPRIGHT = RenderingSettings()
STORED = RenderingSettings(frame="stored")
SIZE = ImageSize(640, 480)

# The fields of the sample answer on the product page, with the JSON types that stand there.
SAMPLE_TYPES = {
    "Beard": str,
    "MaskConfidence": float,
    "Gender": str,
    "Boundary": dict,
    "BeardConfidence": float,
    "FigureId": str,
    "Mouth": str,
    "Emotion": str,
    "Age": int,
    "MouthConfidence": float,
    "FigureType": str,
    "GenderConfidence": float,
    "HeadPose": dict,
    "Mask": str,
    "EmotionConfidence": float,
    "HatConfidence": float,
    "GlassesConfidence": float,
    "Sharpness": float,
    "FigureClusterId": str,
    "FaceQuality": float,
    "Attractive": float,
    "AgeSD": float,
    "Glasses": str,
    "FigureConfidence": float,
    "Hat": str,
}

BARE = Face(Box(10, 20, 110, 220), 0.9876, np.zeros((5, 2), np.float32))
FULL = replace(
    BARE,
    age=Age(12.4, 5.0),
    gender=Label("male", 0.951),
    emotion=Emotion({"happy": 0.005, "neutral": 0.995}),
    mouth=Label("open", 0.567),
    beard=Label("none", 0.998),
    mask=Label("none", 0.751),
    hat=Label("hat", 0.988),
    glasses=Label("none", 1.0),
    pose=HeadPose(pitch=-12.309, yaw=3.443, roll=-11.362),
    attractive=0.121,
    sharpness=0.887,
    quality=0.829,
)


def result(*faces: Face, size: ImageSize = SIZE, orientation: int = 1) -> FaceResult:
    return FaceResult(size, faces, ("finder@1", "describer@2"), orientation)


def only(face: Face, **options) -> dict:
    [record] = figures(result(face, **options), ETAG, UPRIGHT)
    return record


def test_no_face_is_an_empty_list() -> None:
    """A picture without a face is answered with the envelope around nothing."""
    body = faces_body(result(), ETAG, UPRIGHT, REQUEST_ID)
    assert json.loads(body) == {"RequestId": REQUEST_ID, "Figures": []}


def test_full_face_has_exactly_the_fields_of_the_sample() -> None:
    """With every attribute measured the record has the product page's fields and types, none more, none less."""
    record = json.loads(faces_body(result(FULL), ETAG, UPRIGHT, REQUEST_ID))["Figures"][0]
    assert {name: type(value) for name, value in record.items()} == SAMPLE_TYPES
    assert {name: type(value) for name, value in record["Boundary"].items()} == dict.fromkeys(
        ("Left", "Top", "Width", "Height"), int
    )
    assert {name: type(value) for name, value in record["HeadPose"].items()} == dict.fromkeys(
        ("Pitch", "Roll", "Yaw"), float
    )


def test_full_face_has_the_values_that_were_measured() -> None:
    """Each field carries its own attribute, and the cluster is the one of a stateless answer."""
    record = only(FULL)
    assert uuid.UUID(str(record.pop("FigureId")))
    assert record == {
        "FigureType": "face",
        "FigureConfidence": 0.988,
        "FigureClusterId": "figure-cluster-id-unavailable",
        "Boundary": {"Left": 10, "Top": 20, "Width": 100, "Height": 200},
        "Age": 12,
        "AgeSD": 5.0,
        "Gender": "male",
        "GenderConfidence": 0.951,
        "Emotion": "none",
        "EmotionConfidence": 0.995,
        "Mouth": "open",
        "MouthConfidence": 0.567,
        "Beard": "none",
        "BeardConfidence": 0.998,
        "Mask": "none",
        "MaskConfidence": 0.751,
        "Hat": "hat",
        "HatConfidence": 0.988,
        "Glasses": "none",
        "GlassesConfidence": 1.0,
        "HeadPose": {"Pitch": -12.309, "Roll": -11.362, "Yaw": 3.443},
        "Attractive": 0.121,
        "Sharpness": 0.887,
        "FaceQuality": 0.829,
    }


def test_face_without_attributes_has_only_what_a_detector_knows() -> None:
    """Nothing is invented for attributes that were not measured."""
    assert set(only(BARE)) == {"FigureId", "FigureType", "FigureConfidence", "FigureClusterId", "Boundary"}


@pytest.mark.parametrize(
    ("attribute", "fields"),
    [
        ("age", {"Age", "AgeSD"}),
        ("gender", {"Gender", "GenderConfidence"}),
        ("emotion", {"Emotion", "EmotionConfidence"}),
        ("mouth", {"Mouth", "MouthConfidence"}),
        ("beard", {"Beard", "BeardConfidence"}),
        ("mask", {"Mask", "MaskConfidence"}),
        ("hat", {"Hat", "HatConfidence"}),
        ("glasses", {"Glasses", "GlassesConfidence"}),
        ("pose", {"HeadPose"}),
        ("attractive", {"Attractive"}),
        ("sharpness", {"Sharpness"}),
        ("quality", {"FaceQuality"}),
    ],
)
def test_missing_attribute_leaves_out_its_value_and_confidence(attribute: str, fields: set[str]) -> None:
    """One attribute that was not measured takes away its own fields and no other."""
    assert set(only(FULL)) - set(only(replace(FULL, **{attribute: None}))) == fields


@pytest.mark.parametrize(
    ("happy", "value", "confidence"),
    [(0.0, "none", 1.0), (0.3, "none", 0.7), (0.499, "none", 0.501), (0.5, "happiness", 0.5), (1.0, "happiness", 1.0)],
)
def test_emotion_is_happiness_or_none(happy: float, value: str, confidence: float) -> None:
    """Seven expressions become the two documented values, with the confidence of the value that is stated."""
    record = only(replace(BARE, emotion=Emotion({"angry": 1 - happy, "happy": happy})))
    assert (record["Emotion"], record["EmotionConfidence"]) == (value, confidence)


@pytest.mark.parametrize(
    ("number", "text"), [(0.0, "0.0"), (0.12345, "0.123"), (0.9999, "1.0"), (-0.0001, "0.0"), (-12.3456, "-12.346")]
)
def test_numbers_have_three_decimals(number: float, text: str) -> None:
    """Every real number is rounded to thousandths; there is no minus zero."""
    body = faces_body(result(replace(BARE, pose=HeadPose(number, number, number))), ETAG, UPRIGHT, REQUEST_ID)
    assert f'"Pitch":{text},"Roll":{text},"Yaw":{text}'.encode() in body


def test_float32_is_written_like_any_number() -> None:
    """Scores come from arrays; their type leaves no trace in the JSON."""
    record = only(replace(BARE, score=np.float32(0.751), quality=np.float32(0.5)))
    assert json.dumps([record["FigureConfidence"], record["FaceQuality"]]) == "[0.751, 0.5]"


@pytest.mark.parametrize(
    ("box", "boundary"),
    [
        (Box(1.4, 1.6, 3.5, 4.4), (1, 2, 3, 2)),
        (Box(-5, -7, 30, 20), (0, 0, 30, 20)),
        (Box(600, 400, 700, 500), (600, 400, 40, 80)),
        (Box(0, 0, 640, 480), (0, 0, 640, 480)),
        (Box(10.1, 10.1, 10.2, 10.2), (10, 10, 1, 1)),
        (Box(640, 480, 640, 480), (639, 479, 1, 1)),
        (Box(-9, -9, -1, -1), (0, 0, 1, 1)),
        (Box(900, 900, 901, 901), (639, 479, 1, 1)),
    ],
)
def test_boundary_is_whole_pixels_of_the_picture(box: Box, boundary: tuple[int, int, int, int]) -> None:
    """A box is rounded, cut to the picture, and never empty."""
    left, top, width, height = boundary
    assert only(replace(BARE, box=box))["Boundary"] == {"Left": left, "Top": top, "Width": width, "Height": height}


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "change",
    [
        lambda number: {"score": number},
        lambda number: {"sharpness": number},
        lambda number: {"gender": Label("male", number)},
        lambda number: {"age": Age(number, 1.0)},
        lambda number: {"age": Age(1.0, number)},
        lambda number: {"emotion": Emotion({"happy": number})},
        lambda number: {"pose": HeadPose(0.0, number, 0.0)},
        lambda number: {"box": Box(0, 0, number, 10)},
    ],
)
def test_number_that_json_cannot_write_is_an_error(number: float, change) -> None:
    """A model that breaks down gives an error, never invalid JSON and never a field that looks unmeasured."""
    with pytest.raises(EngineFailed):
        faces_body(result(replace(BARE, **change(number))), ETAG, UPRIGHT, REQUEST_ID)


def test_order_of_the_faces_is_kept() -> None:
    """The list is in the order of the result, which is by area."""
    boxes = [Box(0, 0, 9, 9), Box(1, 1, 5, 5), Box(2, 2, 3, 3)]
    records = figures(result(*(replace(BARE, box=box) for box in boxes)), ETAG, UPRIGHT)
    assert [record["Boundary"]["Left"] for record in records] == [0, 1, 2]


def test_figure_id_is_a_lower_case_uuid() -> None:
    """The form is that of the sample."""
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(only(FULL)["FigureId"]))


def test_figure_id_of_the_same_face_never_changes() -> None:
    """The id depends on nothing but content, models and box: this one may be stored by somebody."""
    assert only(FULL)["FigureId"] == only(BARE)["FigureId"] == "2e1c8e4f-1fe6-5ff4-9bbe-74d530d8c769"
    assert figures(result(FULL), ETAG.lower(), STORED)[0]["FigureId"] == only(FULL)["FigureId"]


def test_figure_id_differs_by_box_content_and_model() -> None:
    """Another face, another picture or another model is another figure."""
    plain = result(FULL)
    ids = [
        figures(plain, ETAG, UPRIGHT),
        figures(plain, ETAG[::-1], UPRIGHT),
        figures(replace(plain, models=("finder@2", "describer@2")), ETAG, UPRIGHT),
        figures(result(replace(FULL, box=Box(10, 20, 110, 220.2))), ETAG, UPRIGHT),
    ]
    assert len({record["FigureId"] for [record] in ids}) == 4


def turned_upright(stored: np.ndarray, orientation: int) -> np.ndarray:
    """Turn a picture as the EXIF standard words it: where row 0 and column 0 of the stored one are shown.

    Found pixel by pixel, so that it shares nothing with the arithmetic of boxes.
    """
    rows, columns = stored.shape
    height, width = (columns, rows) if orientation >= 5 else (rows, columns)
    upright = np.zeros((height, width), stored.dtype)
    for row in range(rows):
        for column in range(columns):
            place = {
                1: (row, column),  # row 0 at the top, column 0 on the left
                2: (row, width - 1 - column),  # top, right
                3: (height - 1 - row, width - 1 - column),  # bottom, right
                4: (height - 1 - row, column),  # bottom, left
                5: (column, row),  # row 0 on the left, column 0 at the top
                6: (column, width - 1 - row),  # right, top
                7: (height - 1 - column, width - 1 - row),  # right, bottom
                8: (height - 1 - column, row),  # left, bottom
            }[orientation]
            upright[place] = stored[row, column]
    return upright


def extent(mask: np.ndarray) -> dict[str, int]:
    rows, columns = np.nonzero(mask)
    left, top = int(columns.min()), int(rows.min())
    return {"Left": left, "Top": top, "Width": int(columns.max()) - left + 1, "Height": int(rows.max()) - top + 1}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_boundary_in_the_stored_frame_is_where_the_stored_pixels_are(orientation: int) -> None:
    """For each EXIF orientation a box found upright is reported over the same pixels of the file."""
    stored = np.zeros((7, 11), np.uint8)
    stored[1:3, 4:9] = 1
    upright = turned_upright(stored, orientation)
    shown = extent(upright)
    box = Box(shown["Left"], shown["Top"], shown["Left"] + shown["Width"], shown["Top"] + shown["Height"])
    size = ImageSize(upright.shape[1], upright.shape[0])
    found = result(replace(BARE, box=box), size=size, orientation=orientation)
    assert figures(found, ETAG, STORED)[0]["Boundary"] == extent(stored)
    assert figures(found, ETAG, UPRIGHT)[0]["Boundary"] == shown


def test_box_in_the_stored_frame_is_cut_to_the_stored_size() -> None:
    """A box that reaches past the upright picture is cut where the file ends."""
    found = result(replace(BARE, box=Box(-5, -5, 500, 900)), size=ImageSize(480, 640), orientation=6)
    assert figures(found, ETAG, STORED)[0]["Boundary"] == {"Left": 0, "Top": 0, "Width": 640, "Height": 480}


def test_frame_is_one_of_two() -> None:
    """A frame that does not exist is refused at start."""
    UPRIGHT.validate()
    STORED.validate()
    with pytest.raises(ConfigurationError, match=r"rendering\.frame"):
        RenderingSettings(frame="rotated").validate()  # type: ignore[arg-type]  # what a settings file could say
