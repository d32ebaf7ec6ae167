"""What is installed: the wheel carries everything that the server reads at run time."""

import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "oss_faces"


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The files of a wheel that is built now."""
    [wheel] = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")))
    with zipfile.ZipFile(wheel) as archive:
        return frozenset(archive.namelist())


@pytest.mark.parametrize("folder", ["console", "models"])
def test_wheel_has_every_file_that_is_no_code(names: frozenset[str], folder: str) -> None:
    """The console and the networks with their cards, whole."""
    wanted = {f"oss_faces/{path.relative_to(PACKAGE)}" for path in (PACKAGE / folder).rglob("*") if path.is_file()}
    assert {"console": "oss_faces/console/index.html", "models": "oss_faces/models/cards.json"}[folder] in wanted
    assert wanted <= names


def test_wheel_has_the_code_and_nothing_else(names: frozenset[str]) -> None:
    """Neither tests nor pictures nor reports."""
    assert "oss_faces/serving.py" in names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"oss_faces"}
