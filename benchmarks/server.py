"""What the server costs: signed requests over kept connections against the bare pipeline on as many threads."""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import oss2

from benchmarks.pictures import SIZES, portrait_jpeg
from benchmarks.sides import median_row, ratio_row
from evaluation.rows import Row
from oss_faces.pipeline import FacePipeline

CONCURRENCIES: Final = (1, 2, 8)
ROUNDS: Final = 5
SECONDS: Final = 2.0  # of each side of each round
PICTURE: Final = "0.5mp"
EXPIRES_S: Final = 3_600
BUCKET, KEY = "benchmarks", "portrait.jpg"

# The SDK has no types.
_SDK: Any = oss2

CpuClock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Throughput:
    """What came of calling for a while: pictures per second, and seconds of processor time for each picture."""

    per_second: float
    cpu_s: float


def measure(pipeline: FacePipeline) -> Iterator[Row]:
    """Compare pictures per second and processor time per picture, for each number of requests under way at once."""
    content = portrait_jpeg(SIZES[PICTURE])
    of = f"portrait_{PICTURE}"
    workers = os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="oss-faces-bench-") as folder, _running_server(Path(folder)) as running:
        process_id, bucket = running
        bucket.create_bucket()
        bucket.put_object(KEY, content)
        url = bucket.sign_url("GET", KEY, EXPIRES_S, params={"x-oss-process": "image/faces"}, slash_safe=True)
        server_cpu = partial(_cpu_seconds, process_id)
        for concurrency in CONCURRENCIES:
            bare, served = [], []
            for _ in range(ROUNDS):
                # The server works on no more pictures at once than there are processors; no more is asked of the line.
                lines = [partial(pipeline.find_faces, content)] * min(concurrency, workers)
                bare.append(_throughput(lines, time.process_time))
                with ExitStack() as opened:
                    kept = [opened.enter_context(closing(_Connection(url))) for _ in range(concurrency)]
                    served.append(_throughput([connection.ask for connection in kept], server_cpu))
            rates = [[side.per_second for side in rounds] for rounds in (served, bare)]
            costs = [[side.cpu_s for side in rounds] for rounds in (served, bare)]
            yield ratio_row("server", of, f"rate_http_over_bare_c{concurrency}", *rates)
            yield ratio_row("server", of, f"cpu_http_over_bare_c{concurrency}", *costs)
            yield median_row("server", of, f"http_per_s_c{concurrency}", rates[0], "1/s")


def _throughput(calls: Sequence[Callable[[], object]], cpu_clock: CpuClock) -> Throughput:
    """Call each of these from a thread of its own until the time is up."""

    def work(call: Callable[[], object], until: float) -> int:
        done = 0
        while time.perf_counter() < until:
            call()
            done += 1
        return done

    for call in calls:
        call()
    started, cpu_started = time.perf_counter(), cpu_clock()
    with ThreadPoolExecutor(len(calls)) as pool:
        done = sum(pool.map(lambda call: work(call, started + SECONDS), calls))
    return Throughput(done / (time.perf_counter() - started), (cpu_clock() - cpu_started) / done)


def _cpu_seconds(process_id: int) -> float:
    """Processor time of another process, as Linux counts it: to 10 ms. Source: proc(5), /proc/pid/stat."""
    behind_name = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in behind_name[11:13]) / os.sysconf("SC_CLK_TCK")


class _Connection:
    """One kept connection, which asks for the same signed URL again and again."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = f"{parts.path}?{parts.query}"
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> None:
        """Ask for the faces, and make sure that there is one."""
        self._connection.request("GET", self._target)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK or len(json.loads(body)["Figures"]) != 1:
            raise SystemExit(f"benchmarks: the server answered {answer.status} {body[:200]!r}")

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


@contextmanager
def _running_server(folder: Path) -> Iterator[tuple[int, Any]]:
    """Start the real server with a data folder of its own, and stop it in the end."""
    data = folder / "data"
    command = [sys.executable, "-m", "oss_faces", "serve", "--listen", "127.0.0.1:0", "--data", str(data)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OSS_")}
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=clean)
    try:
        endpoint = _read_endpoint(server)
        key = json.loads((data / "root-key.json").read_text())
        auth = _SDK.AuthV4(key["access_key_id"], key["access_key_secret"])
        yield server.pid, _SDK.Bucket(auth, endpoint, BUCKET, region="cn-hangzhou")
    finally:
        server.terminate()
        server.communicate(timeout=30)


def _read_endpoint(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None, "the server was started with a pipe"
    for line in server.stdout:
        if line.strip().startswith("endpoint"):
            return line.split()[1]
    raise SystemExit(f"benchmarks: the server did not start (exit status {server.wait()})")
