"""Moments of a series as CSV and as lines of JSON."""

import csv
import io
import json
from dataclasses import replace

import numpy as np

from oss_faces.rendering import RenderingSettings
from oss_faces.rendering.timeline import COLUMNS, Moment, csv_head, csv_lines, json_line
from oss_faces.values import EXPRESSION_NAMES, Box, Emotion, Face, FaceResult, HeadPose, ImageSize, Label

UPRIGHT = RenderingSettings()
SCORES = dict(zip(EXPRESSION_NAMES, (0.1, 0.0004, 0, 0.6, 0.25, 0.0496, 0), strict=True))
BARE = Face(Box(1, 2.04, 11.5, 22), 0.98765, np.zeros((5, 2), np.float32))
FULL = replace(BARE, emotion=Emotion(SCORES), mouth=Label("open", 0.5), pose=HeadPose(1.23456, -2, 3))


def seen(*faces: Face, **options) -> Moment:
    result = FaceResult(ImageSize(30, 40), faces, ("m@1",))
    return Moment(7, "a.mp4", 0.4999, result, tuple(range(1, len(faces) + 1)), **options)


def rows(*moments: Moment) -> list[dict[str, str]]:
    text = csv_head() + "".join(csv_lines(moment) for moment in moments)
    return list(csv.DictReader(io.StringIO(text)))


def known(row: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if value}


def test_row_has_all_that_was_measured() -> None:
    """Every column of a face, rounded like the fields of the wire; the columns never change."""
    [row] = rows(seen(FULL))
    assert tuple(row) == COLUMNS
    assert known(row) == {
        "frame": "7",
        "source": "a.mp4",
        "time_s": "0.5",
        "track": "1",
        "left": "1.0",
        "top": "2.0",
        "width": "10.5",
        "height": "20.0",
        "confidence": "0.988",
        "expression": "happy",
        "expression_confidence": "0.6",
        "angry": "0.1",
        "disgust": "0.0",
        "fear": "0.0",
        "happy": "0.6",
        "neutral": "0.25",
        "sad": "0.05",
        "surprise": "0.0",
        "mouth": "open",
        "mouth_confidence": "0.5",
        "pitch": "1.235",
        "yaw": "-2.0",
        "roll": "3.0",
    }


def test_each_face_is_a_row_and_each_picture_at_least_one() -> None:
    """A picture without a face is told apart from one that failed, and from one that was never looked at."""
    failed = Moment(8, "b.png", None, error=("Imm Client", "It is damaged."))
    found = rows(seen(FULL, BARE), seen(), failed)
    assert [row["track"] for row in found] == ["1", "2", "", ""]
    assert known(found[2]) == {"frame": "7", "source": "a.mp4", "time_s": "0.5"}
    assert known(found[3]) == {"frame": "8", "source": "b.png", "error": "Imm Client"}


def test_what_was_not_measured_stays_empty() -> None:
    """A face of which the settings leave all out still has its box and track."""
    [row] = rows(seen(BARE))
    assert set(known(row)) == {"frame", "source", "time_s", "track", "left", "top", "width", "height", "confidence"}


def test_awkward_names_stay_one_cell() -> None:
    """A comma, a quote, a line break, and bytes that are no UTF-8."""
    for name, shown in (('a,"b"\n.png', 'a,"b"\n.png'), ("a\udcff.png", "a\\udcff.png")):
        [row] = rows(replace(seen(), source=name))
        assert row["source"] == shown
        assert json.loads(json_line(replace(seen(), source=name), UPRIGHT))["Source"] == name
        csv_lines(replace(seen(), source=name)).encode()
        json_line(replace(seen(), source=name), UPRIGHT).encode()


def test_line_of_json_is_the_answer_of_the_wire_with_tracks() -> None:
    """The fields of image/expressions, with the track for the id; a line break ends each line and is in none."""
    line = json_line(seen(FULL, BARE), UPRIGHT)
    assert line.index("\n") == len(line) - 1
    document = json.loads(line)
    figures = document.pop("Figures")
    assert document == {"Frame": 7, "Source": "a.mp4", "Time": 0.5, "ImageWidth": 30, "ImageHeight": 40}
    assert [figure["Track"] for figure in figures] == [1, 2]
    assert figures[0]["Scores"]["happy"] == 0.6
    assert "FigureId" not in figures[0]


def test_failed_picture_is_a_line_with_its_error() -> None:
    """Without a time where there is none."""
    line = json_line(Moment(8, "b.png", None, error=("Imm Client", "It is damaged.")), UPRIGHT)
    assert json.loads(line) == {
        "Frame": 8,
        "Source": "b.png",
        "Error": {"Code": "Imm Client", "Message": "It is damaged."},
    }
