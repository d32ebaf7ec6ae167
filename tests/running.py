"""A real server process for tests, and the official SDK pointed at it."""

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import oss2

REGION = "cn-hangzhou"


@dataclass(frozen=True)
class RunningServer:
    process: subprocess.Popen[str]
    endpoint: str
    access_key_id: str
    access_key_secret: str
    log: Path
    data: Path

    def auth(self) -> oss2.AuthV4:
        return oss2.AuthV4(self.access_key_id, self.access_key_secret)

    def bucket(self, name: str = "examplebucket", **options) -> oss2.Bucket:
        return oss2.Bucket(self.auth(), self.endpoint, name, region=REGION, **options)

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.endpoint.removeprefix("http://").rpartition(":")
        return host, int(port)

    def stop(self) -> int:
        self.process.terminate()
        status = self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


def start_server(
    folder: Path,
    *flags: str,
    environment: dict[str, str] | None = None,
    module: str = "oss_faces",
    within: tuple[str, ...] = (),
) -> RunningServer:
    """Start `oss-faces serve` on a free port and wait for its greeting.

    Args:
        within: words before the command, which give it a view of the file system of its own.
    """
    data, log = folder / "data", folder / "log"
    command = [*within, sys.executable, "-m", module, "serve", "--listen", "127.0.0.1:0", "--data", str(data), *flags]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OSS_")}
    with log.open("a") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**clean, **(environment or {})}
        )
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip().startswith("endpoint"):
            break
    else:
        process.stdout.close()
        raise AssertionError(f"the server did not start ({process.wait()}):\n{log.read_text()}")
    if within:
        data = Path(f"/proc/{process.pid}/root{data}")
    endpoint = line.split()[1]
    return RunningServer(process, endpoint, *_root_key(data, environment or {}), log, data)


def _root_key(data: Path, environment: dict[str, str]) -> tuple[str, str]:
    if "OSS_FACES_ACCESS_KEY_SECRET" in environment:
        return environment["OSS_FACES_ACCESS_KEY_ID"], environment["OSS_FACES_ACCESS_KEY_SECRET"]
    key = json.loads((data / "root-key.json").read_text())
    return key["access_key_id"], key["access_key_secret"]


def portrait() -> Path:
    spec = importlib.util.find_spec("skimage")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data" / "astronaut.png"
