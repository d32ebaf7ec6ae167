"""The pipeline as a library."""

import dataclasses
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

import oss_faces
from oss_faces.analysis import FixedAnalyser
from oss_faces.config import Settings
from oss_faces.decoding import DecodingSettings, decode
from oss_faces.detection import FixedDetector
from oss_faces.errors import ConfigurationError, ImageTooLarge, UnsupportedFormat
from oss_faces.pipeline import FacePipeline
from oss_faces.values import Box, Detections, Label
from tests.running import portrait

FOUND = Detections(
    np.array([[1, 1, 3, 3], [2, 3, 12, 18]], np.float32),
    np.array([0.9, 0.8], np.float32),
    np.zeros((2, 5, 2), np.float32),
)


@pytest.fixture
def pipeline() -> FacePipeline:
    analyser = FixedAnalyser({"gender": Label("female", 0.75)})
    settings = DecodingSettings()
    return FacePipeline(lambda data: decode(data, settings), FixedDetector(FOUND), analyser, ("fixed@1",))


@pytest.fixture
def picture() -> bytes:
    buffer = io.BytesIO()
    PillowImage.new("RGB", (30, 20), "grey").save(buffer, "PNG")
    return buffer.getvalue()


def test_bytes_path_and_name_give_the_same_faces(pipeline: FacePipeline, picture: bytes, tmp_path: Path) -> None:
    """A picture is bytes or a file, named by text or path; the faces come by area, the largest first."""
    file = tmp_path / "photo.jpg"
    file.write_bytes(picture)
    for source in (picture, file, str(file)):
        faces = oss_faces.detect(source, pipeline)
        assert [face.box for face in faces] == [Box(2, 3, 12, 18), Box(1, 1, 3, 3)]
        assert faces[0].gender == oss_faces.Label("female", 0.75)


def test_long_file_is_not_read_whole(pipeline: FacePipeline, tmp_path: Path) -> None:
    """The limit is that of the pipeline, and a terabyte of holes costs no memory."""
    file = tmp_path / "long.jpg"
    with file.open("wb") as made:
        made.truncate(10**12)
    with pytest.raises(ImageTooLarge):
        oss_faces.detect(file, pipeline)
    with pytest.raises(ImageTooLarge):
        oss_faces.detect(portrait(), dataclasses.replace(pipeline, size_bytes_max=1000))


def test_what_cannot_be_read_is_an_error(pipeline: FacePipeline, tmp_path: Path) -> None:
    """A missing file and a file that is no picture are not the same as no face."""
    with pytest.raises(FileNotFoundError):
        oss_faces.detect(tmp_path / "absent.jpg", pipeline)
    with pytest.raises(UnsupportedFormat):
        oss_faces.detect(b"no picture", pipeline)


def test_wrong_settings_load_nothing() -> None:
    """Settings are checked before a model is."""
    with pytest.raises(ConfigurationError):
        oss_faces.load_pipeline(Settings(decoding=DecodingSettings(pixels_max=0)))


def test_importing_the_package_loads_no_runtime() -> None:
    """`import oss_faces` is cheap; names are found on first use, and unknown ones are not."""
    program = """
import sys
import oss_faces
assert not {"onnxruntime", "uvicorn", "numpy", "PIL"} & set(sys.modules)
assert oss_faces.Face.__name__ == "Face"
assert "onnxruntime" not in sys.modules
for name in oss_faces.__all__:
    assert getattr(oss_faces, name).__name__ == name
try:
    oss_faces.absent
except AttributeError as error:
    assert "absent" in str(error)
else:
    raise AssertionError
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_default_pipeline_describes_a_face() -> None:
    """Without settings the installed models are loaded once; every attribute of the one face is there."""
    [face] = oss_faces.detect(portrait())
    [again] = oss_faces.detect(portrait().read_bytes())
    assert (again.box, again.score, again.age) == (face.box, face.score, face.age)
    assert face.score > 0.5
    assert 160 < face.box.left < face.box.right < 300
    assert all(getattr(face, field.name) is not None for field in dataclasses.fields(face))


def test_public_names_are_shown_before_they_are_used() -> None:
    """Completion and `help` know what there is, also in a program that has only imported the package."""
    program = "import oss_faces; print(*dir(oss_faces))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, timeout=60)
    assert done.stdout.split() == sorted(oss_faces.__all__)
