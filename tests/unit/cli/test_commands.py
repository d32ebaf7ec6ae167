"""The command line itself: what it offers, and that what is wrong is one plain line."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from oss_faces.app import package_version
from oss_faces.cli import main
from oss_faces.cli.commands import cli
from oss_faces.inference import CENTERFACE
from tests.running import portrait


def fail(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the program, which must end with status 2 and say why in one line on stderr alone."""
    monkeypatch.setattr(sys, "argv", ["oss-faces", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    assert ended.value.code == 2
    assert shown.out == ""
    return shown.err


def test_version_is_the_installed_one() -> None:
    """`--version` tells what is installed."""
    result = CliRunner().invoke(cli, ["--version"])
    assert result.output == f"oss-faces, version {package_version()}\n"


@pytest.mark.parametrize("arguments", [["-h"], ["serve", "--help"], ["detect", "-h"], ["models", "--help"]])
def test_every_command_explains_itself(arguments: list[str]) -> None:
    """Help is there in both spellings."""
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0
    assert "Usage:" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "--listen", "nonsense"], "server.listen must be host:port"),
        (["serve", "--omit", "age,shoe_size"], "shoe_size"),
        (["serve", "--mount", "photos"], "BUCKET=DIR"),
        (["serve", "--mount", "photos="], "BUCKET=DIR"),
        (["serve", "--mount", "photos=absent/folder"], "mounts.buckets.photos.folder"),
        (["serve", "--mount", "P=."], "mounts.buckets.P"),
        (["serve", "--mount", "photos=."], "data folder"),
        (["detect", "--omit", "shoe_size", "x"], "shoe_size"),
        (["serve", "--config", "wrong.toml"], "server.lissten"),
        (["models", "--config", "wrong.toml"], "server.lissten"),
    ],
)
def test_wrong_settings_are_one_line(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No traceback, no greeting: the name of the program and what is wrong."""
    monkeypatch.chdir(tmp_path)
    Path("wrong.toml").write_text("[server]\nlissten = 'x'\n")
    shown = fail(monkeypatch, capsys, *arguments)
    assert shown.startswith("oss-faces: ")
    assert said in shown
    assert shown.count("\n") == 1


def test_wrong_environment_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelled variable ends the start."""
    monkeypatch.setenv("OSS_FACES_SERVER__LISSTEN", "x")
    assert "server.lissten" in fail(monkeypatch, capsys, "serve")


def test_data_folder_that_cannot_be_made_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file in the place of the folder is said plainly, and nothing listens."""
    (tmp_path / "data").write_text("a file")
    shown = fail(monkeypatch, capsys, "serve", "--listen", "127.0.0.1:0", "--data", str(tmp_path / "data"))
    assert shown.startswith("oss-faces: ")
    assert "Traceback" not in shown


@pytest.mark.parametrize("arguments", [["serve", "--lissten", "x"], ["detect"], ["nothing"]])
def test_wrong_usage_is_status_2(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unknown options, missing arguments and unknown commands."""
    assert "Usage:" in fail(monkeypatch, capsys, *arguments)


def test_config_file_may_be_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OSS_FACES_CONFIG stands for --config."""
    file = tmp_path / "settings.toml"
    file.write_text("[nowhere]\nx = 1\n")
    monkeypatch.setenv("OSS_FACES_CONFIG", str(file))
    result = CliRunner().invoke(cli, ["models"])
    assert "unknown section 'nowhere'" in str(result.exception)


def test_models_lists_where_each_network_comes_from() -> None:
    """Name, version, origin, digest and licence of the detector are told."""
    result = CliRunner().invoke(cli, ["models"])
    assert result.exit_code == 0, result.exception
    for fact in (CENTERFACE.name_version, CENTERFACE.origin, CENTERFACE.sha256, CENTERFACE.licence):
        assert fact in result.output


def test_detect_finds_the_face_and_draws_it(tmp_path: Path) -> None:
    """The whole command: the pipeline from the installed models, a line of JSON, a picture, status 0."""
    out = tmp_path / "drawn.jpg"
    result = CliRunner().invoke(cli, ["detect", str(portrait()), "--draw", str(out), "--omit", "age,attractive"])
    assert result.exit_code == 0, result.exception
    line = json.loads(result.stdout)
    assert (line["ImageWidth"], line["ImageHeight"]) == (512, 512)
    [figure] = line["Figures"]
    assert figure["Gender"] in {"female", "male"}
    assert not {"Age", "AgeSD", "Attractive"} & set(figure)
    assert out.stat().st_size > 10_000


def test_detect_of_what_is_no_picture_is_status_1(tmp_path: Path) -> None:
    """One failure is told by the status, and described in its line."""
    (tmp_path / "text").write_text("no picture")
    result = CliRunner().invoke(cli, ["detect", str(tmp_path / "text")])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["Error"]["Code"] == "Imm Client"
