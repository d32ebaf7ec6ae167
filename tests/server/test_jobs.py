"""`oss-faces job` as a process, with real networks on small drawn pictures."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from oss_faces.jobs import Parts, ResultsFolder, columns_of, export, status_of

PICTURES = 60


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(PICTURES):
        shades = np.full((48, 64, 3), number * 4, np.uint8)
        Image.fromarray(shades).save(folder / f"{number:02d}.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    return folder


def job(*arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "oss_faces", "job", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OSS_")}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def finish(process: "subprocess.Popen[str]") -> str:
    out, errors = process.communicate(timeout=100)
    assert process.returncode == 0, errors
    return out


def rows(results: Path) -> list[str]:
    parts = Parts(ResultsFolder(results).parts, columns_of("faces"))
    return sorted(export(parts, "faces", "jsonl"))


def children(process_id: int) -> list[int]:
    found = Path(f"/proc/{process_id}/task").glob("*/children")
    return [int(child) for path in found for child in path.read_text().split()]


@pytest.mark.timeout(300)
def test_killed_and_resumed(pictures: Path, tmp_path: Path) -> None:
    """After kill -9 of the driver its workers end, too; resumed, the results are those of an undisturbed run."""
    finish(job("run", pictures, "--out", tmp_path / "calm", "--workers", 1))
    results = tmp_path / "killed"
    process = job("run", pictures, "--out", results, "--workers", 1)
    journal = results / "journal.jsonl"
    deadline_s = time.monotonic() + 80
    while not (journal.exists() and len(journal.read_bytes().splitlines()) >= 3):
        assert process.poll() is None
        assert time.monotonic() < deadline_s
        time.sleep(0.01)  # the job needs the processor
    workers = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert status_of(ResultsFolder(results)) == "interrupted"
    summary = json.loads(finish(job("resume", results, "--workers", 1)))
    assert summary["run"]["known"] >= 3
    assert summary["errors"] == {"CorruptImage": 1}
    assert summary["pictures"] == PICTURES + 1
    assert rows(results) == rows(tmp_path / "calm")
    assert workers
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
