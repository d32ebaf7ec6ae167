"""A folder's names come when they are asked for, and are the ones that its `exports.py` says."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import oss_faces
from oss_faces.late_import import late_import

PACKAGE = Path(oss_faces.__file__).parent
LATE = sorted(".".join(file.parent.relative_to(PACKAGE).parts) for file in PACKAGE.rglob("exports.py"))


def run(program: str) -> None:
    """Run a program in a fresh interpreter, since here everything is imported already."""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_folders_are_late() -> None:
    """The list below is not empty by a mistake in a path."""
    assert {"http", "storage", "stages", "operations.people"} <= set(LATE)


@pytest.mark.parametrize("folder", LATE)
def test_every_name_is_there(folder: str) -> None:
    """What `exports.py` offers, the folder has; and no module of the folder hides one of its names."""
    package, exports = import_module(f"oss_faces.{folder}"), import_module(f"oss_faces.{folder}.exports")
    modules = {file.stem for file in PACKAGE.joinpath(*folder.split(".")).iterdir()}
    for name in exports.__all__:
        assert getattr(package, name) is getattr(exports, name)
        assert name not in modules


def test_a_name_is_imported_when_it_is_asked_for() -> None:
    """Not with the folder, nor with one of its modules."""
    run(
        "import sys, oss_faces.detection, oss_faces.detection.settings\n"
        "assert 'DetectionSettings' not in vars(oss_faces.detection)\n"
        "from oss_faces.detection import DetectionSettings\n"
        "assert 'DetectionSettings' in vars(oss_faces.detection)"
    )


def test_a_name_comes_alone() -> None:
    """The others do not bring it, and it does not bring the others: nobody runs `exports.py`."""
    run(
        "import sys\n"
        "from oss_faces.inference import CENTERFACE\n"
        "assert 'oss_faces.inference.exports' not in sys.modules\n"
        "assert 'oss_faces.inference.session' not in sys.modules\n"
        "from oss_faces.inference import OnnxSession\n"
        "assert 'oss_faces.inference.session' in sys.modules"
    )


def test_a_module_of_the_folder_does_not_wait_for_its_names() -> None:
    """A private module can be imported first, and its siblings with it, though `exports.py` imports all of them."""
    run(
        "import oss_faces.protocol.signing; import oss_faces.protocol as one; one.signing.verify is one.verify or 1 / 0"
    )


@pytest.mark.parametrize("name", ["nothing", "__wrapped__", "_private"])
def test_an_unknown_name_is_an_error(name: str) -> None:
    """One that Python itself may ask for, too."""
    with pytest.raises(AttributeError, match=f"'oss_faces.detection' has no attribute '{name}'"):
        late_import("oss_faces.detection")(name)
