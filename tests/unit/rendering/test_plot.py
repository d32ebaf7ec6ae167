"""Expressions over time as a picture."""

import sys
from pathlib import Path

import numpy as np
import pytest
from defusedxml import ElementTree
from PIL import Image

from oss_faces.errors import ConfigurationError
from oss_faces.rendering.plot import ExpressionPlot, require_plotting
from oss_faces.rendering.timeline import Moment
from oss_faces.values import EXPRESSION_NAMES, Box, Emotion, Face, FaceResult, ImageSize

HAPPY = dict.fromkeys(EXPRESSION_NAMES, 0.0) | {"happy": 1.0}
SVG = "{http://www.w3.org/2000/svg}"


def moment(frame: int, *tracks: int, time_s: float | None = None, scores: dict[str, float] | None = None) -> Moment:
    emotion = Emotion(scores or HAPPY)
    faces = tuple(Face(Box(0, 0, 9, 9), 0.9, np.zeros((5, 2), np.float32), emotion=emotion) for _ in tracks)
    return Moment(frame, "a", time_s, FaceResult(ImageSize(9, 9), faces, ()), tracks)


def texts(plot: ExpressionPlot, target: Path) -> list[str]:
    """All words of the drawing, which is well-formed."""
    plot.write(target)
    return [element.text or "" for element in ElementTree.parse(target).getroot().iter(f"{SVG}text")]


def test_each_track_is_a_panel_with_one_legend(tmp_path: Path) -> None:
    """However often a track breaks off, each expression is named once."""
    plot = ExpressionPlot()
    for frame in range(1, 20):
        plot.add(moment(frame, *((1, 2) if frame % 5 else (2,)), time_s=frame / 2))
    words = texts(plot, tmp_path / "a.svg")
    assert [word for word in words if word.startswith("track")] == ["track 1", "track 2"]
    assert [word for word in words if word in EXPRESSION_NAMES] == list(EXPRESSION_NAMES)
    assert "seconds" in words


def test_tracks_that_were_seen_most_are_shown(tmp_path: Path) -> None:
    """Of more than six the others are counted in the title."""
    plot = ExpressionPlot()
    for frame in range(1, 11):
        plot.add(moment(frame, *range(frame, 11)))
    words = texts(plot, tmp_path / "a.svg")
    assert [word for word in words if word.startswith("track")] == [f"track {number}" for number in range(5, 11)]
    assert "Expressions (6 of 10 tracks)" in words
    assert "picture" in words


def test_colours_stand_where_the_expression_was(tmp_path: Path) -> None:
    """Happy in the first half, nobody in the third quarter, sad in the last: yellow, white, blue."""
    plot = ExpressionPlot()
    sad = dict.fromkeys(EXPRESSION_NAMES, 0.0) | {"sad": 1.0}
    for frame in range(40):
        tracks = () if 20 <= frame < 30 else (1,)
        plot.add(moment(frame + 1, *tracks, time_s=frame / 4, scores=HAPPY if frame < 20 else sad))
    plot.write(tmp_path / "a.png")
    pixels = np.asarray(Image.open(tmp_path / "a.png").convert("RGB")).astype(int)
    row = pixels[len(pixels) // 2 - 10]
    inside = row[len(row) // 10 : -len(row) // 50]

    def share(colour: tuple[int, int, int]) -> float:
        return float((np.abs(inside - colour).max(axis=1) < 30).mean())

    assert share((0xF0, 0xE4, 0x42)) == pytest.approx(0.5, abs=0.06)
    assert share((255, 255, 255)) == pytest.approx(0.25, abs=0.06)
    assert share((0, 0x72, 0xB2)) == pytest.approx(0.25, abs=0.06)


@pytest.mark.parametrize("moments", [[], [moment(1)], [Moment(1, "a", None, error=("x", "y"))], [moment(1, 1)]])
def test_little_is_drawn_too(tmp_path: Path, moments: list[Moment]) -> None:
    """No picture, no face, one face once: a drawing, and no division by nothing."""
    plot = ExpressionPlot()
    for seen in moments:
        plot.add(seen)
    words = texts(plot, tmp_path / "a.svg")
    assert ("no expressions" in words) == (not any(seen.tracks for seen in moments))


def test_long_track_is_thinned(tmp_path: Path) -> None:
    """Ten thousand moments make no file that a browser cannot open."""
    plot = ExpressionPlot()
    for frame in range(10_000):
        plot.add(moment(frame + 1, 1, time_s=frame / 10))
    plot.write(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").stat().st_size < 2_000_000


def test_same_series_gives_the_same_bytes(tmp_path: Path) -> None:
    """No date and no chance in it."""
    contents = set()
    for name in ("a.svg", "b.svg"):
        plot = ExpressionPlot()
        plot.add(moment(1, 1))
        plot.write(tmp_path / name)
        contents.add((tmp_path / name).read_bytes())
    assert len(contents) == 1


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before hours of work, not behind them."""
    require_plotting()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ConfigurationError, match=r"oss-faces\[plot\]"):
        require_plotting()
