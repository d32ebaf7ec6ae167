"""Erasing somebody by command: the receipt, what is asked, and what cannot be done."""

import json
from pathlib import Path

import anyio
import numpy as np
import pytest

from oss_faces.datasets import DatasetRef, FileFacts, FileSpec, NewFigure
from oss_faces.imm_errors import ResourceNotFound
from oss_faces.operations.people import People
from oss_faces.values import ImageSize
from tests.unit.cli.conftest import FIRST, Memory, told


def test_forget_writes_a_receipt(run, photo, memory: Memory, tmp_path: Path) -> None:
    """It says what is gone, that nothing is left of it, and names nobody."""
    run("enrol", "Ada Lovelace", photo(1))
    file = tmp_path / "receipt.json"
    result = run("forget", "Ada Lovelace", "--yes", "--receipt", str(file))
    assert result.exit_code == 0
    assert "1 face, 1 vector, 1 file" in result.stdout
    assert "a piece of a vector was found in 0 of 1 file, 18 bytes" in result.stdout
    receipt = json.loads(file.read_text())
    assert (receipt["figures"], len(receipt["vectors_sha256"]), receipt["dataset"]) == (1, 1, "people/people")
    assert receipt["searched"] == {"files": 1, "size_bytes": 18, "found_in": 0}
    assert "Ada" not in file.read_text()
    entry = told(run("audit", "--about", receipt["cluster_id"], "--act", "erase", "--json"))
    assert entry["digest"] == receipt["audit"]["digest"]
    assert run("list").stdout == "Nobody is here.\n"


def test_forget_says_when_something_is_left(run, photo, memory: Memory) -> None:
    """A piece of the vector in any file of the folder is status 2; --no-search looks for none."""
    vector = np.zeros(128, np.float32)
    vector[1] = 1
    for options, status in ((["--no-search"], 0), ([], 2)):
        run("enrol", "Ada", photo(1))
        (memory.folder / "left").write_bytes(b"x" + vector.tobytes())
        result = run("forget", "Ada", "--yes", *options)
        assert result.exit_code == status
    assert "still in a file" in result.stderr


def test_forget_asks_and_never_overwrites(run, photo, tmp_path: Path) -> None:
    """A no, or a receipt that would take the place of another, erases nobody."""
    run("enrol", "Ada", photo(1))
    assert run("forget", "Ada", said="n\n").exit_code == 1
    file = tmp_path / "receipt.json"
    file.write_text("another")
    assert run("forget", "Ada", "--yes", "--receipt", str(file)).exit_code == 2
    assert file.read_text() == "another"
    assert len(told(run("list", "--json"))) == 1


@pytest.mark.parametrize("place", ["absent/r.json", "."])
def test_forget_erases_nobody_when_the_receipt_cannot_be_written(run, photo, tmp_path: Path, place: str) -> None:
    """That is known before anything is done: status 2."""
    run("enrol", "Ada", photo(1))
    result = run("forget", "Ada", "--yes", "--receipt", str(tmp_path / place))
    assert (result.exit_code, "nothing was erased" in result.stderr) == (2, True)
    assert len(told(run("list", "--json"))) == 1


def test_a_receipt_that_is_lost_on_the_way_is_shown(run, photo, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """The disk fails after the erasure: the whole receipt is on stdout, stderr says so, and the status is 2."""

    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    run("enrol", "Ada", photo(1))
    monkeypatch.setattr("oss_faces.cli.receipts.os.fsync", fail)
    result = run("forget", "Ada", "--yes", "--receipt", str(tmp_path / "r.json"))
    assert result.exit_code == 2
    assert told(result)["figures"] == 1
    assert "receipt could not be written: No space left on device" in result.stderr
    assert not (tmp_path / "r.json").exists()


def test_forget_leaves_no_empty_receipt(run, photo, tmp_path: Path) -> None:
    """Whoever is not there is not asked about; neither that nor a no leaves a file."""
    run("enrol", "Ada", photo(1))
    file = tmp_path / "receipt.json"
    with pytest.raises(ResourceNotFound):
        run("forget", "Grace", "--receipt", str(file))
    assert run("forget", "Ada", "--receipt", str(file), said="n\n").exit_code == 1
    assert not file.exists()


def test_forget_tells_of_a_folder_that_cannot_be_searched(run, photo, memory: Memory) -> None:
    """The receipt comes, stderr has the reason, and the status is 2."""

    def refuse(_passages: object) -> None:
        raise PermissionError(13, "denied", "other")

    memory.find = refuse
    run("enrol", "Ada", photo(1))
    result = run("forget", "Ada", "--yes")
    assert (result.exit_code, result.stdout.startswith("receipt")) == (2, True)
    assert "could not be searched" in result.stderr


def test_a_receipt_says_what_was_not_searched(run, photo, memory: Memory) -> None:
    """Vectors that were in a service too: no search of the data folder proves anything about its disks."""
    for outside, named in (("milvus", ["milvus"]), ("", [])):
        memory.outside = outside
        run("enrol", "Ada", photo(1))
        assert told(run("forget", "Ada", "--yes", "--json"))["not_searched"] == named
        run("enrol", "Ada", photo(1))
        assert ("not in milvus" in run("forget", "Ada", "--yes").stdout) is bool(named)


def test_forget_names_what_it_cannot_erase(run, photo, memory: Memory) -> None:
    """Pictures in buckets stay, and are listed on stderr."""
    run("enrol", "Ada", photo(1))
    ref, uri = DatasetRef("people", "people"), "oss://photos/ada.jpg"

    async def add() -> None:
        person = await People(memory.faces, ref).find("Ada")
        (figure,) = await memory.faces.figures(ref, person.cluster_id)
        facts = FileFacts("0" * 32, 9, "image/png", FIRST, ImageSize(9, 9), 1, ())
        new = NewFigure("another", figure.face, np.eye(128, dtype=np.float32)[5])
        file = await memory.faces.put_file(ref, uri, FileSpec(), facts, [new], "colour@1")
        await memory.faces.pin(ref, person.cluster_id, [file.figures[0].number])

    anyio.run(add)
    assert f"still stored: {uri}" in run("forget", "Ada", "--yes").stderr
