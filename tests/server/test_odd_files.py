"""Odd and hostile picture files through the whole server."""

import json
import re
from pathlib import Path

import oss2
import pyarrow.parquet as pq
import pytest

from tests.running import start_server

MEMORY_BYTES_MAX = 1024**3
DOCUMENTED = {(400, "Imm Client"), (400, "ImageTooLarge")}


@pytest.mark.shared
@pytest.mark.timeout(600)
def test_every_odd_file_gives_faces_nothing_or_a_documented_refusal(shared, tmp_path):
    """No file of the odd set gives a 5xx, a hang, or a process of more than 1 GiB."""
    server = start_server(tmp_path)
    try:
        bucket = server.bucket()
        bucket.create_bucket()
        table = pq.read_table(shared / "data" / "odd_files.parquet", columns=["id", "bytes"])
        outcomes: dict[str, int] = {}
        for row in table.to_pylist():
            bucket.put_object(row["id"], row["bytes"])
            outcome = ask(bucket, row["id"])
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
        assert sum(outcomes.values()) == table.num_rows
        assert peak_memory_bytes(server.process.pid) < MEMORY_BYTES_MAX
    finally:
        assert server.stop() == 0


def ask(bucket: oss2.Bucket, key: str) -> str:
    """Return what came back: the number of faces, or the code of a documented refusal."""
    try:
        answer = json.loads(bucket.get_object(key, process="image/faces").read())
    except oss2.exceptions.ServerError as error:
        refusal = (error.status, error.code)
    else:
        return f"{len(answer['Figures'])} faces"
    assert refusal in DOCUMENTED, key
    return refusal[1]


def peak_memory_bytes(process_id: int) -> int:
    """Read the largest resident size that the process or one of its workers ever had."""
    process = Path(f"/proc/{process_id}")
    workers = (process / "task" / str(process_id) / "children").read_text().split()
    peaks = []
    for status in (process / "status", *(Path(f"/proc/{worker}/status") for worker in workers)):
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        assert found, "Linux tells it"
        peaks.append(int(found[1]) * 1024)
    return max(peaks)
