"""A real server of its own for a benchmark, and requests to it that the official SDK signs (V4, by header)."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import oss2
import requests

from benchmarks.client import Plan

BUCKET: Final = "benchmarks"
REGION: Final = "cn-hangzhou"
FACES: Final = "image/faces"
STOP_S: Final = 60.0

# The SDK has no types.
_SDK: Any = oss2

Call = Callable[[Any], object]
"""Something that is asked of a bucket of the SDK."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        process: its first process.
        endpoint: `http://host:port`.
        folder: where it keeps everything.
    """

    process: subprocess.Popen[str]
    endpoint: str
    folder: Path

    @property
    def bucket(self) -> Any:
        """A bucket of the SDK, which sends."""
        return self._bucket(_SDK.Session())

    def plan(self, calls: Sequence[Call]) -> Plan:
        """Write and sign what the SDK would send, and send nothing. Signatures hold for a quarter of an hour."""
        recorder = _Recorder()
        bucket = self._bucket(recorder)
        place = urlsplit(self.endpoint)
        assert place.hostname, "the server listens somewhere"
        assert place.port, "at a port"
        return Plan(place.hostname, place.port, tuple(recorder.record(call, bucket) for call in calls))

    def _bucket(self, session: Any) -> Any:
        key = json.loads((self.folder / "data" / "root-key.json").read_text())
        auth = _SDK.AuthV4(key["access_key_id"], key["access_key_secret"])
        return _SDK.Bucket(auth, self.endpoint, BUCKET, session=session, region=REGION, enable_crc=False)


@contextmanager
def running_server(folder: Path | None = None, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start the real server, with the bucket `BUCKET`, and stop it in the end.

    Args:
        folder: for its data, which stay; without one they go with it.
        settings: environment names of settings to values.
    """
    with tempfile.TemporaryDirectory(prefix="oss-faces-bench-") as temporary:
        server = start(folder or Path(temporary), settings or {})
        try:
            server.bucket.create_bucket()
            yield server
        finally:
            server.process.terminate()
            server.process.communicate(timeout=STOP_S)


def start(folder: Path, settings: Mapping[str, str]) -> Server:
    """Start the server and wait until it listens; whoever starts it stops it."""
    data = folder / "data"
    command = [sys.executable, "-m", "oss_faces", "serve", "--listen", "127.0.0.1:0", "--data", str(data)]
    environment = {**plain_environment(), **settings}
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment, cwd=folder)
    assert process.stdout is not None, "the server was started with a pipe"
    for line in process.stdout:
        if line.strip().startswith("endpoint"):
            return Server(process, line.split()[1], folder)
    raise SystemExit(f"benchmarks: the server did not start (exit status {process.wait()}); see {folder / 'log'}")


def plain_environment() -> dict[str, str]:
    """Give the environment of a program that is measured: none of our settings, and its code is compiled once.

    Installers compile what they install. A place that forbids keeping compiled code would have it compiled at each
    start, which takes longer than all else.
    """
    forbids = "PYTHONDONTWRITEBYTECODE"
    return {name: value for name, value in os.environ.items() if not name.startswith("OSS_") and name != forbids}


def ask_faces(key: str) -> Call:
    """Ask for the faces of an object."""
    return lambda bucket: bucket.get_object(key, process=FACES)


class _Kept(Exception):  # noqa: N818  # nothing is wrong: it takes the SDK back before it looks for an answer
    """Raised instead of sending."""


class _Recorder:
    """Takes the place of the SDK's session, and keeps what it is given to send."""

    def __init__(self) -> None:
        self._wire = b""

    def record(self, call: Call, bucket: Any) -> bytes:
        """Give the bytes of the request that a call makes."""
        try:
            call(bucket)
        except _Kept:
            return self._wire
        raise AssertionError("a call of the SDK sends one request")

    def do_request(self, request: Any, timeout: object) -> None:  # noqa: ARG002  # the SDK's own call
        """Called by the SDK with a signed request."""
        headers = {name: value for name, value in request.headers.items() if value is not None}
        whole = requests.Request(request.method, request.url, headers, data=request.data, params=request.params)
        self._wire = to_wire(whole.prepare())
        raise _Kept


def to_wire(prepared: Any) -> bytes:
    """Write a prepared request of `requests` as it goes over the wire."""
    body = prepared.body or b""
    content = body.encode() if isinstance(body, str) else body
    assert isinstance(content, bytes), "bodies are written whole"
    place = urlsplit(prepared.url).netloc
    lines = [f"{prepared.method} {prepared.path_url} HTTP/1.1", f"Host: {place}"]
    lines += [f"{name}: {value}" for name, value in prepared.headers.items() if name.lower() != "host"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content
