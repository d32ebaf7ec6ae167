"""The odd files again, this time edited: cut off, hostile, CMYK, 16 bit, animated, turned."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.shared

GIB = 1024**3
ERRORS = {"PictureNotSupported", "PictureDamaged", "PictureTooLarge"}
SECONDS_MAX = 5.0

# The process that edits: a list of what became of each file in each chain, with the processor time that it took.
EDIT_ALL = """
import json, resource, sys, time, warnings
from pathlib import Path
from oss_faces.decoding import DecodingSettings
from oss_faces.errors import PictureError
from oss_faces.imaging import ImagingSettings
from oss_faces.stages import PictureEditor
from oss_faces.protocol import resolve_process

warnings.simplefilter("error")
resource.setrlimit(resource.RLIMIT_AS, (3 * 1024**3,) * 2)
editor = PictureEditor(DecodingSettings(), ImagingSettings())
edits = [resolve_process(text).edits for text in (
    "image/resize,w_64/format,webp",
    "image/auto-orient,1/resize,m_pad,w_100,h_90,limit_0/rotate,30/format,png",
)]
for path in sorted(Path(sys.argv[1]).iterdir(), key=lambda path: int(path.name)):
    outcomes, started = [], time.process_time()
    content = path.read_bytes()
    for work in (editor.describe, *(lambda content, chain=chain: editor.edit(content, chain) for chain in edits)):
        try:
            work(content)
            outcomes.append("made")
        except PictureError as error:
            outcomes.append(type(error).__name__)
    status = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()
    row = {"outcomes": outcomes, "seconds": time.process_time() - started, "peak": int(status[0]) * 1024}
    print(json.dumps(row), flush=True)
"""


def test_each_gives_a_picture_or_a_documented_error(shared: Path, tmp_path: Path) -> None:
    """No file kills the process, takes long or much memory, or gets an answer of another family."""
    parquet = pytest.importorskip("pyarrow.parquet")
    odd_files = parquet.read_table(shared / "data" / "odd_files.parquet").to_pylist()
    for index, row in enumerate(odd_files):
        (tmp_path / str(index)).write_bytes(row["bytes"])
    command = [sys.executable, "-c", EDIT_ALL, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=115, check=False)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"died at {odd_files[len(rows)]['id']}: {done.stderr[-500:]}"
    assert len(rows) == len(odd_files) > 500
    assert {outcome for row in rows for outcome in row["outcomes"]} == {"made", *ERRORS}
    assert max(row["seconds"] for row in rows) < SECONDS_MAX
    assert max(row["peak"] for row in rows) < GIB
    # A file that is edited by one chain is edited by the other, and described.
    assert not [row for row in rows if row["outcomes"][1] != row["outcomes"][2]]
    assert not [row for row in rows if row["outcomes"][1] == "made" != row["outcomes"][0]]
