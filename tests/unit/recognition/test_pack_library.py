from datetime import UTC, datetime
from pathlib import Path

import pytest

from oss_faces.errors import ConfigurationError, ModelUnavailable
from oss_faces.recognition import Calibration, PackLibrary, PackSpec
from tests.packs import network, write_pack

NOW = datetime(2024, 5, 1, tzinfo=UTC)
MEASURED = Calibration(((0.001, 0.5), (0.01, 0.6)))


@pytest.fixture
def library(tmp_path: Path) -> PackLibrary:
    return PackLibrary(tmp_path / "packs", lambda: NOW)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_pack(tmp_path, network())


def take(content: bytes, spec: PackSpec) -> None:
    """A check that every network passes."""


def add(library: PackLibrary, source: Path) -> None:
    library.add(source, library.read(source), take)


def test_a_pack_is_added_and_opened(library: PackLibrary, source: Path) -> None:
    """The network and what is known of it come back; the file that was brought is not needed any more."""
    spec = library.read(source)
    add(library, source)
    (source.parent / "tiny.onnx").unlink()
    assert library.names() == ["tiny@1"]
    assert library.open("tiny@1") == (network(), spec)


def test_no_folder_no_packs(library: PackLibrary) -> None:
    """Before the first is added there are none, and none can be opened."""
    assert library.names() == []
    with pytest.raises(ConfigurationError, match=r"no pack 'tiny@1'.*none"):
        library.open("tiny@1")


def test_another_network_of_the_same_version_is_refused(library: PackLibrary, source: Path) -> None:
    """A version is one network for ever."""
    add(library, source)
    with pytest.raises(ConfigurationError, match="already"):
        add(library, source)


def test_network_that_cannot_be_used_leaves_nothing(library: PackLibrary, source: Path) -> None:
    """A check that fails, a wrong digest and a missing file add no pack."""

    def refuse(content: bytes, spec: PackSpec) -> None:
        raise ModelUnavailable("no")

    with pytest.raises(ModelUnavailable, match="no"):
        library.add(source, library.read(source), refuse)
    (source.parent / "tiny.onnx").write_bytes(b"changed")
    with pytest.raises(ModelUnavailable, match="sha256"):
        add(library, source)
    (source.parent / "tiny.onnx").unlink()
    with pytest.raises(ModelUnavailable, match="cannot read"):
        add(library, source)
    assert library.names() == []
    assert list(library.folder.iterdir()) == []


def test_what_changed_after_acceptance_is_not_added(library: PackLibrary, source: Path) -> None:
    """Other terms than those that were shown are not accepted."""
    spec = library.read(source)
    source.write_text(source.read_text().replace("MIT", "Pay me"))
    with pytest.raises(ConfigurationError, match="changed"):
        library.add(source, spec, take)


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("pack.toml", (b"MIT", b"GPL"), "not accepted as it stands"),
        ("accepted.json", (b"licence_sha256", b"nothing"), "not accepted as it stands"),
        ("accepted.json", (b"{", b""), "cannot read"),
        ("model.onnx", (b"tiny", b"evil"), "sha256"),
        ("pack.toml", (b"name", b"nome"), "name"),
    ],
)
def test_what_was_changed_in_the_folder_is_not_opened(
    library: PackLibrary, source: Path, file: str, change: tuple[bytes, bytes], said: str
) -> None:
    """Neither other terms nor another network nor a broken file is used."""
    add(library, source)
    place = library.folder / "tiny@1" / file
    place.write_bytes(place.read_bytes().replace(*change, 1))
    with pytest.raises((ConfigurationError, ModelUnavailable), match=said):
        library.open("tiny@1")


def test_what_was_measured_counts_in_its_own_space_alone(library: PackLibrary, source: Path) -> None:
    """A calibration that was measured replaces that of the file, until the network is fed otherwise."""
    add(library, source)
    library.keep_calibration("tiny@1", MEASURED)
    assert library.open("tiny@1")[1].calibration == MEASURED
    toml = library.folder / "tiny@1" / "pack.toml"
    toml.write_text(toml.read_text().replace("[calibration]", "[input]\nmean = 1\n[calibration]"))
    assert library.open("tiny@1")[1].calibration == Calibration(((0.001, 0.2), (0.01, 0.4)))


def test_impossible_calibration_is_not_kept(library: PackLibrary, source: Path) -> None:
    """What nobody can have measured is refused."""
    add(library, source)
    with pytest.raises(ConfigurationError, match="rates"):
        library.keep_calibration("tiny@1", Calibration(()))


def test_removed_pack_is_gone(library: PackLibrary, source: Path) -> None:
    """Its name is free again."""
    add(library, source)
    library.remove("tiny@1")
    assert library.names() == []
    add(library, source)


def test_a_pack_that_cannot_be_deleted_is_an_error_of_ours(
    library: PackLibrary, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that is not ours ends in one line."""

    def refuse(path: Path) -> None:
        raise PermissionError(13, "denied", str(path))

    add(library, source)
    monkeypatch.setattr("shutil.rmtree", refuse)
    with pytest.raises(ConfigurationError, match=r"cannot delete .*denied"):
        library.remove("tiny@1")


def test_a_source_that_is_too_long_is_refused(library: PackLibrary, source: Path) -> None:
    """It is never read in part: terms behind the end would not have been seen."""
    with source.open("a") as file:
        file.write("#" * (1 << 20))
    with pytest.raises(ConfigurationError, match="more than"):
        library.read(source)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"= 1"])
def test_source_that_cannot_be_read_is_named(library: PackLibrary, tmp_path: Path, content: bytes) -> None:
    """The error begins with the file."""
    (tmp_path / "wrong.toml").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"wrong\.toml: not valid TOML"):
        library.read(tmp_path / "wrong.toml")
    with pytest.raises(ConfigurationError, match=r"absent\.toml"):
        library.read(tmp_path / "absent.toml")
