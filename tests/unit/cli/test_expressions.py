"""`oss-faces expressions` with the real networks: files, exit statuses, what stays after Ctrl-C."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from oss_faces.cli.commands import cli
from oss_faces.errors import ConfigurationError
from oss_faces.rendering.timeline import COLUMNS
from tests.running import portrait
from tests.videos import encode

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("OSS_")}
COMMAND = [sys.executable, "-m", "oss_faces", "expressions"]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["expressions", *map(str, arguments)])


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def frames(count: int) -> list[np.ndarray]:
    """The portrait, which moves to the right, and is gone in every third frame."""
    face = Image.open(portrait()).convert("RGB").resize((256, 256))
    made = []
    for place in range(count):
        frame = Image.new("RGB", (320, 256), "grey")
        if place % 3 != 2:
            frame.paste(face, (2 * place, 0))
        made.append(np.asarray(frame))
    return made


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(tmp_path_factory.mktemp("film") / "film.mp4", frames(6), rate=2)


def test_video_becomes_a_timeline_and_a_plot(film: Path, tmp_path: Path) -> None:
    """A row for each face, one person as one track, the smile of the portrait, and frames without a face too."""
    done = run(film, "--out", tmp_path / "t.csv", "--plot", tmp_path / "t.svg")
    assert (done.exit_code, done.stdout) == (0, "")
    found = rows(tmp_path / "t.csv")
    assert tuple(found[0]) == COLUMNS
    assert [row["time_s"] for row in found] == ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"]
    assert [row["track"] for row in found] == ["1", "1", "", "1", "1", ""]
    assert {row["expression"] for row in found} == {"happy", ""}
    assert {row["mouth"] for row in found} == {"open", ""}
    lefts = [float(row["left"]) for row in found if row["left"]]
    assert lefts == sorted(lefts)
    assert "track 1" in (tmp_path / "t.svg").read_text(encoding="utf-8")


def test_folder_as_lines_of_json(tmp_path: Path) -> None:
    """On standard output, with a status that says that one was no picture."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in (2, 10):
        Image.open(portrait()).resize((200, 200)).save(folder / f"{number}.png")
    (folder / "note.txt").write_text("no picture")
    done = run(folder, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 1
    assert [Path(line["Source"]).name for line in lines] == ["2.png", "10.png", "note.txt"]
    assert [figure["Track"] for line in lines[:2] for figure in line["Figures"]] == [1, 1]
    assert lines[2]["Error"]["Code"] == "Imm Client"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["absent"], "no such file or folder"),
        (["{film}", "--fps", "0"], "--fps must lie"),
        (["{film}", "--fps", "nan"], "--fps must lie"),
        (["{film}", "--fps", "61"], "--fps must lie"),
        (["{film}", "--plot", "{folder}/t.pdf"], "--plot ends in .svg or .png"),
        (["{film}", "--out", "{folder}/absent/t.csv"], "no such folder"),
        (["{film}", "--out", "{film}"], "is the source itself"),
        (["{film}", "--out", "{folder}/t.svg", "--plot", "{folder}/t.svg"], "the same file"),
        (["oss://photos/x", "--data", "{folder}"], "nothing is stored yet"),
        (["{film}", "--out", "/dev/full"], "cannot write /dev/full"),
        (["{film}", "--order", "size"], "Invalid value"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], words: str, film: Path, tmp_path: Path) -> None:
    """Said before a network looks at anything; nothing is written over."""
    before = film.read_bytes()
    done = run(*(text.format(film=film, folder=tmp_path) for text in arguments))
    # The program says what such an error says, and ends with status 2, as for every command.
    assert words in (done.exception.message if isinstance(done.exception, ConfigurationError) else done.stderr)
    assert film.read_bytes() == before
    assert not list(tmp_path.iterdir())


def test_interrupted_timeline_is_whole(tmp_path: Path) -> None:
    """Ctrl-C in the middle: status 130, and every line that is there has all its columns."""
    film = encode(tmp_path / "film.mp4", frames(600), rate=30)
    out = tmp_path / "t.csv"
    # What a shell starts in the background is deaf to Ctrl-C, and so would be what it starts in turn.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [*COMMAND, str(film), "--out", str(out), "--fps", "30"], stderr=subprocess.PIPE, text=True, env=CLEAN
    )
    signal.signal(signal.SIGINT, before)
    assert process.stderr is not None
    # The bar is drawn behind each moment that was written.
    seen = ""
    while not re.search(r"[1-9][0-9]*/600", seen):
        character = process.stderr.read(1)
        assert character, seen
        seen += character
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 130
    assert "Traceback" not in seen + rest
    found = rows(out)
    assert 1 <= len(found) < 600
    assert out.read_text(encoding="utf-8").endswith("\n")
    assert all(None not in row.values() for row in found)
