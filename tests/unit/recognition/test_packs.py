from dataclasses import replace
from pathlib import Path

import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.recognition import Calibration, PackInput, PackSpec
from oss_faces.recognition.packs import parse_pack

TEXT = f"""
name = "tiny"
version = "1.2"
licence = "MIT"
sha256 = "{"a" * 64}"
file = "tiny.onnx"

[input]
colours = "bgr"
mean = 0
divisor = 255

[calibration]
strangers = [[0.001, 1.1], [0.01, 1.2]]
"""


def test_a_pack_is_read() -> None:
    """Every field of the file arrives."""
    spec = parse_pack(TEXT.encode())
    assert spec == PackSpec(
        "tiny",
        "1.2",
        "MIT",
        "a" * 64,
        file="tiny.onnx",
        input=PackInput("bgr", 0.0, 255.0),
        calibration=Calibration(((0.001, 1.1), (0.01, 1.2))),
    )
    assert spec.name_version == "tiny@1.2"


def test_everything_that_a_vector_depends_on_is_in_the_name_of_its_space() -> None:
    """Another file, order of colours or normalisation is another space; another licence or calibration is not."""
    spec = parse_pack(TEXT.encode())
    others = [
        replace(spec, sha256="b" * 64),
        replace(spec, version="2"),
        replace(spec, input=PackInput("rgb", 0.0, 255.0)),
        replace(spec, input=PackInput("bgr", 1.0, 255.0)),
    ]
    assert len({spec.space, *(other.space for other in others)}) == 5
    assert replace(spec, licence="other", calibration=None, file="", url="http://x").space == spec.space


def test_example_of_the_manual_is_a_pack() -> None:
    """What the page shows can be copied."""
    page = Path(__file__).parents[3] / "docs" / "packs.md"
    spec = parse_pack(page.read_text(encoding="utf-8").split("```")[1].encode())
    assert spec.name_version == "mobile@1"
    assert spec.calibration is not None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "tiny"', 'name = "../tiny"', "name"),
        ('version = "1.2"', 'version = "1/2"', "version"),
        ('licence = "MIT"', 'licence = " "', "licence"),
        ('licence = "MIT"', "", "licence"),
        ("aaaa", "AAAA", "sha256"),
        ('file = "tiny.onnx"', "", "file or url"),
        ('file = "tiny.onnx"', 'file = "tiny.onnx"\nurl = "http://x"', "file or url"),
        ('file = "tiny.onnx"', 'file = "tiny.onnx"\nfoo = 1', "foo"),
        ('colours = "bgr"', 'colours = "grey"', "input.colours"),
        ("divisor = 255", "divisor = 0", "divisor"),
        ("[0.001, 1.1]", "[0.002, 1.1]", "rates"),
        ("[0.001, 1.1]", '["x", 1.1]', "calibration.strangers"),
        ("[input]", "[input", "TOML"),
    ],
)
def test_what_cannot_be_is_named(old: str, new: str, said: str) -> None:
    """Each mistake is an error that says where it is."""
    with pytest.raises(ConfigurationError, match=said):
        parse_pack(TEXT.replace(old, new, 1).encode())
