"""An imaging library's own odd test files: cut off, hostile, CMYK, 16 bit, animated, turned.

They are decoded in a process of their own, which has limits on memory and time and must not die.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.shared

GIB = 1024**3
ERRORS = {"UnsupportedFormat", "CorruptImage", "ImageTooLarge"}
LISTED = {"JPEG", "MPO", "PNG", "BMP", "GIF", "WEBP", "TIFF", "AVIF"}
# Files of a listed format that the library decodes and we refuse, each with the reason. None at present.
REFUSED: dict[str, str] = {}
SECONDS_MAX = 5.0

# The process that decodes: one line of JSON for each file, so that a file that kills it is the next one.
DECODE_ALL = """
import json, resource, sys, time, warnings
from pathlib import Path
from oss_faces.decoding import DecodingSettings, decode
from oss_faces.errors import ImageError

warnings.simplefilter("error")
resource.setrlimit(resource.RLIMIT_AS, (3 * 1024**3,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (100, 100))
for path in sorted(Path(sys.argv[1]).iterdir(), key=lambda path: int(path.name)):
    started = time.process_time()
    try:
        image = decode(path.read_bytes(), DecodingSettings())
        outcome, size = "Image", [image.size.width, image.size.height]
    except ImageError as error:
        outcome, size = type(error).__name__, None
    status = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()
    seconds = time.process_time() - started
    row = {"name": path.name, "outcome": outcome, "size": size, "seconds": seconds, "peak": int(status[0]) * 1024}
    print(json.dumps(row), flush=True)
"""


@pytest.fixture(scope="module")
def odd_files(shared: Path) -> list[dict]:
    parquet = pytest.importorskip("pyarrow.parquet")
    return parquet.read_table(shared / "data" / "odd_files.parquet").to_pylist()


@pytest.fixture(scope="module")
def outcomes(odd_files: list[dict], tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """What became of each file, in the order of `odd_files`."""
    folder = tmp_path_factory.mktemp("odd")
    for index, row in enumerate(odd_files):
        (folder / str(index)).write_bytes(row["bytes"])
    command = [sys.executable, "-c", DECODE_ALL, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"died at {odd_files[len(rows)]['id']}: {done.stderr[-500:]}"
    return rows


def test_each_gives_a_picture_or_a_documented_error(odd_files: list[dict], outcomes: list[dict]):
    """No file kills the process, hangs it, or gets another answer."""
    assert len(outcomes) == len(odd_files) > 500
    assert {row["outcome"] for row in outcomes} <= {"Image", *ERRORS}
    slow = [(odd["id"], row["seconds"]) for odd, row in zip(odd_files, outcomes, strict=True)]
    assert [entry for entry in slow if entry[1] > SECONDS_MAX] == []


def test_none_takes_more_than_a_gibibyte(outcomes: list[dict]):
    """The peak of the process over all files."""
    assert max(row["peak"] for row in outcomes) <= GIB


def test_every_good_file_of_a_listed_format_is_decoded(odd_files: list[dict], outcomes: list[dict]):
    """What the library itself decodes, we decode, at the same size (turned pictures have theirs swapped)."""
    wrong = []
    for odd, row in zip(odd_files, outcomes, strict=True):
        if odd["format"] not in LISTED or odd["pillow_status"] != "ok" or odd["id"] in REFUSED:
            continue
        if row["outcome"] != "Image" or sorted(row["size"]) != sorted((odd["width"], odd["height"])):
            wrong.append((odd["id"], row["outcome"], row["size"], odd["width"], odd["height"]))
    assert wrong == []


def test_no_other_format_is_decoded(odd_files: list[dict], outcomes: list[dict]):
    """Formats that the library knows and we do not list stay closed."""
    others = {
        row["outcome"]
        for odd, row in zip(odd_files, outcomes, strict=True)
        if odd["format"] and odd["format"] not in LISTED
    }
    assert others == {"UnsupportedFormat"}
