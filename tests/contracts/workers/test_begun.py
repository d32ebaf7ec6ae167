"""A worker that begins before the server does: the same one later, and none left over when nothing comes of it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from oss_faces.child.begun import BegunProcess, begun_process
from oss_faces.child.wire import greet
from oss_faces.cli.server_settings import greet_first
from oss_faces.config import Settings
from oss_faces.inference import CENTERFACE
from oss_faces.workers import ProcessCrew, WorkerSettings
from tests.contracts.workers.calls import Pid
from tests.contracts.workers.conftest import ROOT, hello
from tests.contracts.workers.test_processes import is_alive, until

pytestmark = pytest.mark.anyio

MARK = "LC_MARK_OF_A_TEST"
WAITING = """
import time
from oss_faces.child.begun import BegunProcess

begun = BegunProcess.begin()
print(1, flush=True)
time.sleep(99)
"""


def marked(mark: str) -> list[int]:
    """Give the processes that have the mark in their environment; a worker takes it over from its server."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


async def test_a_begun_process_becomes_the_first_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told what to load before the crew is made, and is the one that does the first work."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with begun_process() as begun:
        greet(begun, told := hello(Settings().stages))
        crew = ProcessCrew(1, told, begun=begun)
        await crew.start()
        assert begun.status is None
        pid = await crew.begin(Pid(), b"").result()
        assert pid == begun._process.pid
        await crew.aclose()
        assert begun.status == -signal.SIGKILL
    assert not is_alive(pid)


async def test_threads_end_it_at_once() -> None:
    """They need no process, and it has begun before anybody could know."""
    with begun_process() as begun:
        settings = Settings(workers=WorkerSettings(kind="threads", running=1))
        greet_first(settings, begun)
        assert begun.status is not None


async def test_a_begun_process_ends_with_the_one_that_began_it() -> None:
    """Also when that one is killed before it told it anything."""
    environment = {**os.environ, MARK: "killed"}
    with subprocess.Popen([sys.executable, "-c", WAITING], stdout=subprocess.PIPE, env=environment) as process:  # noqa: ASYNC220
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        assert len(marked("killed")) == 2
        process.kill()
    await until(lambda: not marked("killed"))


async def test_no_process_is_left_when_something_is_raised() -> None:
    """Whatever comes between, its end has come when the error goes on."""
    seen: list[BegunProcess] = []
    with pytest.raises(ValueError, match="anything"), begun_process() as begun:  # noqa: PT012
        seen.append(begun)
        raise ValueError("anything")
    assert seen[0].status == -signal.SIGKILL


def serve(folder: Path, *flags: str, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a server that cannot be started; give its exit status and what it says."""
    command = [sys.executable, "-m", "oss_faces", "serve", "--data", str(folder / "data"), *flags]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OSS_")}
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env={**clean, MARK: "fails", **(environment or {})},
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


async def test_a_start_that_fails_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    """Wrong settings, a port that is taken, a state that is none, a network that is not the right one."""
    models = tmp_path / "models"
    models.mkdir()
    (models / Path(CENTERFACE.file).name).write_bytes(b"not it")
    (tmp_path / "damaged" / "data").mkdir(parents=True, mode=0o700)
    (tmp_path / "damaged" / "data").chmod(0o700)
    (tmp_path / "damaged" / "data" / "state.sqlite").write_bytes(b"no database" * 1000)
    (tmp_path / "damaged" / "data" / "state.sqlite").chmod(0o600)
    free = "127.0.0.1:0"
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        outcomes = {
            "server.listen must be host:port": serve(tmp_path, "--listen", "nonsense"),
            taken: serve(tmp_path, "--listen", taken),
            "state.sqlite": serve(tmp_path / "damaged", "--listen", free),
            CENTERFACE.name_version: serve(
                tmp_path, "--listen", free, environment={"OSS_FACES_MODELS__FOLDER": str(models)}
            ),
        }
    for words, (status, said) in outcomes.items():
        assert status == 2, (words, said)
        last = said.splitlines()[-1]
        assert last.startswith("oss-faces: ")
        assert words in last
    assert not marked("fails")
