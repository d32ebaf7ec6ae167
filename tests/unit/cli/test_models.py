"""Packs on the command line: shown, accepted, added, measured, used, removed."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from oss_faces.app import build_embedder
from oss_faces.cli.commands import cli
from oss_faces.config import read_settings
from oss_faces.errors import ConfigurationError, OssFacesError
from oss_faces.inference import CENTERFACE, RECORD_FILE, InferenceSettings, Trial, running_name
from oss_faces.inference.trials import keep_trial
from tests.packs import network, write_pack
from tests.running import portrait


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(data: Path, *arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["models", *arguments, "--data", str(data)], input=answer)


def settings(data: Path):
    return read_settings(None, {}, {"storage": {"data_dir": str(data)}, "recognition": {"pack": "tiny@1"}})


def test_pack_is_added_and_used(tmp_path: Path, data: Path) -> None:
    """After its licence was accepted it is listed, and vectors come from it, in its own space."""
    source = write_pack(tmp_path, network())
    added = run(data, "add", str(source), answer="y\n")
    assert (added.exit_code, added.stdout) == (0, "tiny@1\n")
    assert "MIT, by nobody" in added.stderr
    listed = run(data).stdout
    assert "tiny@1\n" in listed
    assert "dlib-recognition@1" in listed
    embedder = build_embedder(settings(data))
    assert embedder.space.startswith("tiny@1+")
    assert embedder.space in listed


def test_what_auto_found_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine and precision taken, what the others took, and by how much fewer digits were off; of each network."""
    monkeypatch.setenv("OSS_FACES_INFERENCE__ENGINE", "auto")
    monkeypatch.setenv("OSS_FACES_INFERENCE__PRECISION", "bfloat16")
    name = running_name(CENTERFACE, InferenceSettings("auto", precision="bfloat16"))
    ratios = {"openvino float32": 1.1, "openvino bfloat16": 0.6}
    data.mkdir()
    keep_trial(data / RECORD_FILE, name, Trial("openvino", "bfloat16", ratios, {"box_px": 0.25}, "one machine"))
    told = next(line for line in run(data).stdout.splitlines() if "openvino bfloat16 (" in line)
    assert "openvino float32 took 1.10, openvino bfloat16 took 0.60 of the time of ONNX Runtime" in told
    assert "bfloat16: box_px off by 0.25; one machine" in told


def test_licence_that_is_not_accepted_adds_nothing(tmp_path: Path, data: Path) -> None:
    """No is no, and silence is no as well."""
    source = write_pack(tmp_path, network())
    assert run(data, "add", str(source), answer="n\n").exit_code == 1
    assert run(data, "add", str(source), answer="").exit_code != 0
    assert "tiny@1" not in run(data).stdout


def test_pack_that_was_not_measured_is_not_used(tmp_path: Path, data: Path) -> None:
    """The server would not start with it: no other network's thresholds are lent to it."""
    source = write_pack(tmp_path, network(), more="")
    added = run(data, "add", str(source), "--accept-licence")
    assert "models measure tiny@1" in added.stderr
    with pytest.raises(ConfigurationError, match="models measure"):
        build_embedder(settings(data))


def test_folder_that_is_too_small_measures_nothing(tmp_path: Path, data: Path) -> None:
    """Real pictures go through the real pipeline; two of them are too few."""
    run(data, "add", str(write_pack(tmp_path, network(), more="")), "--accept-licence")
    for name in ("ann", "bob"):
        (tmp_path / "people" / name).mkdir(parents=True)
        shutil.copy(portrait(), tmp_path / "people" / name)
    result = run(data, "measure", "tiny@1", str(tmp_path / "people"))
    assert isinstance(result.exception, ConfigurationError)
    assert "1 pairs of two persons" in result.exception.message


def test_removed_pack_is_not_listed(tmp_path: Path, data: Path) -> None:
    """What was added can go."""
    run(data, "add", str(write_pack(tmp_path, network())), "--accept-licence")
    assert run(data, "remove", "tiny@1").exit_code == 0
    assert "tiny@1" not in run(data).stdout
    assert isinstance(run(data, "remove", "tiny@1").exception, OssFacesError)


def test_wrong_hash_adds_nothing(tmp_path: Path, data: Path) -> None:
    """A network other than the one that the file names is refused."""
    source = write_pack(tmp_path, network())
    (tmp_path / "tiny.onnx").write_bytes(network(batch=1))
    result = run(data, "add", str(source), "--accept-licence")
    assert isinstance(result.exception, OssFacesError)
    assert "sha256" in result.exception.message
    assert "tiny@1" not in run(data).stdout
