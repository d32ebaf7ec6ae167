"""Worker processes of a real server: killed under load, hung, and left behind by a server that was killed."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import oss2
import pytest

from tests.running import RunningServer, portrait, start_server

UNCACHED = {"OSS_FACES_CACHE__SIZE_BYTES_MAX": "0", "OSS_FACES_WORKERS__RUNNING": "2"}
CLIENTS, REQUESTS, KILLS = 4, 8, 4
GROWTH_KB_MAX = 40_000


def status_of(pid: int) -> dict[str, str]:
    """What /proc tells of a process; empty when there is none."""
    with suppress(FileNotFoundError, ProcessLookupError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return {}


def workers_of(server: RunningServer) -> list[int]:
    """Processes of the server that work on pictures."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        with suppress(OSError):
            is_worker = b"oss_faces.child" in (folder / "cmdline").read_bytes()
            if is_worker and status_of(pid).get("PPid") == str(server.process.pid):
                found.append(pid)
    return found


def is_alive(pid: int) -> bool:
    return status_of(pid).get("State", "Z")[0] not in "ZX"


def until(claim: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not claim():
        assert time.monotonic() < deadline, what
        threading.Event().wait(0.02)


def prepared(folder: Path, **environment: str) -> RunningServer:
    server = start_server(folder, environment={**UNCACHED, **environment})
    bucket = server.bucket()
    bucket.create_bucket()
    bucket.put_object_from_file("example.jpg", str(portrait()))
    return server


def ask(server: RunningServer) -> str:
    """Ask for the faces; tell how it ended."""
    try:
        answer = server.bucket().get_object("example.jpg", process="image/faces").read()
        return f"{len(json.loads(answer)['Figures'])} face"
    except oss2.exceptions.ServerError as exc:
        return f"{exc.status} {exc.code} {exc.headers.get('retry-after')}"


def ask_until_answered(server: RunningServer) -> None:
    until(lambda: ask(server) == "1 face", "the server answers again")


def used(server: RunningServer) -> dict[str, int]:
    command = [sys.executable, "-m", "oss_faces", "usage", "--data", str(server.data), "--json"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    rows = report if isinstance(report, list) else report["rows"]
    names = ("image_detect", "get_requests", "failed")
    return {name: sum(row[name] for row in rows) for name in names}


@pytest.mark.timeout(400)
def test_workers_killed_under_load_cost_a_request_each(tmp_path: Path) -> None:
    """Every request ends with its answer or with 503, all are counted, and the server is as it was before."""
    server = prepared(tmp_path, OSS_FACES_WORKERS__DEADLINE_S="60")
    ask_until_answered(server)
    before = used(server)
    until(lambda: len(workers_of(server)) == 2, "both workers are there")
    memory_kb = int(status_of(server.process.pid)["VmRSS"].split()[0])
    outcomes: Counter[str] = Counter()
    lock, chance = threading.Lock(), random.Random(5)  # noqa: S311  which worker is killed is no secret
    killed: list[int] = []

    def client() -> None:
        for _ in range(REQUESTS):
            outcome = ask(server)
            with lock:
                outcomes[outcome] += 1
                due = outcomes.total() * KILLS // (CLIENTS * REQUESTS)
                if due > len(killed) and (there := workers_of(server)):
                    killed.append(chance.choice(there))
                    os.kill(killed[-1], signal.SIGKILL)

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join(300)
        assert not thread.is_alive()
    assert set(outcomes) <= {"1 face", "503 ServiceUnavailable 1"}
    assert outcomes.total() == CLIENTS * REQUESTS
    assert len(killed) >= KILLS - 1
    while (outcome := ask(server)) != "1 face":
        outcomes[outcome] += 1
    lost = outcomes["503 ServiceUnavailable 1"]
    assert lost <= len(killed)
    after = used(server)
    assert after["failed"] - before["failed"] == lost
    assert after["image_detect"] - before["image_detect"] == outcomes["1 face"] + 1
    # One that ended while it had nothing to do is replaced when it is wanted.
    until(lambda: ask(server) == "1 face" and len(workers_of(server)) == 2, "both workers are there again")
    assert not set(killed) & set(workers_of(server))
    assert int(status_of(server.process.pid)["VmRSS"].split()[0]) - memory_kb < GROWTH_KB_MAX
    workers = workers_of(server)
    assert server.stop() == 0
    assert not [pid for pid in workers if is_alive(pid)]
    assert '"unforeseen"' not in server.log.read_text()


def test_a_worker_that_hangs_is_killed_at_the_deadline(tmp_path: Path) -> None:
    """Its request ends with 503 in time, and the next one finds another worker."""
    server = prepared(tmp_path, OSS_FACES_WORKERS__RUNNING="1", OSS_FACES_WORKERS__DEADLINE_S="3")
    ask_until_answered(server)
    (worker,) = workers_of(server)
    os.kill(worker, signal.SIGSTOP)
    assert ask(server) == "503 ServiceUnavailable 1"
    until(lambda: not is_alive(worker), "the worker is killed")
    ask_until_answered(server)
    assert server.stop() == 0


def test_workers_end_with_a_server_that_was_killed(tmp_path: Path) -> None:
    """One that hangs included: nobody is left to kill it, but for the kernel."""
    server = prepared(tmp_path)
    until(lambda: len(workers_of(server)) == 2, "both workers are there")
    ask_until_answered(server)
    workers = workers_of(server)
    os.kill(workers[0], signal.SIGSTOP)
    server.process.kill()
    server.process.wait(30)
    assert server.process.stdout is not None
    server.process.stdout.close()
    until(lambda: not [pid for pid in workers if is_alive(pid)], "no worker is left")


def test_a_signal_to_all_processes_lets_requests_be_finished(tmp_path: Path) -> None:
    """As a service manager or a terminal sends it: what has begun is answered, and the end is in order."""
    server = prepared(tmp_path)
    ask_until_answered(server)
    outcomes: list[str] = []

    def ask_once() -> None:
        with suppress(oss2.exceptions.RequestError):
            outcomes.append(ask(server))

    asker = threading.Thread(target=ask_once)
    asker.start()
    until(lambda: bool(workers_of(server)), "there are workers")
    for pid in (*workers_of(server), server.process.pid):
        os.kill(pid, signal.SIGTERM)
    asker.join(60)
    assert server.stop() == 0
    # It may have come too late to be taken, and was then not answered at all.
    assert outcomes in (["1 face"], [])
