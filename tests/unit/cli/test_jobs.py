import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from oss_faces.cli.jobs import jobs
from oss_faces.errors import ConfigurationError
from oss_faces.jobs import Item, JobSpec, Outcome, Parts, Recipe, ResultsFolder, columns_of
from oss_faces.jobs.columns import rows_of


def job(*arguments: object) -> Result:
    return CliRunner().invoke(jobs, [str(argument) for argument in arguments])


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = ResultsFolder(tmp_path / "results")
    folder.create(JobSpec("oss://photos/", "faces", "2026-01-01"))
    folder.write_state({"status": "running", "known": 3, "done": 4, "pictures": 9})
    rows = list(rows_of(Outcome(Item("a", "E", 1)), "r"))
    Parts(folder.parts, columns_of("faces")).write(rows, Recipe("faces", ()))
    return folder.path


def test_list(results: Path) -> None:
    """Each job below a folder is a line; one whose process is gone is interrupted."""
    line = job("list", results.parent).stdout
    assert line.split() == ["interrupted", "7/9", "faces", "oss://photos/", str(results)]


def test_show(results: Path) -> None:
    """A job is shown as JSON."""
    shown = json.loads(job("show", results).stdout)
    assert (shown["source"], shown["state"]["status"], shown["summary"]) == ("oss://photos/", "interrupted", {})


def test_export(results: Path) -> None:
    """Results come out as lines of JSON or as CSV with a head."""
    assert json.loads(job("export", results).stdout)["Key"] == "a"
    assert job("export", results, "--format", "csv").stdout.startswith("Key,ETag,")


def test_cancel(results: Path) -> None:
    """A run that is under way is asked to end; where none is, that is said."""
    assert isinstance(job("cancel", results).exception, ConfigurationError)
    folder = ResultsFolder(results)
    with folder.held():
        assert job("cancel", results).exit_code == 0
        assert folder.is_cancelled


def test_wrong_places(results: Path, tmp_path: Path) -> None:
    """A source that is none, results among the pictures and folders that are no job's are refused."""
    for arguments in (
        ("run", "No_Bucket", "--out", tmp_path / "new"),
        ("run", tmp_path, "--out", tmp_path / "inside"),
        ("run", tmp_path, "--out", results),
        ("resume", tmp_path),
    ):
        assert isinstance(job(*arguments).exception, ConfigurationError), arguments
    assert not (tmp_path / "new").exists()
