"""The programs of the product page, run as they are printed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import oss2
import pytest

FIGURE_FIELDS = {
    "FigureId", "FigureType", "FigureConfidence", "FigureClusterId", "Boundary", "Age", "AgeSD", "Gender",
    "GenderConfidence", "Emotion", "EmotionConfidence", "Mouth", "MouthConfidence", "Beard", "BeardConfidence", "Hat",
    "HatConfidence", "Mask", "MaskConfidence", "Glasses", "GlassesConfidence", "HeadPose", "Sharpness", "FaceQuality",
    "Attractive",
}  # fmt: skip


def python_program(page: str) -> str:
    """Cut the Python program out of the page's text, which has lost its indentation: one try with one except."""
    program = page.split("要求使用Python SDK 2.18.4及以上版本。\n", 1)[1].split("Go\n要求使用Go SDK", 1)[0]
    head, _, rest = program.partition("\ntry:\n")
    attempt, _, failure = rest.partition("\nexcept ")
    clause, _, handler = failure.partition("\n")
    blocks = ("".join(f"    {line}\n" for line in block.splitlines()) for block in (attempt, handler))
    return f"{head}\ntry:\n{next(blocks)}except {clause}\n{next(blocks)}"


@pytest.mark.shared
@pytest.mark.conformance("oss2", "product_page")
def test_python_program_of_the_page_prints_the_faces(shared, server, bucket, tmp_path):
    """The product page's own program for this SDK prints the faces."""
    program = python_program((shared / "source" / "image-faces.zh-TW.txt").read_text(encoding="utf-8"))
    public = "https://oss-cn-hangzhou.aliyuncs.com"
    assert f"endpoint = '{public}'" in program
    script = tmp_path / "program.py"
    script.write_text(program.replace(f"endpoint = '{public}'", f"endpoint = '{server.endpoint}'"), encoding="utf-8")
    credentials = {
        "OSS_ACCESS_KEY_ID": server.access_key_id,
        "OSS_ACCESS_KEY_SECRET": server.access_key_secret,
        "PYTHONUTF8": "1",
    }
    done = run(script, credentials)
    assert done.returncode == 0, done.stderr
    title, _, document = done.stdout.partition("\n")
    assert title == "Image Faces:"
    figures = json.loads(document)["Figures"]
    assert len(figures) == 1
    assert set(figures[0]) == FIGURE_FIELDS


def test_answer_carries_every_field_of_the_sample(bucket):
    """Every field of the page's sample answer is there, with its type."""
    answer = json.loads(bucket.get_object("example.jpg", process="image/faces").read())
    assert set(answer) == {"RequestId", "Figures"}
    (figure,) = answer["Figures"]
    assert set(figure) == FIGURE_FIELDS
    assert set(figure["Boundary"]) == {"Left", "Top", "Width", "Height"}
    assert set(figure["HeadPose"]) == {"Pitch", "Roll", "Yaw"}
    assert all(isinstance(value, int) for value in figure["Boundary"].values())
    assert isinstance(figure["Age"], int)
    assert figure["FigureClusterId"] == "figure-cluster-id-unavailable"
    for name in ("Gender", "Emotion", "Mouth", "Beard", "Hat", "Mask", "Glasses"):
        assert 0 <= figure[f"{name}Confidence"] <= 1
    for name in ("Sharpness", "FaceQuality", "Attractive", "FigureConfidence"):
        assert 0 <= figure[name] <= 1


def test_the_portrait_is_described_as_a_person_would(bucket):
    """The answer is about this picture: a bare-headed woman who smiles, her face where it is."""
    answer = json.loads(bucket.get_object("example.jpg", process="image/faces").read())
    (figure,) = answer["Figures"]
    box = figure["Boundary"]
    center_x, center_y = box["Left"] + box["Width"] / 2, box["Top"] + box["Height"] / 2
    assert abs(center_x - 222) < 20
    assert abs(center_y - 115) < 25
    assert figure["Gender"] == "female"
    assert figure["Emotion"] == "happiness"
    assert (figure["Hat"], figure["Mask"], figure["Glasses"], figure["Beard"]) == ("none", "none", "none", "none")


def test_same_object_gives_the_same_figure_ids(bucket):
    """A FigureId is stable for one object version, and a RequestId is not."""
    first, second = (json.loads(bucket.get_object("example.jpg", process="image/faces").read()) for _ in range(2))
    assert first["Figures"] == second["Figures"]
    assert first["RequestId"] != second["RequestId"]


def test_success_headers_are_those_of_the_sample(bucket):
    """The headers describe the source object, the checksum the bytes that were sent."""
    result = bucket.get_object("example.jpg", process="image/faces")
    body = result.read()
    stored = bucket.head_object("example.jpg")
    assert result.headers["content-type"] == "application/json;charset=utf-8"
    assert result.headers["content-length"] == str(len(body))
    assert result.etag == stored.etag
    assert result.last_modified == stored.last_modified
    checksum = oss2.utils.Crc64()
    checksum.update(body)
    assert int(result.headers["x-oss-hash-crc64ecma"]) == checksum.crc
    assert len(result.headers["x-oss-request-id"]) == 24


def test_download_to_a_file_passes_the_checksum(bucket, tmp_path):
    """The SDK's download to a file checks the CRC of a processed answer and is content."""
    target = tmp_path / "faces.json"
    bucket.get_object_to_file("example.jpg", str(target), process="image/faces")
    assert json.loads(target.read_bytes())["Figures"]


def run(script: Path, credentials: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OSS_")}
    return subprocess.run(
        [sys.executable, str(script)],
        env={**environment, **credentials},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
