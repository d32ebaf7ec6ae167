"""`oss-faces detect` without its models: files in, JSON lines out."""

import io
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from oss_faces.analysis import FixedAnalyser
from oss_faces.cli.detecting import detect_all
from oss_faces.config import Settings
from oss_faces.decoding import DecodingSettings, decode
from oss_faces.detection import FixedDetector
from oss_faces.errors import ConfigurationError
from oss_faces.pipeline import FacePipeline
from oss_faces.values import Detections, Label

FOUND = Detections(np.array([[2, 3, 12, 18]], np.float32), np.array([0.9], np.float32), np.zeros((1, 5, 2), np.float32))
SETTINGS = Settings(decoding=DecodingSettings(size_bytes_max=100_000))


def picture(width: int = 30, height: int = 20) -> bytes:
    buffer = io.BytesIO()
    PillowImage.new("RGB", (width, height), "grey").save(buffer, "PNG")
    return buffer.getvalue()


def pipeline(confidence: float = 0.75) -> FacePipeline:
    analyser = FixedAnalyser({"gender": Label("female", confidence)})
    return FacePipeline(lambda data: decode(data, SETTINGS.decoding), FixedDetector(FOUND), analyser, ("fixed@1",))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two pictures of one name, a text, and an empty folder."""
    made = tmp_path / "pictures"
    (made / "a" / "empty").mkdir(parents=True)
    (made / "b").mkdir()
    (made / "a" / "face.png").write_bytes(picture())
    (made / "b" / "face.png").write_bytes(picture(40))
    (made / "text.txt").write_text("no picture")
    return made


def run(
    capsys: pytest.CaptureFixture[str], source: Path | str, draw: Path | None = None, confidence: float = 0.75
) -> tuple[int, list[dict]]:
    """Run the command; return how many failed, and its lines."""
    failed = detect_all(pipeline(confidence), SETTINGS, str(source), draw)
    return failed, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_file_gives_one_line_and_no_bar(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line names the picture, its upright size, and its figures as the server would give them."""
    file = folder / "a" / "face.png"
    assert detect_all(pipeline(), SETTINGS, str(file), None) == 0
    shown = capsys.readouterr()
    [line] = [json.loads(text) for text in shown.out.splitlines()]
    assert (line["Source"], line["ImageWidth"], line["ImageHeight"]) == (str(file), 30, 20)
    [figure] = line["Figures"]
    assert figure["Boundary"] == {"Left": 2, "Top": 3, "Width": 10, "Height": 15}
    assert (figure["Gender"], figure["GenderConfidence"]) == ("female", 0.75)
    assert shown.err == ""


def test_folder_gives_a_line_for_each_file_in_order(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every file is tried, in the order of names; one that is no picture is a line with its error."""
    failed = detect_all(pipeline(), SETTINGS, str(folder), None)
    shown = capsys.readouterr()
    lines = [json.loads(text) for text in shown.out.splitlines()]
    names = [str(Path(line["Source"]).relative_to(folder)) for line in lines]
    assert names == ["a/face.png", "b/face.png", "text.txt"]
    assert failed == 1
    assert lines[2]["Error"]["Code"] == "Imm Client"
    assert "Figures" not in lines[2]
    assert "3/3" in shown.err


def test_order_holds_for_many_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """More files than are worked on at once still come out in order, each once."""
    for number in range(50):
        (tmp_path / f"{number:03}.png").write_bytes(picture(number + 20))
    failed, lines = run(capsys, tmp_path)
    assert failed == 0
    assert [line["ImageWidth"] for line in lines] == list(range(20, 70))


def test_empty_folder_gives_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No file, no line, no failure."""
    assert run(capsys, folder / "a" / "empty") == (0, [])


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`-` stands for the bytes that are piped in."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(picture())))
    failed, [line] = run(capsys, "-")
    assert (failed, line["Source"], line["ImageWidth"]) == (0, "-", 30)


def test_source_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    """A misspelled name is no empty result."""
    with pytest.raises(ConfigurationError, match="no such file or folder"):
        detect_all(pipeline(), SETTINGS, str(tmp_path / "absent"), None)


def test_large_file_is_not_read_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file above the limit is a line with its error."""
    with (tmp_path / "large").open("wb") as file:
        file.truncate(10**12)
    failed, [line] = run(capsys, tmp_path / "large")
    assert (failed, line["Error"]["Code"]) == (1, "ImageTooLarge")


def test_unreadable_file_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One file that cannot be opened does not end the others."""
    (tmp_path / "a.png").symlink_to("a.png")
    (tmp_path / "b.png").write_bytes(picture())
    (tmp_path / "c.png").mkdir()
    failed, lines = run(capsys, tmp_path)
    assert [Path(line["Source"]).name for line in lines if "Error" not in line] == ["b.png"]
    assert failed == len(lines) - 1


def test_failing_model_is_a_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A picture on which a model breaks down is listed as failed and does not end the run."""
    failed, lines = run(capsys, folder, confidence=float("nan"))
    assert failed == len(lines) == 3
    assert lines[0]["Error"]["Code"] == "InternalError"


def test_name_that_is_no_utf_8_comes_through(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """File names are bytes; a reader of the JSON gets the same name back. Others are written as they are."""
    names = {os.fsdecode(b"caf\xe9.png"), "\u4eba.png"}
    for name in names:
        (tmp_path / name).write_bytes(picture())
    failed = detect_all(pipeline(), SETTINGS, str(tmp_path), None)
    shown = capsys.readouterr().out
    assert failed == 0
    assert {Path(json.loads(line)["Source"]).name for line in shown.splitlines()} == names
    assert "\u4eba.png" in shown


# --- drawing ------------------------------------------------------------------------------------------------------


def is_drawn(file: Path) -> bool:
    with PillowImage.open(file) as image:
        return len(np.unique(np.asarray(image.convert("RGB")))) > 1


@pytest.mark.parametrize("name", ["out.png", "out.jpg", "out.webp"])
def test_one_picture_is_drawn_to_the_file(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The ending chooses the format."""
    out = folder.parent / name
    assert run(capsys, folder / "a" / "face.png", out)[0] == 0
    assert is_drawn(out)


def test_one_picture_is_drawn_into_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is there takes the picture under its own name."""
    assert run(capsys, folder / "a" / "face.png", folder / "b")[0] == 0
    assert is_drawn(folder / "b" / "face.png.png")


def test_standard_input_is_drawn(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What has no name gets one in a folder."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(picture())))
    assert run(capsys, "-", tmp_path)[0] == 0
    assert is_drawn(tmp_path / "stdin.png")


def test_folder_is_drawn_into_its_mirror(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each picture keeps its place, so that no two of one name overwrite each other; the folder is made."""
    out = folder.parent / "drawn" / "here"
    assert run(capsys, folder, out)[0] == 1
    drawn = sorted(str(file.relative_to(out)) for file in out.rglob("*") if file.is_file())
    assert drawn == ["a/face.png.png", "b/face.png.png"]
    assert is_drawn(out / "a" / "face.png.png")


@pytest.mark.parametrize("out", ["out", "out.nothing", "absent/out.png"])
def test_target_that_cannot_be_written_is_wrong_usage(out: str, folder: Path) -> None:
    """An ending that is no picture's, or a folder that is not there, is said before any work."""
    with pytest.raises(ConfigurationError):
        detect_all(pipeline(), SETTINGS, str(folder / "a" / "face.png"), folder.parent / out)


def test_file_cannot_take_a_folder(folder: Path) -> None:
    """The pictures of a folder need a folder."""
    with pytest.raises(ConfigurationError):
        detect_all(pipeline(), SETTINGS, str(folder), folder / "text.txt")


@pytest.mark.parametrize(("source", "out"), [("a/face.png", "a/../a/face.png"), ("", ".")])
def test_source_is_never_overwritten(source: str, out: str, folder: Path) -> None:
    """The drawing is a copy; a target that is the source is refused and the source left as it was."""
    with pytest.raises(ConfigurationError):
        detect_all(pipeline(), SETTINGS, str(folder / source), folder / out)
    assert (folder / "a" / "face.png").read_bytes() == picture()


def test_drawing_that_fails_is_a_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A picture that cannot be written is listed as failed, and the others are drawn."""
    out = folder.parent / "out"
    (out / "a" / "face.png.png").mkdir(parents=True)
    failed, lines = run(capsys, folder, out)
    assert failed == 2
    assert lines[0]["Error"]["Code"] == "Unwritable"
    assert is_drawn(out / "b" / "face.png.png")
